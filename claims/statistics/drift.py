"""Whether somebody's level moves: weekly figures against their own earlier weeks, summed up (CUSUM)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .trend import Point, weighted_mean

SLACK = 0.5  # standard errors a week that count as noise: tuned to find a shift of one
LIMIT = 4.0  # where the sum signals; under no drift one of some 170 weeks does (Hawkins and Olwell 1998, table 3.1)


@dataclass(frozen=True)
class Step:
    """One week: its distance from the earlier weeks in standard errors (None for the first), and the two sums."""

    z: float | None
    down: float
    up: float

    @property
    def signals(self) -> str:
        """down, up, or nothing."""
        return "down" if self.down > LIMIT else "up" if self.up > LIMIT else ""


def cusum(weeks: Sequence[Point]) -> list[Step]:
    """Self-starting tabular CUSUM (Page 1954; Hawkins 1987): each week is compared with the mean by precision of the
    weeks before that did not signal, so that nobody needs a target. Standard errors must be above 0."""
    steps: list[Step] = []
    before: list[Point] = []
    down = up = 0.0
    for week in weeks:
        if not before:
            steps.append(Step(None, 0.0, 0.0))
            before.append(week)
            continue
        mean, error = weighted_mean(before)
        z = (week.value - mean) / math.hypot(error, week.error)
        down, up = max(0.0, down - z - SLACK), max(0.0, up + z - SLACK)
        steps.append(Step(z, down, up))
        if not steps[-1].signals:
            before.append(week)
    return steps
