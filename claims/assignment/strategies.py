"""In which order a reviewer walks through a round: where the walk starts. Plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

Strategy = Callable[[int, int, int], int]


def from_the_start(seed: int, reviewer: int, n_units: int) -> int:
    """Everybody begins at the first unit: units are finished one after the other."""
    return -1


def from_a_random_place(seed: int, reviewer: int, n_units: int) -> int:
    """Each reviewer begins at a place of their own and comes round: order effects spread over the units.

    The place follows from the round's seed and the reviewer alone (SHA-256), so it can be told again.
    """
    if n_units == 0:
        return -1
    digest = hashlib.sha256(f"{seed}:{reviewer}".encode()).digest()
    return int.from_bytes(digest[:8]) % n_units - 1


STRATEGIES: dict[str, Strategy] = {"fixed": from_the_start, "random": from_a_random_place}
