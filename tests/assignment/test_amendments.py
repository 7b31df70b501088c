"""Changing a planned round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from claims.assignment.actions import close_round, create_round, open_round
from claims.assignment.amendments import amend_round, delete_round
from claims.errors import Conflict, NotPermitted, Refused
from claims.models import Assignment, AuditEvent, ClaimOccurrence, Job, Round, RoundUnit, Unit
from tests.api.caller import Caller, code
from tests.factories import make_claims, make_codebook, make_project, make_round, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db


def make_plan() -> Round:
    project = make_project(alice="reviewer")
    return create_round(project, name="Pilot", codebook_version=make_codebook(project, "stance"), by=owner_of(project))


def test_it_works() -> None:
    plan = make_plan()
    changes = {"overlap": 3, "selection": {"limit": 20}, "name": "  Pilot two "}
    amended = amend_round(plan, changes=changes, expected=1, by=owner_of(plan.project))
    assert (amended.overlap, amended.selection, amended.name, amended.version) == (3, {"limit": 20}, "Pilot two", 2)
    assert AuditEvent.objects.get(verb="amend_round").details == {"fields": ["name", "overlap", "selection"]}


def test_who_may_not() -> None:
    plan = make_plan()
    with pytest.raises(NotPermitted, match="Only owners and curators"):
        amend_round(plan, changes={"overlap": 3}, expected=1, by=member(plan.project, "alice"))


@pytest.mark.parametrize(
    ("changes", "expected", "code"),
    [
        ({"overlap": 3}, 7, "stale_version"),
        ({"overlap": 0}, 1, "invalid_overlap"),
        ({"overlap": 61}, 1, "invalid_overlap"),
        ({"state": "open"}, 1, "unknown_field"),
        ({"evidence_visibility": "all"}, 1, "unknown_evidence_visibility"),
        ({"unit_kind": "outlet"}, 1, "unknown_question"),
        ({"questions": ["loudness"]}, 1, "unknown_question"),
        ({"selection": {"limit": 0}}, 1, "invalid_selection"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expected: int, code: str) -> None:
    plan = make_plan()
    with pytest.raises(Refused) as refusal:
        amend_round(plan, changes=changes, expected=expected, by=owner_of(plan.project))
    assert refusal.value.code == code
    plan.refresh_from_db()
    assert (plan.overlap, plan.version) == (2, 1)


def test_a_name_is_used_once_in_a_project() -> None:
    plan = make_plan()
    by = owner_of(plan.project)
    create_round(plan.project, name="Second", codebook_version=plan.codebook_version, by=by)
    with pytest.raises(Conflict, match="already has a round"):
        amend_round(plan, changes={"name": "Second"}, expected=1, by=by)


def test_an_opened_round_may_only_be_renamed() -> None:
    round_ = make_round(make_project(), units=1)
    by = owner_of(round_.project)
    with pytest.raises(Conflict, match="only the name and the limits can change"):
        amend_round(round_, changes={"overlap": 3}, expected=round_.version, by=by)
    assert amend_round(round_, changes={"name": "Harbour"}, expected=round_.version, by=by).name == "Harbour"


def test_a_draft_takes_another_codebook_but_not_a_foreign_one() -> None:
    plan = make_plan()
    main = make_codebook(plan.project, "main")
    amended = amend_round(plan, changes={"codebook_version": main}, expected=1, by=owner_of(plan.project))
    assert amended.codebook_version == main
    foreign = {"codebook_version": make_codebook(make_project())}
    with pytest.raises(Refused) as refusal:
        amend_round(plan, changes=foreign, expected=2, by=owner_of(plan.project))
    assert refusal.value.code == "unknown_codebook"


def test_a_draft_can_be_given_up() -> None:
    plan = make_plan()
    with pytest.raises(NotPermitted):
        delete_round(plan, by=member(plan.project, "alice"))
    delete_round(plan, by=owner_of(plan.project))
    assert not Round.objects.exists()
    assert AuditEvent.objects.get(verb="delete_round").details == {"name": "Pilot"}


def test_what_an_opening_that_broke_off_had_drawn_goes_with_the_draft() -> None:
    project = make_project()
    round_ = make_round(project, units=3)
    Round.objects.filter(pk=round_.pk).update(state="draft")  # as if the worker had died before the last chunk
    delete_round(round_, by=owner_of(project))
    assert (Assignment.objects.count(), RoundUnit.objects.count(), Unit.objects.count()) == (0, 0, 3)


@pytest.mark.parametrize("state", ["opening", "open", "closed"])
def test_what_is_opened_or_being_opened_is_neither_changed_nor_given_up(state: str) -> None:
    plan = make_plan() if state == "opening" else make_round(make_project(), units=1)
    by = owner_of(plan.project)
    if state == "opening":
        make_claims(plan.project, 1)
        open_round(plan, by=by)
    elif state == "closed":
        close_round(plan, by=by)
    code = "round_is_opening" if state == "opening" else "round_not_draft"
    plan.refresh_from_db()
    for act in (
        lambda: delete_round(plan, by=by),
        lambda: amend_round(plan, changes={"overlap": 3}, expected=plan.version, by=by),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == code


def test_a_round_without_units_is_not_opened_and_says_what_to_do() -> None:
    plan = make_plan()
    by = owner_of(plan.project)
    caller = Caller(by)
    refused = caller.post(f"rounds/{plan.pk}/open/")
    assert (refused.status_code, code(refused)) == (409, "no_units")
    assert "Change the selection" in refused.json()["detail"]
    assert not Job.objects.filter(kind="open_round").exists()
    make_claims(plan.project, 2)
    open_round(plan, by=by)
    ClaimOccurrence.objects.update(state="dropped")  # between the click and the job
    run_jobs()
    plan.refresh_from_db()
    assert plan.state == "draft"
    job = Job.objects.get(kind="open_round")
    assert (job.state, job.reason) == ("partial", "no_units")
    ClaimOccurrence.objects.update(state="proposed")
    open_round(plan, by=by)
    run_jobs()
    plan.refresh_from_db()
    assert plan.state == "open"


def test_a_round_whose_deadline_is_over_is_not_opened() -> None:
    plan = make_plan()
    make_claims(plan.project, 2)
    by = owner_of(plan.project)
    plan = amend_round(plan, changes={"deadline": timezone.now() - timedelta(hours=1)}, expected=1, by=by)
    with pytest.raises(Conflict, match="has passed: nobody would be offered a unit") as conflict:
        open_round(plan, by=by)
    assert conflict.value.code == "deadline_passed"
    plan = amend_round(plan, changes={"deadline": timezone.now() + timedelta(hours=1)}, expected=2, by=by)
    open_round(plan, by=by)
