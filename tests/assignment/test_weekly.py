"""Calibration every week: the same plan with units drawn anew, for everybody who labels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
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


def told(round_: Round, start: str) -> set[int]:
    rows = Notice.objects.filter(project=round_.project, key__startswith=start)
    return set(rows.values_list("user", flat=True))


def test_nobody_hears_of_a_round_before_it_is_open() -> None:
    first = weekly(**PEOPLE)
    a_week_ago(first)
    assert repeat_weekly() == 1
    assert not told(first, "weekly")
    first.refresh_from_db()
    assert first.repeats_weekly  # until its like is open
    run_jobs()
    assert len(told(first, "weekly")) == 4
    assert list(Round.objects.filter(repeats_weekly=True, project=first.project).values_list("state", flat=True)) == [
        "open"
    ]
    first.refresh_from_db()
    assert not first.repeats_weekly


def test_a_week_without_units_is_left_out_and_its_curators_hear_why() -> None:
    first = weekly(**PEOPLE, carl="curator", olga="observer")
    Round.objects.filter(pk=first.pk).update(selection={"roles": ["author"], "min_checkworthiness": 0.9})
    a_week_ago(first)
    assert repeat_weekly() == repeat_weekly() == 0
    run_jobs()
    assert Round.objects.in_project(first.project).count() == 1
    assert told(first, "weekly") == {owner_of(first.project).pk, member(first.project, "carl").pk}
    notice = Notice.objects.filter(key__startswith="weekly-none").first()
    assert notice is not None
    assert "What the series selects finds no unit now." in notice.body
    # the next week there are units again
    Round.objects.filter(pk=first.pk).update(selection={"limit": 4})
    with connection.cursor() as cursor:  # a week passes
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE claims_auditevent SET created_at = created_at - interval '7 days'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert repeat_weekly() == 1
    run_jobs()
    assert Round.objects.in_project(first.project).filter(state="open").count() == 2


def test_units_that_vanish_while_they_are_drawn_end_no_series() -> None:
    first = weekly(**PEOPLE)
    a_week_ago(first)
    assert repeat_weekly() == 1
    made = Round.objects.exclude(pk=first.pk).get(project=first.project)
    Round.objects.filter(pk=made.pk).update(selection={"min_checkworthiness": 0.9})
    run_jobs()
    made.refresh_from_db()
    first.refresh_from_db()
    assert (made.state, made.repeats_weekly, first.repeats_weekly) == ("draft", False, True)
    assert told(first, "weekly") == {owner_of(first.project).pk}


def test_a_series_ended_while_its_next_round_opens_stays_ended() -> None:
    first = weekly(**PEOPLE)
    a_week_ago(first)
    assert repeat_weekly() == 1
    first.refresh_from_db()
    amend_round(first, changes={"repeats_weekly": False}, expected=first.version, by=owner_of(first.project))
    run_jobs()
    assert not Round.objects.filter(repeats_weekly=True, project=first.project).exists()


def test_it_ends_where_somebody_takes_the_tick_away() -> None:
    first = weekly(alice="reviewer")
    a_week_ago(first)
    amend_round(first, changes={"repeats_weekly": False}, expected=first.version, by=owner_of(first.project))
    assert repeat_weekly() == 0
