"""The writes of assignment: plan a round, have it opened, close it. Drawing is in claims.assignment.draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from claims import audit, jobs
from claims.assignment.checking.plan import check_checks, check_is_told_what
from claims.assignment.draw import draw_next
from claims.assignment.opening import check_has_work
from claims.assignment.plan import (
    Plan,
    check_codebook,
    check_is_planned,
    check_order,
    check_plan,
    check_qualification,
    check_questions,
)
from claims.errors import Conflict
from claims.lifecycle import ROUND
from claims.models import Assignment, CodebookVersion, Job, Project, Round, RoundUnit, User
from claims.models.returning import give_back_expired
from claims.permissions import check_can, check_can_open_round, check_not_archived
from claims.text import clean_line

__all__ = [
    "close_round",
    "create_round",
    "draw_next",
    "give_back_expired",
    "open_round",
    "progress",
    "set_paused",
]


def create_round(
    project: Project,
    *,
    name: str,
    codebook_version: CodebookVersion,
    by: User,
    unit_kind: str = "claim_occurrence",
    questions: Sequence[str] = (),
    **plan: Unpack[Plan],
) -> Round:
    """A draft of a round; refused when its questions, unit or numbers do not fit."""
    check_can("manage_rounds", by, project)
    check_not_archived(project)
    check_codebook(project, codebook_version)
    columns = check_plan(plan)
    check_qualification(project, columns.get("qualification"))
    check_order(columns.get("order", "fixed"), unit_kind)
    questions = check_checks(project, columns, codebook_version, unit_kind, questions)
    check_questions(codebook_version, unit_kind, questions, columns.get("purpose", "main"))
    try:
        with transaction.atomic():
            round_ = Round.objects.create(
                project=project,
                name=clean_line(name) or "Round",
                codebook_version=codebook_version,
                unit_kind=unit_kind,
                questions=list(questions),
                created_by=by,
                **columns,
            )
            audit.record("create_round", round_, by=by, overlap=round_.overlap)
    except IntegrityError:
        raise Conflict("round_name_taken", f"This project already has a round called {name!r}.") from None
    return round_


def open_round(round_: Round, *, by: User) -> Job:
    """Have the slots made in the background; the round is open when the job has ended. Conflict where nobody could work
    in it: see `check_has_work`."""
    check_can_open_round(by, round_)
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        check_is_planned(locked)
        check_is_told_what(locked)
        check_has_work(locked)
        audit.record("open_round", locked, by=by)
        return jobs.enqueue("open_round", project=round_.project, by=by, args={"round": round_.pk})


def close_round(round_: Round, *, by: User) -> None:
    """No new labels; slots that are open or held end as withdrawn. What was submitted stays."""
    check_can("manage_rounds", by, round_.project)
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        ROUND.check_move(locked.state, "closed")
        Round.objects.filter(pk=round_.pk).update(state="closed", closed_at=Now(), version=F("version") + 1)
        Assignment.objects.filter(round=round_, state__in=("open", "reserved")).update(
            state="withdrawn", ended_at=Now(), expires_at=None
        )
        audit.record("close_round", locked, by=by)


def set_paused(round_: Round, paused: bool, *, by: User) -> None:
    """Stop or resume drawing and submitting in a round; nothing that is held is lost."""
    check_can("manage_rounds", by, round_.project)
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        target = "paused" if paused else "open"
        ROUND.check_move(locked.state, target)
        Round.objects.filter(pk=round_.pk).update(state=target, version=F("version") + 1)
        audit.record("pause_round" if paused else "resume_round", locked, by=by)


def progress(round_: Round) -> dict[str, int]:
    """Slots by state and units of a round; for people who may see others' work, never for reviewers (INV-4)."""
    states = dict(
        Assignment.objects.filter(round=round_).values_list("state").annotate(n=Count("id")).values_list("state", "n")
    )
    units = RoundUnit.objects.filter(round=round_).aggregate(
        n=Count("id"), control=Count("id", filter=Q(is_control=True))
    )
    return {
        "units": units["n"],
        "controls": units["control"],
        **{state: states.get(state, 0) for state in ("open", "reserved", "submitted", "skipped", "expired")},
    }
