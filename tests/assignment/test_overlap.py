"""The overlap of a round under way: raised, lowered, never at the cost of what somebody holds."""

from __future__ import annotations

from collections import Counter

import pytest

from claims import jobs
from claims.assignment import overlap
from claims.assignment.actions import close_round, draw_next
from claims.assignment.overlap import change_overlap
from claims.errors import Conflict, NotPermitted, Refused
from claims.models import Assignment, Job, Round, RoundUnit
from claims.models.round import ACTIVE
from tests.api.caller import Caller, code
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


def active(round_: Round) -> list[int]:
    """Active slots per unit, in the order of positions."""
    rows = Assignment.objects.filter(round=round_, state__in=ACTIVE).values_list("position", flat=True)
    return [n for _, n in sorted(Counter(rows).items())]


def test_raised_overlap_adds_what_is_missing_and_lowered_takes_only_open_slots() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_, owner = make_round(project, units=3, overlap=2), owner_of(project)
    change_overlap(round_, 4, by=owner)
    run_jobs()
    assert active(round_) == [4, 4, 4]
    label_next(round_, reviewer(project, "alice"))
    draw_next(round_, reviewer(project, "bob"))
    change_overlap(round_, 1, by=owner)
    run_jobs()
    assert active(round_) == [2, 1, 1]  # the first unit is answered by Alice and held by Bob
    assert list(RoundUnit.objects.filter(round=round_).order_by("position").values_list("overlap", flat=True)) == [
        2,
        1,
        1,
    ]
    change_overlap(round_, 3, by=owner)
    run_jobs()
    assert active(round_) == [3, 3, 3]
    round_.refresh_from_db()
    assert round_.overlap == 3


def test_a_killed_change_goes_on_without_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "CHUNK", 2)
    project = make_project()
    round_ = make_round(project, units=5, overlap=1)
    job = jobs.claim(change_overlap(round_, 3, by=owner_of(project)).pk)
    assert job is not None
    job.counts = {"added": 0, "withdrawn": 0, "total": 5}
    with jobs.chunk(job):
        overlap._change_chunk(job, Round.objects.get(pk=round_.pk))
    Job.objects.filter(pk=job.pk).update(state="queued")  # the worker died here
    run_jobs()
    assert active(round_) == [3] * 5
    assert Job.objects.get(pk=job.pk).counts["added"] == 10


def test_changes_that_are_refused() -> None:
    project = make_project(alice="reviewer")
    round_, owner = make_round(project, units=1), owner_of(project)
    with pytest.raises(Refused) as refused:
        change_overlap(round_, 61, by=owner)
    assert refused.value.code == "invalid_overlap"
    with pytest.raises(NotPermitted):
        change_overlap(round_, 3, by=member(project, "alice"))
    change_overlap(round_, 3, by=owner)
    with pytest.raises(Conflict) as conflict:
        change_overlap(round_, 2, by=owner)
    assert conflict.value.code == "overlap_is_changing"
    run_jobs()
    close_round(round_, by=owner)
    with pytest.raises(Conflict) as conflict:
        change_overlap(round_, 2, by=owner)
    assert conflict.value.code == "round_not_under_way"


def test_the_api_changes_the_overlap_in_the_background() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=2, overlap=1)
    address = f"rounds/{round_.pk}/overlap/"
    assert code(Caller(member(project, "alice")).post(address, {"overlap": 2})) == "role_not_allowed"
    answer = Caller(owner_of(project)).post(address, {"overlap": 2})
    assert (answer.status_code, answer.json()["kind"]) == (202, "change_overlap")
    run_jobs()
    assert active(round_) == [2, 2]
