"""95 % intervals for agreement figures: delete-one jackknife for few units, bootstrap over patterns for many.

Both work on sums over units, so their cost follows the number of patterns, not of units. Measured coverage of the
jackknife on log(1 - alpha) with Student's t is near 95 % from twenty units on, where percentile intervals fall short.
What is drawn or left out is the unit, or the article where several units come from one: they are not independent.

Few articles. Standard errors by cluster with normal quantiles are too short for five to thirty clusters (Cameron,
Gelbach and Miller 2008, Bootstrap-based improvements for inference with clustered errors), so a cluster is left out
at a time and Student's t has one degree of freedom less than there are clusters (MacKinnon, Nielsen and Webb 2023,
Cluster-robust inference: a guide to empirical practice). With fewer than 12 degrees of freedom a standard error is
itself off by 30 % or more (analytic guidelines of NHANES), and a handful of articles may look alike by chance. There,
as in surveys a design effect below one counts as one (Parker et al. 2017, NCHS Data Presentation Standards for
Proportions), the error by article is not taken smaller than that by unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .quantiles import student_quantile
from .tables import ArticleTypes, Floats, Ints

Estimate = Callable[[Floats], Floats]

JACKKNIFE_BELOW = 200  # resampled units or articles
FEW_ARTICLES = 13  # fewer than that leave fewer than 12 degrees of freedom
BOOTSTRAP_UP_TO = 1_000  # lines; with more, the jackknife is as good, and a draw is no longer cheap
DRAWS = 1000
CELLS_AT_ONCE = 4_000_000  # bounds the memory of a block of draws to some 32 MB


@dataclass(frozen=True)
class Interval:
    """low and high, or None with a key of `score.INTERVAL_REASONS`."""

    low: float | None
    high: float | None
    reason: str | None
    method: str | None
    n_resampled: int


@dataclass(frozen=True)
class Sample:
    """Lines of sums, each standing for `weight` alike units (or for one article); what is resampled."""

    sums: Floats
    weight: Ints

    @property
    def total(self) -> Floats:
        total: Floats = self.weight @ self.sums
        return total

    @property
    def size(self) -> int:
        return int(self.weight.sum())


def unit_sample(sums: Floats, units: Ints) -> Sample:
    """Units that add nothing play no part in the figure, so they are left out of the sample too."""
    used = sums.any(axis=1)
    return Sample(sums[used], units[used])


def article_sample(sums: Floats, articles: ArticleTypes) -> Sample:
    """One line per kind of article: the sums of its units. Articles whose units add nothing play no part."""
    used = articles.units @ sums.any(axis=1).astype(np.float64) > 0
    lines: Floats = articles.units @ sums
    return Sample(lines[used], articles.weight[used])


def interval(
    sample: Sample, value: float, estimate: Estimate, *, seed: int = 0, units: Sample | None = None
) -> Interval:
    """95 % interval of the figure `value` that `estimate` makes of the sample's total. Same seed, same interval.

    units  where articles are resampled: the same total by unit, whose error is the least that few articles may show
    """
    few = sample.size < JACKKNIFE_BELOW
    if few or len(sample.weight) > BOOTSTRAP_UP_TO:
        return jackknife_interval(sample, value, estimate, units=units if sample.size < FEW_ARTICLES else None)
    return bootstrap_interval(sample, value, estimate, seed=seed)


def jackknife_interval(sample: Sample, value: float, estimate: Estimate, *, units: Sample | None = None) -> Interval:
    """Delete-one jackknife with Student's t, on log(1 - value) where that exists for every unit left out.

    The logarithm keeps the interval below 1 and evens out its skew; it is cut at -1. The bias is not corrected.
    `units`: see `interval`.
    """
    if sample.size < 2:
        return Interval(None, None, "too_few_units", None, sample.size)
    without = estimate(sample.total - sample.sums)
    if np.isnan(without).any():
        return Interval(None, None, "hangs_on_one_unit", None, sample.size)
    on_log = bool((without < 1).all())
    error = jackknife_error(np.log(1 - without) if on_log else without, sample.weight)
    if units is not None:
        error = max(error, _error_by_unit(units, estimate, on_log=on_log))
    if error == 0:
        return _without_spread(value, sample)
    error *= student_quantile(0.975, sample.size - 1)
    if on_log:
        centre = math.log(1 - value)
        low, high = 1 - math.exp(min(centre + error, 700)), 1 - math.exp(centre - error)
        return Interval(max(low, -1.0), high, None, "jackknife_log_t", sample.size)
    return Interval(max(value - error, -1.0), min(value + error, 1.0), None, "jackknife_t", sample.size)


def _error_by_unit(units: Sample, estimate: Estimate, *, on_log: bool) -> float:
    """The jackknife's error as if units were independent; 0 where the figure hangs on one of them."""
    without = estimate(units.total - units.sums)
    if np.isnan(without).any() or (on_log and not (without < 1).all()):
        return 0.0
    return jackknife_error(np.log(1 - without) if on_log else without, units.weight)


def jackknife_error(without: Floats, weight: Ints) -> float:
    size = int(weight.sum())
    mean = float((weight * without).sum()) / size
    squares = float((weight * (without - mean) ** 2).sum())
    return math.sqrt((size - 1) / size * squares)


def _without_spread(value: float, sample: Sample) -> Interval:
    reason = "no_disagreement" if value >= 1 else "no_spread"
    return Interval(None, None, reason, None, sample.size)


@lru_cache(maxsize=2)
def _draw(weight: tuple[int, ...], size: int, blocks: int, seed: int) -> list[Ints]:
    """Blocks of draws: how often each line comes. Kept, because all coefficients of a question draw the same."""
    random = np.random.default_rng(seed)
    total = sum(weight)
    shares = np.array(weight) / total
    return [random.multinomial(total, shares, size=size) for _ in range(blocks)]


def bootstrap_interval(
    sample: Sample, value: float, estimate: Estimate, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """Percentile interval over samples of as many units, drawn with replacement.

    Drawing how many units show each pattern is drawing the units themselves: the distribution is the same.
    """
    block = max(1, CELLS_AT_ONCE // max(*sample.sums.shape, 1))  # draws x lines, then draws x features
    drawn = _draw(tuple(sample.weight.tolist()), min(block, draws), -(-draws // block), seed)
    figures = np.concatenate([estimate(some @ sample.sums) for some in drawn])[:draws]
    figures = figures[~np.isnan(figures)]
    if len(figures) < 0.95 * draws:
        return Interval(None, None, "hangs_on_one_unit", None, sample.size)
    low, high = (float(bound) for bound in np.quantile(figures, (0.025, 0.975)))
    if low == high:
        return _without_spread(value, sample)
    return Interval(low, high, None, "bootstrap", sample.size)
