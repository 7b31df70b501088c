"""Whether somebody gives a choice more or less often than the others on the same units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .quantiles import student_quantile
from .tables import Floats, Ints

LEAST_LABELS = 30


@dataclass(frozen=True)
class Leaning:
    """Mean over shared units of own minus others' (a share of labels, or ranks), with its 95 % interval (t, paired)."""

    n: int
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.n >= LEAST_LABELS and (self.low > 0 or self.high < 0)


def leaning(own: Floats, others: Floats) -> Leaning | None:
    """From one line per shared unit: the reviewer's value and the mean of the others'. None with fewer than two."""
    n = len(own)
    if n < 2:
        return None
    apart = own - others
    mean, error = float(apart.mean()), float(apart.std(ddof=1)) / math.sqrt(n)
    t = student_quantile(0.975, n - 1)
    return Leaning(n, mean, mean - t * error, mean + t * error)


def others_mean(units: Ints, values: Floats) -> Floats:
    """labels: the mean value of the OTHER labels on the same unit, nan where there are none."""
    length = int(units.max(initial=-1)) + 1
    number, total = np.bincount(units, minlength=length), np.bincount(units, weights=values, minlength=length)
    others = number[units] - 1
    mean: Floats = np.full(len(units), np.nan)
    np.divide(total[units] - values, others, out=mean, where=others > 0)
    return mean
