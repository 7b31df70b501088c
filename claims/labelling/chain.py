"""The hash chain over a reviewer's label events in a project.

hash = SHA-256(prev_hash + canonical JSON of the event), the chain starting at 32 zero bytes. Free text is hashed as
SHA-256(salt + canonical JSON of the text), so that it can be erased while the chain still verifies; so are the
sources that an answer names, see claims.values.erasable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Prefetch

from claims.models import LabelChain, LabelEvent, LabelText, Project
from claims.values.erasable import hashed

GENESIS = bytes(32)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and without spaces, UTF-8: the same value always gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def text_digest(salt: bytes, content: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(salt + canonical(content)).digest()


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def hashed_columns(event: LabelEvent) -> dict[str, Any]:
    """What of an event is hashed: every column but the hashes themselves and the row id."""
    return {
        "project": event.project_id,
        "reviewer": event.reviewer_id,
        "seq": event.seq,
        "kind": event.kind,
        "round": event.round_id,
        "unit": event.unit_id,
        "assignment": event.assignment_id,
        "phase": event.phase,
        "codebook_version": event.codebook_version_id,
        "answers": hashed(event.answers),
        "seconds": event.seconds,
        "text_digest": bytes(event.text_digest).hex(),
        "idempotency_key": event.idempotency_key,
        "request_sha256": event.request_sha256,
        "created_at": stamp(event.created_at),
    }


def event_hash(prev_hash: bytes, event: LabelEvent) -> bytes:
    return hashlib.sha256(prev_hash + canonical(hashed_columns(event))).digest()


@dataclass(frozen=True)
class Fault:
    """One row that does not verify."""

    reviewer: int
    seq: int
    sentence: str


def verify_labels(project: Project) -> Iterator[Fault]:
    """Recompute every chain of a project; yields the rows that were changed, removed or put in (PR-09)."""
    chains = LabelChain.objects.filter(reviewer__project=project).order_by("reviewer_id")
    for chain in chains.iterator():
        yield from _verify_chain(chain)


def _verify_chain(chain: LabelChain) -> Iterator[Fault]:
    events = (
        LabelEvent.objects.filter(reviewer_id=chain.reviewer_id)
        .order_by("seq")
        .prefetch_related(Prefetch("text", queryset=LabelText.objects.all()))
    )
    prev, expected = GENESIS, 1
    for event in events.iterator(chunk_size=2000):
        if event.seq != expected:
            yield Fault(chain.reviewer_id, expected, f"event {expected} is missing; the next one is {event.seq}")
        elif bytes(event.prev_hash) != prev:
            yield Fault(chain.reviewer_id, event.seq, "does not follow from the event before it")
        if event_hash(bytes(event.prev_hash), event) != bytes(event.hash):
            yield Fault(chain.reviewer_id, event.seq, "was changed after it was written")
        yield from _verify_text(event)
        prev, expected = bytes(event.hash), event.seq + 1
    if chain.seq != expected - 1 or (chain.seq and bytes(chain.hash) != prev):
        yield Fault(chain.reviewer_id, chain.seq, f"the chain ends at {expected - 1}, its head says {chain.seq}")


def _verify_text(event: LabelEvent) -> Iterator[Fault]:
    text = getattr(event, "text", None)
    if text is None:
        if bytes(event.text_digest):
            yield Fault(event.reviewer_id, event.seq, "its text row is missing")
    elif text.erased_at is None and text_digest(bytes(text.salt), text.content) != bytes(event.text_digest):
        yield Fault(event.reviewer_id, event.seq, "its text was changed after it was written")
