"""Quota, deadline and the day's cap: each ends a walk with its reason, and none loses what somebody holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from claims.assignment.actions import draw_next
from claims.assignment.amendments import amend_round
from claims.assignment.deadlines import tell_deadlines
from claims.errors import Conflict, NotPermitted, Refused
from claims.labelling.actions import submit_label
from claims.models import Assignment, LabelEvent, Notice, Reviewer, Round
from claims.people.actions import set_daily_cap
from tests.api.caller import Caller, code
from tests.factories import answers_for, label_next, make_project, make_round, member, owner_of, reviewer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def planned(**plan: object) -> tuple[Round, Reviewer]:
    project = make_project(alice="reviewer", bob="reviewer")
    return make_round(project, units=4, **plan), reviewer(project, "alice")


def test_a_quota_says_how_much_was_asked_and_leaves_others_their_work() -> None:
    round_, alice = planned(quota=2)
    assert [label_next(round_, alice) is not None for _ in range(2)] == [True, True]
    with pytest.raises(Conflict) as conflict:
        draw_next(round_, alice)
    assert (conflict.value.code, conflict.value.current) == ("quota_reached", {"resumes_at": None})
    assert "asks of one person: 2." in conflict.value.sentence
    assert draw_next(round_, reviewer(round_.project, "bob"))
    amend_round(round_, changes={"quota": 3}, expected=round_.version, by=owner_of(round_.project))
    assert draw_next(Round.objects.get(pk=round_.pk), alice)


def submit(round_: Round, held: Assignment, who: Reviewer, key: str) -> None:
    submit_label(
        round_,
        held.unit,
        who,
        answers=answers_for(round_),
        idempotency_key=key,
        codebook_version_id=round_.codebook_version_id,
    )


def test_after_the_deadline_nothing_is_drawn_and_what_is_held_is_taken_until_it_runs_out() -> None:
    round_, alice = planned(deadline=timezone.now() + HOUR)
    bob = reviewer(round_.project, "bob")
    held, late = draw_next(round_, alice), draw_next(round_, bob)
    assert held is not None
    assert late is not None
    Round.objects.filter(pk=round_.pk).update(deadline=timezone.now() - HOUR)
    round_.refresh_from_db()
    again = draw_next(round_, alice)
    assert again is not None
    assert (again.pk, again.expires_at) == (held.pk, held.expires_at)  # returned, and not for longer
    submit(round_, held, alice, "in-good-time")
    with pytest.raises(Conflict) as conflict:
        draw_next(round_, alice)
    assert conflict.value.code == "deadline_passed"
    Assignment.objects.filter(pk=late.pk).update(expires_at=timezone.now() - HOUR)
    with pytest.raises(Conflict, match="your reservation has ended"):
        submit(round_, late, bob, "far-too-late")
    assert LabelEvent.objects.count() == 1


def test_the_cap_of_a_day_holds_over_rounds_and_goes_on_at_midnight() -> None:
    round_, alice = planned()
    other = make_round(round_.project)
    set_daily_cap(round_.project, 2, by=owner_of(round_.project))
    round_, other = (Round.objects.select_related("project").get(pk=each.pk) for each in (round_, other))
    label_next(round_, alice)
    label_next(other, alice)
    with pytest.raises(Conflict) as conflict:
        draw_next(other, alice)
    midnight = datetime.combine(timezone.now().date() + timedelta(days=1), datetime.min.time(), UTC)
    assert (conflict.value.code, conflict.value.current) == ("daily_cap_reached", {"resumes_at": midnight.isoformat()})
    assert draw_next(round_, reviewer(round_.project, "bob"))


@pytest.mark.parametrize("cap", [0, -1, 10_001])
def test_a_cap_that_is_none_is_refused(cap: int) -> None:
    project = make_project(alice="curator")
    with pytest.raises(Refused, match="cap of a day"):
        set_daily_cap(project, cap, by=owner_of(project))
    with pytest.raises(NotPermitted):
        set_daily_cap(project, 5, by=member(project, "alice"))


def test_the_page_and_the_api_say_why_and_when() -> None:
    round_, alice = planned(quota=1)
    label_next(round_, alice)
    page = Client()
    page.force_login(member(round_.project, "alice"))
    root = f"/p/{round_.project.slug}/rounds/{round_.pk}/"
    answer = page.post(f"{root}label/", follow=True)
    assert "what this round asks of one person: 1" in answer.content.decode()
    assert "Go on labelling" not in answer.content.decode()
    asked = Caller(member(round_.project, "alice")).post(f"rounds/{round_.pk}/next/")
    assert (asked.status_code, code(asked)) == (409, "quota_reached")
    owner = Caller(owner_of(round_.project))
    address = f"projects/{round_.project.slug}/"
    capped = owner.patch(address, {"daily_cap": 7}, If_Match=owner.get(address).headers["ETag"])
    assert capped.json()["daily_cap"] == 7
    when = "2031-05-01T12:00:00Z"
    changed = owner.patch(f"rounds/{round_.pk}/", {"quota": None, "deadline": when}, If_Match=f'"{round_.version}"')
    assert (changed.json()["quota"], changed.json()["deadline"]) == (None, when)
    assert asked.status_code != page.get(root).status_code


def test_the_owner_moves_limits_on_the_page() -> None:
    round_, _ = planned()
    page = Client()
    page.force_login(owner_of(round_.project))
    root = f"/p/{round_.project.slug}"
    page.post(f"{root}/rounds/{round_.pk}/limits-round/", {"quota": "3", "deadline": "2031-05-01T12:00"})
    round_.refresh_from_db()
    assert (round_.quota, round_.deadline) == (3, datetime(2031, 5, 1, 12, tzinfo=UTC))
    assert (
        "3 units for one person, until 1 May 2031, 12:00 UTC"
        in page.get(f"{root}/rounds/{round_.pk}/").content.decode()
    )
    page.post(f"{root}/people/cap/", {"daily_cap": "12"})
    round_.project.refresh_from_db()
    assert round_.project.daily_cap == 12
    assert 'value="12"' in page.get(f"{root}/people/").content.decode()


def test_who_began_hears_of_a_deadline_once() -> None:
    round_, alice = planned(deadline=timezone.now() + 5 * HOUR)
    label_next(round_, alice)
    assert [tell_deadlines(), tell_deadlines()] == [1, 0]
    told = Notice.objects.get(kind="deadline")
    assert told.user == alice.user
    assert "done 1" in told.body
