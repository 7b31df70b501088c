"""A figure over time: where its level changed by more than the spread of the single figures explains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

LEAST = 2  # figures on either side of a change
CHANCE = 0.05  # that any change is found in a row without one


@dataclass(frozen=True)
class Point:
    """A figure with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Change:
    """From the figure `at` on the level is another one: means before and after, weighted by precision."""

    at: int
    before: float
    after: float


def change_points(points: Sequence[Point]) -> list[Change]:
    """Binary segmentation (Scott and Knott 1974, Biometrics 30:507-512): the split whose two means differ most, by a z
    test that allows for having tried every split (Bonferroni), then the same on either side."""
    if any(point.error <= 0 for point in points):
        raise ValueError("Every figure needs a standard error above 0; leave out those without.")
    return sorted(_split(points, 0, len(points)), key=lambda change: change.at)


def _split(points: Sequence[Point], start: int, end: int) -> list[Change]:
    places = range(start + LEAST, end - LEAST + 1)
    if not places:
        return []
    found = [(*_difference(points, start, at, end), at) for at in places]
    z, before, after, at = max(found)
    if z <= NormalDist().inv_cdf(1 - CHANCE / 2 / len(places)):
        return []
    return [Change(at, before, after), *_split(points, start, at), *_split(points, at, end)]


def _difference(points: Sequence[Point], start: int, at: int, end: int) -> tuple[float, float, float]:
    """(z, mean before, mean after)."""
    before, before_error = weighted_mean(points[start:at])
    after, after_error = weighted_mean(points[at:end])
    return abs(after - before) / math.hypot(before_error, after_error), before, after


def weighted_mean(points: Sequence[Point]) -> tuple[float, float]:
    """(mean by precision, its standard error)."""
    precision = [1 / point.error**2 for point in points]
    total = sum(precision)
    mean = sum(p * point.value for p, point in zip(precision, points, strict=True)) / total
    return mean, math.sqrt(1 / total)
