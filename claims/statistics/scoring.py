"""One question's labels in, one score out: the figure, its interval, or why there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .coefficients import COEFFICIENTS, Coefficient
from .intervals import Interval, article_sample, interval, unit_sample
from .scales import Measure, Scale
from .score import Score
from .tables import Floats, LabelTable


def score_labels(
    table: LabelTable, coefficient: str, scale: Scale, measure: Measure | None = None, *, seed: int = 0
) -> Score:
    """The score of a table of labels.

    `coefficient` is a key of COEFFICIENTS, `measure` one of its words or a matrix of distances (alpha) or agreement
    weights (the others), choices x choices. Where the table knows its units' articles and several units share one,
    the interval is resampled by article. Raises ValueError for words it does not know.
    """
    known = COEFFICIENTS[coefficient]
    chosen = known.measures[0] if measure is None else measure
    if isinstance(chosen, str) and chosen not in known.measures:
        raise ValueError(f'{known.title} has no "{chosen}"; known are {", ".join(known.measures)}.')
    reason = _why_undefined(table, known, scale)
    value, found = None, Interval(None, None, "undefined", None, 0)
    resampled = "article" if _share_articles(table) else "unit"
    if reason is None:
        value, found = _estimate(table, known, scale, chosen, seed)
        reason = "no_variation" if value is None else None
    return Score(
        coefficient=coefficient,
        measure=chosen if isinstance(chosen, str) else "custom",
        value=value,
        reason=reason,
        n_units=table.n_units,
        n_pairable=table.n_pairable,
        n_labels=table.n_labels,
        low=None if found.low is None else max(found.low, known.lowest),
        high=found.high,
        interval_reason=found.reason,
        method=found.method,
        resampled=None if found.method is None else resampled,
        n_resampled=found.n_resampled,
        warnings=warnings_of(table),
    )


def _estimate(
    table: LabelTable, coefficient: Coefficient, scale: Scale, measure: Measure, seed: int
) -> tuple[float | None, Interval]:
    sums = coefficient.sums(table, scale, measure)
    estimate: Callable[[Floats], Floats] = lambda totals: coefficient.estimate(totals, scale, measure)  # noqa: E731
    value = float(estimate((table.units @ sums)[None, :])[0])
    if np.isnan(value):
        return None, Interval(None, None, "undefined", None, 0)
    units = unit_sample(sums, table.units)
    if table.articles is None or not _share_articles(table):
        return value, interval(units, value, estimate, seed=seed)
    sample = article_sample(sums, table.articles)
    if sample.size < 2:
        return value, Interval(None, None, "too_few_articles", None, sample.size)
    return value, interval(sample, value, estimate, seed=seed, units=units)


def _share_articles(table: LabelTable) -> bool:
    return table.n_articles is not None and table.n_articles < table.n_units


def _why_undefined(table: LabelTable, coefficient: Coefficient, scale: Scale) -> str | None:
    """Key of REASONS, asked in this order."""
    if scale.size < 2:
        return "single_category"
    if table.n_labels == 0:
        return "no_labels"
    if coefficient.needs_reviewers and table.answers is None:
        return "reviewers_unknown"
    if table.n_pairable == 0:
        return "no_pairable_units"
    if coefficient.needs_two_reviewers and table.n_reviewers != 2:
        return "needs_two_reviewers"
    return None


def warnings_of(table: LabelTable) -> tuple[str, ...]:
    """Keys of WARNINGS. A rare second choice makes intervals too short, more than few units do: both are told."""
    if table.n_pairable == 0:
        return ()
    found = []
    if table.n_pairable < 50:
        found.append("too_few_units" if table.n_pairable < 20 else "preliminary")
    often = np.sort(table.units_with_choice())
    if len(often) > 1 and often[-2] < 10:
        found.append("too_rare_to_judge")
    return tuple(found)
