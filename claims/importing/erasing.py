"""Blanking whom labels name as sources, in all that was said and settled about some units.

Equal names become equal stand-ins within a unit and question, so that agreement on chains stays what it was.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from claims.models import Draft, Label, LabelEvent, Question, SecondSettlement, SettledLabel, Unit
from claims.values.erasable import blanked, stand_in
from claims.values.hops import hop_key

Asked = set[tuple[int, str]]  # codebook version, question


class StandIns:
    """A number for each name, by unit and question, in the order in which they first come."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)

    def of(self, unit: int, question: str, names: Sequence[str]) -> list[str]:
        known = self.known[unit, question]
        return [known.setdefault(hop_key(name), stand_in(len(known) + 1)) for name in names]


def erase_sources(units: QuerySet[Unit]) -> None:
    """Blank them in label events, current answers and settled ones; what was typed and not yet sent goes. An event from
    before names had a salt of their own stays, as they are part of what its hash covers."""
    Draft.objects.filter(unit__in=units).delete()
    versions = units.values("round_units__round__codebook_version")
    asked = set(
        Question.objects.filter(kind="chain", codebook_version__in=versions).values_list("codebook_version", "code")
    )
    if asked:
        stand_ins = StandIns()
        _erase_events(units, asked, stand_ins)
        _erase_labels(units, asked, stand_ins)
        _erase_settled(units, asked, stand_ins)


def _erase_events(units: QuerySet[Unit], asked: Asked, stand_ins: StandIns) -> None:
    naming = LabelEvent.objects.filter(unit__in=units, answers__has_any_keys=sorted({code for _, code in asked}))
    for event in naming.order_by("pk"):
        words = {
            code: stand_ins.of(event.unit_id, code, event.answers[code]["value"])
            for version, code in asked
            if version == event.codebook_version_id and "salt" in event.answers.get(code, {})
        }
        if words:
            _write("labelevent", event.pk, blanked(event.answers, words))


def _erase_labels(units: QuerySet[Unit], asked: Asked, stand_ins: StandIns) -> None:
    codes = {code for _, code in asked}
    labels = Label.objects.filter(unit__in=units, question__in=codes, value__isnull=False).select_related("round")
    changed = [label for label in labels.order_by("pk") if (label.round.codebook_version_id, label.question) in asked]
    for label in changed:
        label.value = stand_ins.of(label.unit_id, label.question, label.value or [])
    Label.objects.bulk_update(changed, ["value"], batch_size=500)


def _erase_settled(units: QuerySet[Unit], asked: Asked, stand_ins: StandIns) -> None:
    codes = {code for _, code in asked}
    rows = SettledLabel.objects.filter(unit__in=units, question__in=codes).select_related("round", "second")
    for row in rows.order_by("pk"):
        if (row.round.codebook_version_id, row.question) not in asked:
            continue
        second: SecondSettlement | None = getattr(row, "second", None)
        if row.value is not None:
            _write("settledlabel", row.pk, stand_ins.of(row.unit_id, row.question, row.value))
        if second is not None and second.value is not None:
            _write("secondsettlement", second.pk, stand_ins.of(row.unit_id, row.question, second.value))


def _write(place: str, pk: int, words: Any) -> None:
    """The application may not update these tables: a function of the database does, and lets only this through."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT claims_erase_sources(%s, %s, %s::jsonb)", [place, pk, json.dumps(words)])
