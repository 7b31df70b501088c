"""Changing a planned round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from claims import audit
from claims.assignment.subjects import check_selection
from claims.errors import Conflict, Problem, Refused
from claims.models import Round, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

ANY_TIME = frozenset({"name"})
WHILE_DRAFT = frozenset(
    {
        *("overlap", "order", "purpose", "seed", "selection", "reservation_minutes"),
        *("hides_outlet", "hides_author", "hides_date", "flags_evidence_dates", "blocks_own_outlet"),
    }
)


def amend_round(round_: Round, *, changes: Mapping[str, Any], expected: int, by: User) -> Round:
    """Change a draft's plan, or any round's name; units and slots of an opened round stay as they were drawn.

    `expected` is the version that the person saw: Conflict `stale_version` when another change came between.
    """
    check_can("manage_rounds", by, round_.project)
    check_not_archived(round_.project)
    _check_changes(round_, changes)
    values = dict(changes)
    if "name" in values:
        values["name"] = clean_line(values["name"])[:120] or round_.name
    if "selection" in values:
        values["selection"] = check_selection(values["selection"])
    states = ("draft",) if set(changes) - ANY_TIME else ("draft", "open", "paused", "closed")
    try:
        with transaction.atomic():
            kept = Round.objects.filter(pk=round_.pk, version=expected, state__in=states).update(
                **values, version=F("version") + 1
            )
            if not kept:
                raise Conflict("stale_version", "Somebody changed this round meanwhile. Read it again.")
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
    if set(changes) - ANY_TIME and round_.state != "draft":
        raise Conflict(
            "round_not_draft",
            f"This round is {round_.state}: its units are drawn, so only the name can change. Plan another round.",
            current={"state": round_.state},
        )
    if not 1 <= changes.get("overlap", 1) <= 60:
        raise Refused("invalid_overlap", "Overlap is the number of reviewers per unit, 1 to 60.")
