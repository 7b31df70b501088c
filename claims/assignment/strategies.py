"""In which order a reviewer walks through a round: where the walk starts, and which places are looked for in turn.

Plain Python. `claims.assignment.draw` knows the statement of each look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

Start = Callable[[int, int, int], int]


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


@dataclass(frozen=True)
class Strategy:
    """`looks` are tried in turn until one finds a free place; the last reaches every free place of the round.

    follows_labels: which units are offered depends on the labels of others, so INV-4 does not cover that.
    """

    title: str
    hint: str
    looks: tuple[str, ...] = ("onward", "round_again")
    start: Start = from_the_start
    follows_labels: bool = False


STRATEGIES: dict[str, Strategy] = {
    "fixed": Strategy("as in the text", "Units are finished one after the other."),
    "random": Strategy("random, for each person", "Everybody begins elsewhere.", start=from_a_random_place),
    "priority": Strategy("most worth checking first", "By the score of the rules; claims only."),
    "least_labelled": Strategy(
        "fewest labels first",
        "Every unit gets a first label before any gets a second.",
        ("fewest_onward", "fewest_again"),
    ),
    "disagreement": Strategy(
        "in doubt first",
        "Units whose labels differ come before the others.",
        ("doubtful", "onward", "round_again"),
        follows_labels=True,
    ),
    "article": Strategy(
        "whole articles",
        "Who begins an article is offered all of it.",
        ("own_article", "own_article_again", "onward", "round_again"),
    ),
}
