"""Every pair of states of every lifecycle."""

from __future__ import annotations

import itertools

import pytest

from claims.errors import Conflict
from claims.lifecycle import LIFECYCLES, Lifecycle

PAIRS = [
    (noun, source, target)
    for noun, lifecycle in LIFECYCLES.items()
    for source, target in itertools.product(lifecycle.states, lifecycle.states)
]


@pytest.mark.parametrize(("noun", "source", "target"), PAIRS)
def test_a_move_is_allowed_or_refused_with_what_is_possible(noun: str, source: str, target: str) -> None:
    lifecycle = LIFECYCLES[noun]
    if target in lifecycle.moves[source]:
        lifecycle.check_move(source, target)
        assert lifecycle.can_move(source, target)
    else:
        with pytest.raises(Conflict, match=f"is {source} and cannot become {target}") as refused:
            lifecycle.check_move(source, target)
        assert refused.value.current == {"state": source}


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_every_state_is_reached_and_every_target_is_a_state(lifecycle: Lifecycle) -> None:
    targets = {target for moves in lifecycle.moves.values() for target in moves}
    assert targets <= set(lifecycle.states)
    reached, frontier = {lifecycle.initial}, [lifecycle.initial]
    while frontier:
        fresh = set(lifecycle.moves[frontier.pop()]) - reached
        reached |= fresh
        frontier += fresh
    assert reached == set(lifecycle.states)


def test_an_unknown_state_moves_nowhere() -> None:
    assert not LIFECYCLES["job"].can_move("lost", "queued")
