"""How fast people answer, allowing for the length of what they had to read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tables import Floats, Ints

LEAST_LABELS = 20
FAST = 0.05  # the panel's share of answers that is called fast


@dataclass(frozen=True)
class Pace:
    """`factor` is the median time over what the panel takes for a text of that length (1: the same; 0.5: half);
    `fast` the factor below which one in twenty answers of the others lies: of all answers, one quick person in a small
    panel would give more than that."""

    n: int
    factor: float
    fast: float

    @property
    def is_fast(self) -> bool:
        return self.n >= LEAST_LABELS and self.factor < self.fast


def compare_pace(reviewers: Ints, seconds: Floats, lengths: Floats) -> dict[int, Pace]:
    """Reviewer code -> pace: residuals of log seconds on log length, by least squares over all answers."""
    known = (seconds > 0) & (lengths > 0)
    reviewers, seconds, lengths = reviewers[known], seconds[known], lengths[known]
    if len(seconds) < LEAST_LABELS:
        return {}
    y, x = np.log(seconds), np.log(lengths)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    rest = y - y.mean() - slope * (x - x.mean())
    found = {}
    for code in np.unique(reviewers):
        own, others = rest[reviewers == code], rest[reviewers != code]
        fast = float(np.exp(np.quantile(others, FAST))) if len(others) else 0.0
        found[int(code)] = Pace(len(own), float(np.exp(np.median(own))), fast)
    return found
