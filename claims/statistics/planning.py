"""How many more units until a figure is known well enough."""

from __future__ import annotations

import math

from .score import Score


def more_needed(n: int, reach: float, within: float) -> int:
    """How many to add to `n` until an interval that reaches `reach` to its farther side reaches `within`.

    n' = n (reach / within)^2: the spread of a mean falls with the root of its number (Cochran, Sampling Techniques,
    3rd ed. 1977, section 4.4, of a sample's size for a wanted error), if what comes is like what there is: a forecast,
    not a promise.
    """
    return max(math.ceil(n * (reach / within) ** 2 - 1e-9) - n, 0)


def more_units_needed(score: Score, within: float = 0.05) -> int | None:
    """Units (or articles, where the interval resamples those) to add until the 95 % interval reaches no further than
    `within` to its farther side; 0 when it does. None without an interval to judge from."""
    if score.value is None or score.low is None or score.high is None:
        return None
    return more_needed(score.n_resampled, max(score.high - score.value, score.value - score.low), within)
