"""Known answers, written by who settles: what qualifications ask for and control items are measured by.

A known answer is a settled label with its reason; nothing else is kept about it. They are written into a round whose
labelling is over, or that was closed before it began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from claims.adjudication.actions import settle_label
from claims.adjudication.disputes import newest_settled
from claims.errors import Problem, Refused
from claims.models import Round, SettledLabel, Unit, User
from claims.permissions import check_can

MOST = 500  # in one request


def add_known_answers(round_: Round, entries: Sequence[Mapping[str, Any]], *, by: User) -> list[SettledLabel]:
    """All of them or none. An entry names a `unit` of the round, or the `claim` (an occurrence) that is one, the
    `question`, the `value`, and the `explanation` that people who answer otherwise read.

    Refused `invalid_entries` with a problem for each that has no unit or no explanation; else like `settle_label`.
    """
    check_can("settle", by, round_.project)
    if not 1 <= len(entries) <= MOST:
        raise Refused("invalid_entries", f"Send 1 to {MOST} known answers at a time, not {len(entries)}.")
    units = _units(round_, entries)
    if problems := [fault for n, entry in enumerate(entries) for fault in _faults(n, entry, units[n])]:
        raise Refused("invalid_entries", " ".join(fault.sentence for fault in problems[:3]), problems=problems)
    with transaction.atomic():
        return [_settle(round_, unit, entry, by) for unit, entry in zip(units, entries, strict=True) if unit]


def _units(round_: Round, entries: Sequence[Mapping[str, Any]]) -> list[Unit | None]:
    named = [entry["unit"] for entry in entries if entry.get("unit")]
    claims = [entry["claim"] for entry in entries if entry.get("claim")]
    rows = Unit.objects.filter(round_units__round=round_).select_related("occurrence_version")
    found = list(rows.filter(Q(pk__in=named) | Q(occurrence_version__occurrence__in=claims)))
    by_unit = {unit.pk: unit for unit in found}
    by_claim = {unit.occurrence_version.occurrence_id: unit for unit in found if unit.occurrence_version is not None}
    return [
        by_unit.get(entry["unit"]) if entry.get("unit") else by_claim.get(entry.get("claim") or 0) for entry in entries
    ]


def _faults(n: int, entry: Mapping[str, Any], unit: Unit | None) -> list[Problem]:
    faults = []
    if unit is None:
        sentence = f"Entry {n + 1} names no unit of this round. Give the id of its unit, or of its claim."
        faults.append(Problem(f"answers.{n}.unit", "unknown_unit", sentence))
    if not str(entry.get("explanation", "")).strip():
        sentence = f"Entry {n + 1} has no explanation; who answers otherwise learns from it."
        faults.append(Problem(f"answers.{n}.explanation", "explanation_missing", sentence))
    return faults


def _settle(round_: Round, unit: Unit, entry: Mapping[str, Any], by: User) -> SettledLabel:
    before = newest_settled(round_, unit, entry["question"])
    return settle_label(
        round_, unit, entry["question"], expected_revision=before.revision if before else 0, outcome="answer",
        value=entry["value"], method="expert", rationale=entry["explanation"], by=by,
    )  # fmt: skip
