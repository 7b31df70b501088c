"""Calibration every week: the same plan with units drawn anew, for everybody who labels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from claims.assignment.amendments import amend_round
from claims.assignment.weekly import repeat_weekly
from claims.models import Notice, Round
from tests.factories import make_codebook, make_project, make_round, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db
PEOPLE = dict.fromkeys(("alice", "bob", "dora"), "reviewer")


def a_week_ago(round_: Round) -> None:
    Round.objects.filter(pk=round_.pk).update(opened_at=timezone.now() - timedelta(days=7))


def weekly(**members: str) -> Round:
    project = make_project(**members)
    plan = {"purpose": "calibration", "repeats_weekly": True, "selection": {"limit": 4}, "hides_outlet": True}
    return make_round(project, units=40, codebook=make_codebook(project, "stance"), overlap=2, **plan)


def test_a_week_later_its_like_is_open_for_everybody_who_labels() -> None:
    first = weekly(**PEOPLE, olga="observer")
    assert repeat_weekly() == 0  # it is not a week old
    a_week_ago(first)
    assert repeat_weekly() == 1
    assert repeat_weekly() == 0
    run_jobs()
    second = Round.objects.exclude(pk=first.pk).get(project=first.project)
    assert (second.state, second.purpose, second.overlap, second.repeats_weekly) == ("open", "calibration", 4, True)
    assert second.hides_outlet
    assert second.round_units.count() == 4
    units = [set(row.round_units.values_list("unit", flat=True)) for row in (first, second)]
    assert units[0] != units[1]
    assert second.deadline is not None
    assert timedelta(days=6) < second.deadline - timezone.now() <= timedelta(days=7)
    told = Notice.objects.filter(project=first.project, path__endswith=f"/rounds/{second.pk}/")
    people = {owner_of(first.project).pk, *(member(first.project, name).pk for name in PEOPLE)}  # Olga observes
    assert set(told.values_list("user", flat=True)) == people


def test_it_ends_where_somebody_takes_the_tick_away() -> None:
    first = weekly(alice="reviewer")
    a_week_ago(first)
    amend_round(first, changes={"repeats_weekly": False}, expected=first.version, by=owner_of(first.project))
    assert repeat_weekly() == 0
