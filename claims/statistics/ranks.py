"""Rank correlation of two sets of ratings of the same things."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .quantiles import normal_quantile

LEAST_PAIRS = 5


@dataclass(frozen=True)
class Correlation:
    """Spearman's rho of `n` pairs with its interval; without a value there is a reason."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def spearman(first: Sequence[float], second: Sequence[float], level: float = 0.95) -> Correlation:
    """Spearman's rho, ties by mean ranks; interval by Fisher's z with the variance of Bonett and Wright 2000
    (Psychometrika 65, 23-28)."""
    n = len(first)
    if n < LEAST_PAIRS:
        return Correlation(n, reason="too_few_pairs")
    a, b = mean_ranks(first), mean_ranks(second)
    if a.std() == 0 or b.std() == 0:
        return Correlation(n, reason="no_variation")
    rho = float(np.corrcoef(a, b)[0, 1])
    if abs(rho) >= 1 - 1e-12:
        return Correlation(n, math.copysign(1.0, rho), reason="")
    reach = normal_quantile(0.5 + level / 2) * math.sqrt((1 + rho * rho / 2) / (n - 3))
    z = math.atanh(rho)
    return Correlation(n, rho, math.tanh(z - reach), math.tanh(z + reach))


def mean_ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """1-based ranks; equal values share the mean of theirs."""
    given = np.asarray(values, dtype=float)
    _, place, counts = np.unique(given, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: np.ndarray[tuple[int], np.dtype[np.float64]] = (last - (counts - 1) / 2)[place]
    return ranks


def ranking_quality(scores: Sequence[float], is_wanted: Sequence[bool]) -> float | None:
    """Area under the ROC curve: the share of pairs of a wanted and an unwanted one that are in the right order, ties by
    half (Mann and Whitney 1947). None where one of the two is missing."""
    wanted = np.asarray(is_wanted, dtype=bool)
    n, others = int(wanted.sum()), int((~wanted).sum())
    if not n or not others:
        return None
    return float((mean_ranks(scores)[wanted].sum() - n * (n + 1) / 2) / (n * others))
