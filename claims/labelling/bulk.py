"""Many answers in one request: each is stored by itself, so that a faulty one costs none of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from claims.errors import Refused, none_taken
from claims.labelling.events import Receipt
from claims.labelling.submission import submit_label
from claims.models import Reviewer, Round, Unit


def submit_labels(
    round_: Round, reviewer: Reviewer, given: Sequence[Mapping[str, Any] | Refused], *, idempotency_key: str
) -> list[Receipt | Refused]:
    """What `submit_label` says to each, in order; every item holds `unit` beside that function's arguments.

    Every label has a key of its own that follows from the one given and the unit, so a repeat stores what is missing
    and gets the same receipts for the rest. A unit that stands twice counts once. Raises Refused `none_taken`
    when none is stored.
    """
    seen: set[int] = set()
    said = [
        one if isinstance(one, Refused) else _submit(round_, reviewer, dict(one), seen, idempotency_key)
        for one in given
    ]
    if all(isinstance(one, Refused) for one in said):
        raise none_taken("labels", said)
    return said


def _submit(
    round_: Round, reviewer: Reviewer, one: dict[str, Any], seen: set[int], idempotency_key: str
) -> Receipt | Refused:
    unit = one.pop("unit")
    if unit in seen:
        return Refused("repeated_unit", f"Unit {unit} stands twice in this request. The first one counts.")
    seen.add(unit)
    try:
        return submit_label(round_, Unit(pk=unit), reviewer, **one, idempotency_key=key_for(idempotency_key, unit))
    except Refused as refusal:
        return refusal


def key_for(idempotency_key: str, unit: int) -> str:
    return hashlib.sha256(f"{idempotency_key} {unit}".encode()).hexdigest()
