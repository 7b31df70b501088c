"""Whether somebody repeats an answer in longer runs than the same answers in random order would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .tables import Ints

DRAWS = 9_999
ENOUGH = 20  # runs as long among those drawn, and the rest need not be drawn
LEAST_LABELS = 20


@dataclass(frozen=True)
class Runs:
    """`p` is the share of random orders with a run at least as long, the observed order being one of them."""

    n: int
    longest: int
    expected: float
    p: float


def longest_run(values: Ints) -> int:
    """The greatest number of equal values in a row."""
    if not len(values):
        return 0
    edges = np.flatnonzero(np.diff(values)) + 1
    return int(np.diff(np.concatenate(([0], edges, [len(values)]))).max())


def compare_runs(values: Ints, *, seed: int = 0) -> Runs | None:
    """Permutation test over the order of one reviewer's own answers; None with too few or only one kind of answer,
    where every order is alike. Drawing ends early when it is clear that such runs are common (Besag and Clifford 1991,
    Biometrika 78:301-304)."""
    if len(values) < LEAST_LABELS or len(np.unique(values)) < 2:
        return None
    random, observed = np.random.default_rng(seed), longest_run(values)
    drawn: list[int] = []
    hits = 0
    while hits < ENOUGH and len(drawn) < DRAWS:
        drawn.append(longest_run(random.permutation(values)))
        hits += drawn[-1] >= observed
    p = hits / len(drawn) if hits == ENOUGH else (hits + 1) / (len(drawn) + 1)
    return Runs(len(values), observed, float(np.mean(drawn)), p)


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p values in the given order (Holm 1979, Scandinavian Journal of Statistics 6:65-70)."""
    order = sorted(range(len(p)), key=lambda n: p[n])
    adjusted, highest = [0.0] * len(p), 0.0
    for rank, n in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[n]))
        adjusted[n] = highest
    return adjusted
