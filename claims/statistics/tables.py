"""Labels of one question as a table of count patterns: every coefficient is computed from it, never from single labels.

Units with the same number of labels for each choice are alike to a coefficient, so one row stands for all of them:
five choices and three labels a unit give 35 rows, however many units there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Pattern = tuple[int, ...]

LARGEST_COUNTED_CODE = 1 << 22  # up to here a second bincount is quicker than a sort, and its array stays at 32 MB
LARGEST_EXACT_FLOAT = 1 << 53


@dataclass(frozen=True)
class LabelTable:
    """Rows of alike units.

    counts    rows x choices: labels that one unit of the row has for each choice
    units     rows: how many units the row stands for
    articles  rows: code of the article the units belong to, where an interval is to be resampled by article
    answers   rows x reviewers: choice index or -1, only where a coefficient needs to know who said what
    """

    counts: Ints
    units: Ints
    articles: Ints | None = None
    answers: Ints | None = None

    @cached_property
    def labels(self) -> Ints:
        """rows: labels on one unit of the row."""
        total: Ints = self.counts.sum(axis=1)
        return total

    @property
    def n_units(self) -> int:
        """Units with at least one label."""
        return int(self.units[self.labels >= 1].sum())

    @property
    def n_pairable(self) -> int:
        """Units with at least two labels."""
        return int(self.units[self.labels >= 2].sum())

    @property
    def n_labels(self) -> int:
        return int((self.units * self.labels).sum())

    @cached_property
    def n_articles(self) -> int | None:
        return None if self.articles is None else int(np.unique(self.articles[self.labels >= 1]).size)

    @property
    def n_reviewers(self) -> int | None:
        """Reviewers with at least one label, where the table knows who said what."""
        return None if self.answers is None else int((self.answers >= 0).any(axis=0).sum())

    def units_with_choice(self) -> Ints:
        """choices: pairable units in which at least one reviewer gave the choice."""
        pairable = self.labels >= 2
        present: Ints = ((self.counts[pairable] > 0) * self.units[pairable, None]).sum(axis=0)
        return present


def table_from_patterns(patterns: Mapping[Pattern, int], size: int) -> LabelTable:
    """The table of `{labels for each choice: number of units}`, for a question with `size` declared choices."""
    rows = [(pattern, n) for pattern, n in sorted(patterns.items()) if n and any(pattern)]
    return LabelTable(
        counts=np.array([pattern for pattern, _ in rows], dtype=np.int64).reshape(len(rows), size),
        units=np.array([n for _, n in rows], dtype=np.int64),
    )


def table_from_articles(patterns: Mapping[tuple[int, Pattern], int], size: int) -> LabelTable:
    """The table of `{(article code, labels for each choice): number of units}`."""
    rows = [(article, pattern, n) for (article, pattern), n in sorted(patterns.items()) if n and any(pattern)]
    return LabelTable(
        counts=np.array([pattern for _, pattern, _ in rows], dtype=np.int64).reshape(len(rows), size),
        units=np.array([n for _, _, n in rows], dtype=np.int64),
        articles=np.array([article for article, _, _ in rows], dtype=np.int64),
    )


def table_from_matrix(rows: Iterable[Sequence[int | None]], size: int) -> LabelTable:
    """The table of a units x reviewers matrix of choice indices, None where no label was given. Keeps who said what."""
    coded = [[-1 if value is None else value for value in row] for row in rows]
    wide = max(map(len, coded), default=0)
    answers = np.array(coded, dtype=np.int64).reshape(len(coded), wide)
    answers = answers[(answers >= 0).any(axis=1)]
    if not len(answers):
        return LabelTable(np.zeros((0, size), dtype=np.int64), np.zeros(0, dtype=np.int64), answers=answers)
    distinct, units = np.unique(answers, axis=0, return_counts=True)
    counts = (distinct[:, :, None] == np.arange(size)).sum(axis=1).astype(np.int64)
    return LabelTable(counts, units.astype(np.int64), answers=distinct)


def table_from_labels(units: Ints, values: Ints, size: int, *, articles: Ints | None = None) -> LabelTable:
    """The table of single labels in long form, in one pass over them.

    `units` are codes from 0, `values` choice indices from 0 to `size` - 1, `articles` the article code of each unit.
    One weighted count gives every unit a whole number whose digits are its labels for each choice; counting those
    numbers gives the patterns. Labels may come in any order.
    """
    if not len(units):
        return LabelTable(np.zeros((0, size), dtype=np.int64), np.zeros(0, dtype=np.int64))
    base = int(np.bincount(units).max()) + 1
    if base**size >= LARGEST_EXACT_FLOAT:
        return _table_of_wide_counts(units, values, size, articles)
    powers = np.power(float(base), np.arange(size))
    codes = np.bincount(units, weights=powers[values]).astype(np.int64)
    distinct, number, article = _count_codes(codes, base**size, articles)
    labelled = distinct > 0
    digits = distinct[labelled, None] // np.power(base, np.arange(size), dtype=np.int64) % base
    return LabelTable(digits, number[labelled], None if article is None else article[labelled])


def _count_codes(codes: Ints, limit: int, articles: Ints | None) -> tuple[Ints, Ints, Ints | None]:
    if articles is not None:
        known, article = np.unique(articles[: len(codes)], return_inverse=True)
        if len(known) * limit >= np.iinfo(np.int64).max:
            pairs, number = np.unique(np.stack([known[article], codes]), axis=1, return_counts=True)
            return pairs[1], number.astype(np.int64), pairs[0]
        keys, number = np.unique(article * limit + codes, return_counts=True)
        return keys % limit, number.astype(np.int64), known[keys // limit]
    if limit <= LARGEST_COUNTED_CODE:
        counted = np.bincount(codes)
        distinct = np.flatnonzero(counted)
        return distinct.astype(np.int64), counted[distinct].astype(np.int64), None
    distinct, number = np.unique(codes, return_counts=True)
    return distinct, number.astype(np.int64), None


def _table_of_wide_counts(units: Ints, values: Ints, size: int, articles: Ints | None) -> LabelTable:
    """Many choices or many labels a unit: the digits do not fit one number, so rows of counts are compared instead."""
    counts = np.zeros((int(units.max()) + 1, size), dtype=np.int64)
    np.add.at(counts, (units, values), 1)
    labelled = counts.any(axis=1)
    if articles is None:
        distinct, number = np.unique(counts[labelled], axis=0, return_counts=True)
        return LabelTable(distinct, number.astype(np.int64))
    keyed = np.column_stack([articles[: len(counts)][labelled], counts[labelled]])
    distinct, number = np.unique(keyed, axis=0, return_counts=True)
    return LabelTable(distinct[:, 1:], number.astype(np.int64), distinct[:, 0])
