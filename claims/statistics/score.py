"""An agreement figure with everything that must be read beside it."""

from __future__ import annotations

from dataclasses import dataclass

# Why a figure is not defined. Undefined is never 0 or 1.
REASONS = {
    "single_category": "The question declares one choice only, so nothing can be agreed or disagreed on.",
    "no_labels": "There are no labels yet.",
    "no_pairable_units": "No unit has labels from two reviewers yet.",
    "no_variation": "All comparable labels are the same choice, so agreement by chance cannot be told from agreement.",
    "needs_two_reviewers": "This figure compares exactly two reviewers.",
    "reviewers_unknown": "This figure needs to know who gave which label.",
}

# Why a figure has no interval.
INTERVAL_REASONS = {
    "undefined": "The figure itself is not defined.",
    "no_spread": "Leaving out any unit, or any article, gives the same figure, so its spread cannot be estimated.",
    "no_disagreement": "No disagreement was seen, so its spread cannot be estimated.",
    "too_few_units": "Two units are needed to estimate a spread.",
    "too_few_articles": "The units come from one article; two are needed to estimate a spread.",
    "hangs_on_one_unit": "Without a single one of the units, or of the articles, the figure would be undefined.",
}

WARNINGS = {
    "too_few_units": "Fewer than 20 units have two labels: the number is there, but says little.",
    "preliminary": "Fewer than 50 units have two labels: preliminary.",
    "too_rare_to_judge": "The second most frequent choice occurs in fewer than 10 units: too rare to judge.",
}


@dataclass(frozen=True)
class Score:
    """One coefficient for one question.

    value      the figure, or None with `reason`, a key of REASONS
    low, high  95 % interval, conditional on the reviewers who labelled; None with `interval_reason`
    method     how the interval was made: jackknife_log_t, jackknife_t or bootstrap
    resampled  what was left out or drawn: unit or article
    """

    coefficient: str
    measure: str
    value: float | None
    reason: str | None
    n_units: int
    n_pairable: int
    n_labels: int
    low: float | None = None
    high: float | None = None
    interval_reason: str | None = None
    method: str | None = None
    resampled: str | None = None
    n_resampled: int = 0
    warnings: tuple[str, ...] = ()
