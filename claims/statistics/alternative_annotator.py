"""Whether a machine may stand in for a person: the alternative annotator test.

Calderon, Reichart and Dror (2025), The Alternative Annotator Test for LLM-as-a-Judge, ACL 2025. Each person is left out
in turn; the machine wins a unit when it agrees with the others at least as well as that person does. The many
comparisons are held together by Benjamini and Yekutieli (2001, Ann Stat 29:1165-1188).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_UNITS = 30  # with one person; below, the t-test of the paper does not hold
LEAST_PEOPLE = 3


@dataclass(frozen=True)
class Comparison:
    """The machine beside one person, on `n` units that the person, the machine and somebody else answered.

    advantage  share of the units on which the machine is at least as near to the others; None with too few units
    p          of the machine being worse by more than the margin; small speaks for the machine
    """

    reviewer: int
    n: int
    advantage: float | None = None
    p: float | None = None
    is_won: bool = False


@dataclass(frozen=True)
class AlternativeAnnotator:
    """`winning_rate` of at least one half means that the machine may stand in. Without figures there is a reason."""

    comparisons: tuple[Comparison, ...]
    winning_rate: float | None = None
    advantage: float | None = None
    reason: str = ""


def alternative_annotator_test(
    people: Sequence[Sequence[int | None]],
    machine: Sequence[int | None],
    *,
    margin: float = 0.2,
    rate: float = 0.05,
    least_units: int = LEAST_UNITS,
) -> AlternativeAnnotator:
    """The test on a units x people matrix of choices beside the machine's choices, None where there is no answer.

    `margin` is what the machine may be worse for being cheaper: the paper proposes .2 for experts, .15 for trained
    and .1 for crowd workers. `rate` bounds the share of false wins.
    """
    wide = max(map(len, people), default=0)
    compared = [_compare(people, machine, reviewer, margin, least_units) for reviewer in range(wide)]
    tested = [c for c in compared if c.p is not None]
    if len(tested) < LEAST_PEOPLE:
        return AlternativeAnnotator(tuple(compared), reason="too_few_people")
    won = iter(benjamini_yekutieli([c.p for c in tested if c.p is not None], rate))
    compared = [c if c.p is None else Comparison(c.reviewer, c.n, c.advantage, c.p, next(won)) for c in compared]
    advantages = [c.advantage for c in compared if c.advantage is not None]
    return AlternativeAnnotator(
        tuple(compared), sum(c.is_won for c in compared) / len(tested), sum(advantages) / len(advantages)
    )


def _compare(
    people: Sequence[Sequence[int | None]],
    machine: Sequence[int | None],
    reviewer: int,
    margin: float,
    least_units: int,
) -> Comparison:
    wins, losses = [], []
    for answers, candidate in zip(people, machine, strict=True):
        own = answers[reviewer]
        others = [a for n, a in enumerate(answers) if n != reviewer and a is not None]
        if own is None or candidate is None or not others:
            continue
        wins.append(others.count(candidate) >= others.count(own))
        losses.append(others.count(own) >= others.count(candidate))
    if len(wins) < max(least_units, 2):
        return Comparison(reviewer, len(wins))
    worse = np.array(losses, dtype=np.float64) - np.array(wins, dtype=np.float64)
    return Comparison(reviewer, len(wins), sum(wins) / len(wins), _p_below(worse, margin))


def _p_below(values: np.ndarray[tuple[int], np.dtype[np.float64]], bound: float) -> float:
    """One-sided t-test that the mean is below the bound."""
    from scipy.special import stdtr  # late: a third of a second that no start should wait for

    mean, spread = float(values.mean()), float(values.std(ddof=1))
    if spread == 0:
        return 0.0 if mean < bound else 1.0
    return float(stdtr(len(values) - 1, (mean - bound) / (spread / math.sqrt(len(values)))))


def benjamini_yekutieli(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which hypotheses are rejected at a false discovery rate, however the tests depend on each other."""
    m = len(p_values)
    harmonic = math.fsum(1 / n for n in range(1, m + 1))
    ordered = sorted(p_values)
    kept = [p for n, p in enumerate(ordered, 1) if p <= n * rate / (m * harmonic)]
    return [bool(kept) and p <= max(kept) for p in p_values]
