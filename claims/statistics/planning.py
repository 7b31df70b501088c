"""How many more units until a figure is known well enough."""

from __future__ import annotations

import math

from .score import Score


def more_units_needed(score: Score, within: float = 0.05) -> int | None:
    """Units (or articles, where the interval resamples those) to add until the 95 % interval reaches no further than
    `within` to its farther side; 0 when it does. None without an interval to judge from.

    The spread of a mean falls with the root of its number, if what comes is like what there is: a forecast, not a
    promise.
    """
    if score.value is None or score.low is None or score.high is None:
        return None
    reach = max(score.high - score.value, score.value - score.low)
    needed = math.ceil(score.n_resampled * (reach / within) ** 2 - 1e-9)
    return max(needed - score.n_resampled, 0)
