"""Shares of things that were counted or sampled, with intervals that say how little a few of them tell.

A share in one outlet is drawn towards that of the other outlets as far as its own numbers are small (Beta-binomial
shrinkage, empirical Bayes by moments: Kleinman 1973, JASA 68, 46-54). Unequal chances of being chosen are weighed out
(Hajek 1971) and paid for with a smaller effective number (Kish 1965, section 11.7).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .quantiles import student_quantile, wilson_interval

JEFFREYS = (0.5, 0.5)
LEAST_GROUPS = 5  # with fewer outlets nothing can be said about how outlets differ
LARGEST_STRENGTH = 1_000.0  # outlets that differ less than chance would have them: as good as one number


@dataclass(frozen=True)
class Sampled:
    """Observations with one chance of being chosen: `n` of them, `hits` of which had the outcome."""

    hits: int
    n: int
    probability: float


@dataclass(frozen=True)
class Share:
    """A share of a whole, 0 to 1. `n` observed, `n_effective` what they are worth under unequal chances."""

    value: float
    n: int
    n_effective: float


@dataclass(frozen=True)
class Estimate:
    """A shrunken share with its central interval."""

    value: float
    low: float
    high: float


def weighted_share(parts: Sequence[Sampled]) -> Share | None:
    """The share in the whole from which the parts were chosen; None without an observation."""
    n = sum(part.n for part in parts)
    if n == 0:
        return None
    weight = math.fsum(part.n / part.probability for part in parts)
    hits = math.fsum(part.hits / part.probability for part in parts)
    squared = math.fsum(part.n / part.probability**2 for part in parts)
    return Share(hits / weight, n, weight**2 / squared)


def beta_prior(groups: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(a, b) of the Beta distribution that (hits, n) of each group were drawn from, by moments.

    Weighted as in Kleinman's equations with weights n; Jeffreys' prior when there are fewer than LEAST_GROUPS groups
    or all of them say the same. It never weighs more than what it was learnt from: where few outlets happen to agree
    better than chance would have them, moments would make it as sure as a thousand observations, and the interval of
    an outlet narrower than all that was seen allows.
    """
    groups = [(hits, n) for hits, n in groups if n > 0]
    total = math.fsum(n for _, n in groups)
    hits = math.fsum(hit for hit, _ in groups)
    if len(groups) < LEAST_GROUPS or not 0 < hits < total:
        return JEFFREYS
    mean = hits / total
    spread = mean * (1 - mean)
    chance = math.fsum(1 - n / total for _, n in groups)
    room = math.fsum(n * (1 - n / total) for _, n in groups)
    seen = math.fsum(n * (hit / n - mean) ** 2 for hit, n in groups) / spread
    correlation = (seen - chance) / (room - chance) if room > chance else 0.0  # 1 / (a + b + 1)
    if correlation >= 1:
        return JEFFREYS
    most = min(total, LARGEST_STRENGTH)
    strength = min(1 / correlation - 1, most) if correlation > 0 else most
    return mean * strength, (1 - mean) * strength


def shrunken(share: Share, prior: tuple[float, float], level: float = 0.95) -> Estimate:
    """The posterior mean and central interval of a share under a Beta prior."""
    from scipy.special import betaincinv  # late: a third of a second that no start should wait for

    a = prior[0] + share.value * share.n_effective
    b = prior[1] + (1 - share.value) * share.n_effective
    tail = (1 - level) / 2
    return Estimate(a / (a + b), float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1 - tail)))


def difference(first: Share, second: Share, level: float = 0.95) -> Estimate:
    """first - second of two independent shares, -1 to 1 (Newcombe 1998, Statistics in Medicine 17, method 10)."""
    low1, high1 = _wilson(first, level)
    low2, high2 = _wilson(second, level)
    found = first.value - second.value
    low = found - math.hypot(first.value - low1, high2 - second.value)
    high = found + math.hypot(high1 - first.value, second.value - low2)
    return Estimate(found, low, high)


def _wilson(share: Share, level: float) -> tuple[float, float]:
    n = share.n_effective
    return wilson_interval(share.value * n, n, confidence=level) or (0.0, 1.0)


def mean_of(counts: Mapping[float, int], level: float = 0.95) -> Estimate | None:
    """Mean of a counted variable (value -> how often) with Student's interval; None with fewer than two."""
    n = sum(counts.values())
    if n < 2:
        return None
    mean = math.fsum(value * k for value, k in counts.items()) / n
    variance = math.fsum(k * (value - mean) ** 2 for value, k in counts.items()) / (n - 1)
    reach = student_quantile(0.5 + level / 2, n - 1) * math.sqrt(variance / n)
    return Estimate(mean, mean - reach, mean + reach)
