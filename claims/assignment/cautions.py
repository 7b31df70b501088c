"""What a plan allows and is seldom meant: said beside it in a sentence each, and refused nowhere."""

from __future__ import annotations

from claims.assignment.opening import known_units_chosen, units_chosen
from claims.errors import Problem
from claims.models import Membership, Reviewer, Round


def cautions(round_: Round) -> list[Problem]:
    """Of a draft that is a qualification: `too_few_places`, `too_few_units`."""
    if round_.pass_mark is None or not round_.set_size or not units_chosen(round_):
        return []
    found = []
    people = _to_qualify(round_)
    if round_.overlap < people:
        sentence = (
            f"{people} reviewers of the project are to try it, and each unit has {_places(round_.overlap)}: when they "
            f"are taken, whoever comes later is offered nothing. Ask {people} reviewers per unit, so that each can try."
        )
        found.append(Problem("overlap", "too_few_places", sentence))
    known, size, attempts = known_units_chosen(round_), round_.set_size, round_.attempts or 1
    if known < size * attempts:
        allowed = max(known // size, 1) if known else 0
        sentence = (
            f"{_attempts(attempts)} of {_units(size)}: that takes {_units(attempts * size)} with a known answer, since "
            f"nobody is asked one twice, and the selection finds {known}. It is enough for {_attempts(allowed)}"
            f"{f' of {_units(known)}' if 0 < known < size else ''}."
        )
        found.append(Problem("set_size", "too_few_units", sentence))
    return found


def _to_qualify(round_: Round) -> int:
    """Those who label here for nothing else: owners and curators write the known answers."""
    seats = Membership.objects.filter(project=round_.project, role="reviewer").values("user")
    return Reviewer.objects.filter(project=round_.project, user__in=seats, kind="human", state="active").count()


def _places(n: int) -> str:
    return "1 place" if n == 1 else f"{n} places"


def _units(n: int) -> str:
    return "1 unit" if n == 1 else f"{n} units"


def _attempts(n: int) -> str:
    return {0: "none", 1: "1 attempt"}.get(n, f"{n} attempts")
