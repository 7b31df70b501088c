"""Changing a planned round, or giving it up before it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from claims import audit
from claims.assignment.checking.plan import check_checks
from claims.assignment.plan import (
    PLANNED,
    check_codebook,
    check_is_planned,
    check_order,
    check_plan,
    check_qualification,
    check_questions,
    whole_plan,
)
from claims.errors import Conflict, Problem, Refused
from claims.models import Assignment, Round, RoundReviewer, RoundUnit, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

ANY_TIME = frozenset({"name", "quota", "deadline", "repeats_weekly"})
ASKED = frozenset({"codebook_version", "unit_kind", "questions"})
WHILE_DRAFT = ASKED | PLANNED - ANY_TIME - {"shows_live_scores"}


def amend_round(round_: Round, *, changes: Mapping[str, Any], expected: int, by: User) -> Round:
    """Change a draft's plan, or any round's name and limits; units and slots stay as they were drawn.

    `expected` is the version that the person saw: Conflict `stale_version` when another change came between.
    """
    check_can("manage_rounds", by, round_.project)
    check_not_archived(round_.project)
    _check_changes(round_, changes)
    planned = check_plan(whole_plan(round_, changes))
    check_qualification(round_.project, planned["qualification"])
    check_order(planned["order"], changes.get("unit_kind", round_.unit_kind))
    values = {name: planned.get(name, value) for name, value in changes.items()}
    if {"checks", "purpose", *ASKED} & set(changes):
        asked = {name: changes.get(name, getattr(round_, name)) for name in ASKED}
        values["questions"] = check_checks(
            round_.project, planned, asked["codebook_version"], asked["unit_kind"], asked["questions"]
        )
    if "name" in values:
        values["name"] = clean_line(values["name"])[:120] or round_.name
    try:
        with transaction.atomic():
            locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
            if set(changes) - ANY_TIME:
                check_is_planned(locked)
                _drop_drawn(locked)
            if locked.version != expected:
                raise Conflict("stale_version", "Somebody changed this round meanwhile. Read it again.")
            Round.objects.filter(pk=round_.pk).update(**values, version=F("version") + 1)
            audit.record("amend_round", round_, by=by, fields=sorted(values))
    except IntegrityError:
        raise Conflict("round_name_taken", f"This project already has a round called {values['name']!r}.") from None
    round_.refresh_from_db()
    return round_


def _check_changes(round_: Round, changes: Mapping[str, Any]) -> None:
    unknown = sorted(set(changes) - ANY_TIME - WHILE_DRAFT)
    if unknown:
        problems = [Problem(name, "unknown_field", f"{name} of a round cannot be changed.") for name in unknown]
        raise Refused("unknown_field", f"{', '.join(unknown)} of a round cannot be changed.", problems=problems)
    if set(changes) & (ASKED | {"purpose"}):
        plan = {name: changes.get(name, getattr(round_, name)) for name in ASKED | {"purpose"}}
        check_codebook(round_.project, plan["codebook_version"])
        check_questions(plan["codebook_version"], plan["unit_kind"], plan["questions"], plan["purpose"])


def delete_round(round_: Round, *, by: User) -> None:
    """Give up a draft: nothing was asked of anybody, so no work goes with it."""
    check_can("manage_rounds", by, round_.project)
    check_not_archived(round_.project)
    with transaction.atomic():
        locked = Round.objects.select_for_update().get(pk=round_.pk)
        check_is_planned(locked)
        if name := Round.objects.filter(qualification=locked).values_list("name", flat=True).first():
            raise Conflict(
                "round_is_asked_for", f"“{name}” is for those who have passed this round. Change that first."
            )
        audit.record("delete_round", locked, by=by, name=locked.name)
        _drop_drawn(locked)
        RoundReviewer.objects.filter(round=locked).delete()
        locked.delete()


def _drop_drawn(draft: Round) -> None:
    """Places and slots that an opening which broke off had made; the units themselves belong to the project."""
    Assignment.objects.filter(round=draft).delete()
    RoundUnit.objects.filter(round=draft).delete()
