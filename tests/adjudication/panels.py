"""A panel over several weeks, as the review of reviewers sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from claims.agreement.actions import enqueue_lost_folds
from claims.models import Project, Round
from tests import factories
from tests.agreement.builders import write_label

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
STANCES = ("supports", "refutes", "reports")
Answer = Callable[[str, int, int], str]  # (name, week, number of the unit in the week) -> stance


def make_panel(answer: Answer, *, weeks: int = 6, units: int = 12) -> tuple[Project, Round]:
    """Alice, Bob and Cleo answer the same units, so many a week from 2026-W02 on."""
    names = ("alice", "bob", "cleo")
    project = factories.make_project(**dict.fromkeys(names, "reviewer"))
    for _ in range(weeks * units):
        factories.make_claims(project, 1)  # each in an article of its own, so that a week has an interval
    round_ = factories.make_round(project, overlap=3, codebook=factories.make_codebook(project, "stance"))
    places = list(round_.round_units.order_by("position").values_list("unit_id", flat=True))
    people = {name: factories.reviewer(project, name) for name in names}
    for n, unit in enumerate(places):
        week, number = divmod(n, units)
        for name, who in people.items():
            at = MONDAY + timedelta(weeks=week, minutes=number)
            write_label(round_, unit, who, "stance", answer(name, week, number), at=at)
    enqueue_lost_folds()
    factories.run_jobs()
    return project, round_


def right(week: int, number: int) -> str:
    return STANCES[(week + number * 2) % 3]


def cleo_drifts(name: str, week: int, number: int) -> str:
    """All alike but for one unit a week each; from the third week on Cleo says supports to everything."""
    said = right(week, number)
    if number == {"alice": 3, "bob": 5, "cleo": 7}[name]:
        return STANCES[(STANCES.index(said) + 1) % 3]
    return "supports" if name == "cleo" and week >= 2 else said
