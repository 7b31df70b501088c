"""Quantiles of the normal and Student's distribution, and the interval for a share, from the standard library."""

from __future__ import annotations

import math
from statistics import NormalDist


def normal_quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def student_cdf(t: float, freedom: int) -> float:
    """P(T <= t) for whole degrees of freedom, by the series 26.7.3 and 26.7.4 of Abramowitz and Stegun (1964)."""
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2 == 1
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    within = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return 0.5 + within / 2


def student_quantile(probability: float, freedom: int) -> float:
    """t with P(T <= t) = `probability`, for `probability` of at least one half.

    Exact to rounding, by halving; above a thousand degrees of freedom by expansion 26.7.5 of the same book, exact to
    ten digits there.
    """
    if freedom > 1000:
        z = normal_quantile(probability)
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    low, high = 0.0, 1.0
    while student_cdf(high, freedom) < probability:
        low, high = high, high * 2
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if student_cdf(middle, freedom) < probability else (low, middle)
    return high


def wilson_interval(successes: float, trials: float, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Interval for a share (Wilson 1927, without continuity correction), or None when nothing was tried.

    Takes parts of successes too: a mean of figures between 0 and 1 varies at most as much as a share does.
    """
    if not trials:
        return None
    z = normal_quantile(0.5 + confidence / 2)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
