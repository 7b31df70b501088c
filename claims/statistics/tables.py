"""Labels of one question as a table of count patterns: every coefficient is computed from it, never from single labels.

Units with the same number of labels for each choice are alike to a coefficient, so one row stands for all of them:
five choices and three labels a unit give 35 rows, however many units there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Pattern = tuple[int, ...]

LARGEST_COUNTED_CODE = 1 << 22  # up to here a second bincount is quicker than a sort, and its array stays at 32 MB
LARGEST_EXACT_FLOAT = 1 << 53
SLOTS = 1 << 18  # of a table of 2 MB, which stays near the processor


@dataclass(frozen=True)
class ArticleTypes:
    """Articles with the same number of units of each row are alike, too, and stand in one line.

    units   types x rows: units of each row that one article of the type has (sparse)
    weight  types: how many articles the line stands for
    """

    units: sparse.csr_array
    weight: Ints


@dataclass(frozen=True)
class LabelTable:
    """Rows of alike units.

    counts    rows x choices: labels that one unit of the row has for each choice
    units     rows: how many units the row stands for
    articles  how the units lie in articles, where an interval is to be resampled by article
    answers   rows x reviewers: choice index or -1, only where a coefficient needs to know who said what
    """

    counts: Ints
    units: Ints
    articles: ArticleTypes | None = None
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

    @property
    def n_articles(self) -> int | None:
        """Articles with at least one label."""
        return None if self.articles is None else int(self.articles.weight.sum())

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


def table_from_articles(
    patterns: Mapping[tuple[int, Pattern], int], size: int, *, alone: Mapping[Pattern, int] | None = None
) -> LabelTable:
    """The table of `{(article code, labels for each choice): number of units}`; `alone` are units without an article,
    each of which counts as an article of its own."""
    rows = [(article, pattern, n) for (article, pattern), n in sorted(patterns.items()) if n and any(pattern)]
    single = {pattern: n for pattern, n in (alone or {}).items() if n > 0 and any(pattern)}
    distinct = {pattern: n for n, pattern in enumerate(sorted({pattern for _, pattern, _ in rows} | single.keys()))}
    row = np.array([distinct[pattern] for _, pattern, _ in rows], dtype=np.int64)
    number = np.array([n for _, _, n in rows], dtype=np.int64)
    articles = np.array([article for article, _, _ in rows], dtype=np.int64)
    lonely = np.array([single.get(pattern, 0) for pattern in distinct], dtype=np.int64)
    return LabelTable(
        counts=np.array(list(distinct), dtype=np.int64).reshape(len(distinct), size),
        units=np.bincount(row, weights=number, minlength=len(distinct)).astype(np.int64) + lonely,
        articles=_with_single_units(article_types(articles, row, number, len(distinct)), lonely),
    )


def _with_single_units(types: ArticleTypes, lonely: Ints) -> ArticleTypes:
    """One more kind of article for each row that has units of no article: one unit each."""
    from scipy import sparse  # late, as below

    kinds = np.flatnonzero(lonely)
    if not len(kinds):
        return types
    alike = sparse.csr_array(
        (np.ones(len(kinds)), (np.arange(len(kinds)), kinds)), shape=(len(kinds), types.units.shape[1])
    )
    units = sparse.csr_array(sparse.vstack([types.units, alike]))
    return ArticleTypes(units, np.concatenate([types.weight, lonely[kinds]]))


def article_types(articles: Ints, row: Ints, number: Ints, n_rows: int) -> ArticleTypes:
    """From entries of (article code, row, units of that row in it): the kinds of articles there are.

    An article's kind is recognised by a sum of random whole numbers, one a row; that no two kinds have met in one sum
    is checked at the end, and if they have, every article stands for itself.
    """
    codes, size = _small_codes(articles)
    units_of = np.bincount(codes, weights=number, minlength=size)
    names = draw_names(n_rows, size)
    sums = np.bincount(codes, weights=names[row] * number, minlength=size)
    present = np.flatnonzero(units_of)
    if units_of.max(initial=0) < 1 << 12:  # so that the sums are exact
        first, weight = find_distinct(sums[present].astype(np.int64))
        found = _types_of(present[first], weight, (codes, row, number), (size, n_rows))
        if np.array_equal(found.weight @ found.units, np.bincount(row, weights=number, minlength=n_rows)):
            return found
    return _types_of(present, np.ones(len(present), dtype=np.int64), (codes, row, number), (size, n_rows))


def find_distinct(numbers: Ints) -> tuple[Ints, Ints]:
    """(place of one of each distinct number, how often it occurs), by size of the number.

    Every number leaves its place in a slot told by its last digits, and whoever finds an equal one there is counted
    with it. Only those whose slot another number took are sorted: sorting them all takes three times as long.
    """
    slots = np.zeros(SLOTS, dtype=np.int64)
    own = numbers & (SLOTS - 1)
    slots[own] = np.arange(len(numbers))
    found = slots[own]
    is_equal = numbers[found] == numbers
    counted = np.bincount(found[is_equal])
    odd = np.flatnonzero(~is_equal)
    _, first, weight = np.unique(numbers[odd], return_index=True, return_counts=True)
    places = np.concatenate([np.flatnonzero(counted), odd[first]])
    order = np.argsort(numbers[places])
    return places[order], np.concatenate([counted[counted > 0], weight])[order]


def draw_names(n: int, seed: int) -> Ints:
    return np.random.default_rng(seed).integers(1, 1 << 40, n)


def _types_of(chosen: Ints, weight: Ints, entries: tuple[Ints, Ints, Ints], shape: tuple[int, int]) -> ArticleTypes:
    from scipy import sparse  # half a second of a start, and most processes never count by article

    codes, row, number = entries
    line = np.full(shape[0], -1)
    line[chosen] = np.arange(len(chosen))
    kept = line[codes] >= 0
    places = (line[codes][kept], row[kept])
    units = sparse.csr_array((number[kept].astype(np.float64), places), shape=(len(chosen), shape[1]))
    return ArticleTypes(units, weight)


def _small_codes(codes: Ints) -> tuple[Ints, int]:
    """The codes, from 0 and not much more than there are entries, and the number of codes."""
    if len(codes) and codes.min() >= 0 and codes.max() < 4 * len(codes):
        return codes, int(codes.max()) + 1
    known, inverse = np.unique(codes, return_inverse=True)
    return inverse.astype(np.int64), len(known)


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
    distinct, number, row = _count_codes(codes, base**size, is_placed=articles is not None)
    digits = distinct[:, None] // np.power(base, np.arange(size), dtype=np.int64) % base
    return LabelTable(digits, number, None if articles is None else _place(articles, row, len(distinct)))


def _count_codes(codes: Ints, limit: int, *, is_placed: bool) -> tuple[Ints, Ints, Ints]:
    """(codes above 0, how often each occurs, row of each unit or -1 where it has no label)."""
    if limit <= LARGEST_COUNTED_CODE:
        counted = np.bincount(codes)
        distinct = np.flatnonzero(counted)
        distinct = distinct[distinct > 0]
        rows = np.full(len(counted), -1)
        rows[distinct] = np.arange(len(distinct))
        return distinct.astype(np.int64), counted[distinct].astype(np.int64), rows[codes] if is_placed else rows
    distinct, row, number = np.unique(codes, return_inverse=True, return_counts=True)
    empty = int(len(distinct) > 0 and distinct[0] == 0)
    return distinct[empty:], number[empty:].astype(np.int64), row.astype(np.int64) - empty


def _place(articles: Ints, row: Ints, n_rows: int) -> ArticleTypes:
    """One entry a unit with labels."""
    articles = articles[: len(row)]
    if (row < 0).any():
        articles, row = articles[row >= 0], row[row >= 0]
    return article_types(articles, row, np.ones(len(row), dtype=np.int64), n_rows)


def _table_of_wide_counts(units: Ints, values: Ints, size: int, articles: Ints | None) -> LabelTable:
    """Many choices or many labels a unit: the digits do not fit one number, so rows of counts are compared instead."""
    counts = np.zeros((int(units.max()) + 1, size), dtype=np.int64)
    np.add.at(counts, (units, values), 1)
    labelled = counts.any(axis=1)
    distinct, row, number = np.unique(counts[labelled], axis=0, return_inverse=True, return_counts=True)
    placed = None if articles is None else _place(articles[: len(counts)][labelled], row.ravel(), len(distinct))
    return LabelTable(distinct, number.astype(np.int64), placed)
