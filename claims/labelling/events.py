"""Appending to a reviewer's chain: lock its head, write the event with all that follows from it, wake the scorer."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from claims import jobs
from claims.errors import NotFound
from claims.labelling.answers import spec_of
from claims.labelling.chain import GENESIS, event_hash, hashed_columns, text_digest
from claims.models import Assignment, LabelEvent, Reviewer
from claims.models.statements import fetch_one
from claims.values.erasable import erasable

FOLD_GATHERS = 0.7  # seconds: figures follow within two, and a busy round is folded once a second, not at every label

LOCK_CHAIN = """
SELECT c.seq, c.hash, now(), e.seq, e.request_sha256, e.created_at, e.unit_id
FROM claims_labelchain c
LEFT JOIN claims_labelevent e ON e.reviewer_id = c.reviewer_id AND e.idempotency_key = %(key)s
WHERE c.reviewer_id = %(reviewer)s FOR UPDATE OF c
"""

WRITE = """
WITH event AS (
    INSERT INTO claims_labelevent (project_id, reviewer_id, seq, kind, round_id, unit_id, assignment_id, phase,
        codebook_version_id, answers, seconds, text_digest, idempotency_key, request_sha256, prev_hash, hash,
        created_at)
    VALUES (%(project)s, %(reviewer)s, %(seq)s, %(kind)s, %(round)s, %(unit)s, %(assignment)s, %(phase)s,
        %(codebook_version)s, %(answers)s::jsonb, %(seconds)s, %(text_digest)s, %(idempotency_key)s,
        %(request_sha256)s, %(prev_hash)s, %(hash)s, %(created_at)s)
    RETURNING id
), labels AS (
    INSERT INTO claims_label (round_id, unit_id, question, reviewer_id, phase, value, missing, event_id, is_void)
    SELECT %(round)s, %(unit)s, answer.key, %(reviewer)s, %(phase)s, answer.value->'value', answer.value->>'missing',
           event.id, false
    FROM event, jsonb_each(%(answers)s::jsonb) AS answer
    ON CONFLICT (round_id, unit_id, question, reviewer_id, phase)
    DO UPDATE SET value = EXCLUDED.value, missing = EXCLUDED.missing, event_id = EXCLUDED.event_id, is_void = false
), unasked AS (
    DELETE FROM claims_label WHERE %(kind)s = 'revised' AND round_id = %(round)s AND unit_id = %(unit)s
       AND reviewer_id = %(reviewer)s AND phase = %(phase)s AND NOT (%(answers)s::jsonb ? question)
), slot AS (
    UPDATE claims_assignment SET state = 'submitted', ended_at = now(), expires_at = NULL
    WHERE id = %(assignment)s AND state = 'reserved' AND %(kind)s = 'submitted' RETURNING 1
), walk AS (
    UPDATE claims_roundreviewer SET done = done + 1
    WHERE round_id = %(round)s AND reviewer_id = %(reviewer)s AND EXISTS (SELECT FROM slot)
), head AS (
    UPDATE claims_labelchain SET seq = %(seq)s, hash = %(hash)s WHERE reviewer_id = %(reviewer)s
), draft AS (
    DELETE FROM claims_draft WHERE round_id = %(round)s AND unit_id = %(unit)s AND reviewer_id = %(reviewer)s
), fold AS (
    INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
    SELECT %(round)s, %(unit)s, id FROM event WHERE %(kind)s <> 'skipped'
), words AS (
    INSERT INTO claims_labeltext (event_id, salt, content)
    SELECT id, %(salt)s, %(text)s::jsonb FROM event WHERE %(text)s::jsonb IS NOT NULL
)
SELECT id FROM event
"""


@dataclass(frozen=True)
class Receipt:
    """The acknowledgement: `seq` counts the reviewer's own events in the project. `repeated`: it was stored before;
    `unchanged`: it says what stood already, and nothing was stored."""

    seq: int
    unit: int
    saved_at: datetime
    repeated: bool = False
    unchanged: bool = False


@dataclass
class Chained:
    """The locked head of the reviewer's chain, and an earlier event with the same key."""

    seq: int
    prev_hash: bytes
    now: datetime
    earlier: Receipt | None = None
    earlier_request: str = ""


@dataclass(frozen=True)
class Write:
    """What one event says, before it is chained."""

    kind: str
    assignment: Assignment
    answers: dict[str, Any]
    text: dict[str, Any] = field(default_factory=dict)
    seconds: int | None = None
    phase: str = "first"


def lock_chain(reviewer: Reviewer, key: str) -> Chained:
    """Lock the reviewer's chain for this transaction and look for an event with the same key."""
    row = fetch_one(LOCK_CHAIN, {"reviewer": reviewer.pk, "key": key})
    if row is None:
        raise NotFound
    seq, head, now, earlier_seq, earlier_request, earlier_at, earlier_unit = row
    chained = Chained(seq, bytes(head) or GENESIS, now)
    if earlier_seq is not None:
        chained.earlier = Receipt(earlier_seq, earlier_unit, earlier_at, repeated=True)
        chained.earlier_request = earlier_request
    return chained


def append(write: Write, reviewer: Reviewer, chained: Chained, key: str, request: str) -> None:
    """Chain the event and write it with all that follows from it, in one statement; then wake the scorer."""
    salt = secrets.token_bytes(16) if write.text else b""
    round_ = write.assignment.round
    event = LabelEvent(
        project_id=round_.project_id,
        reviewer=reviewer,
        seq=chained.seq + 1,
        kind=write.kind,
        round=round_,
        unit_id=write.assignment.unit_id,
        assignment_id=write.assignment.pk,
        phase=write.phase,
        codebook_version_id=round_.codebook_version_id,
        answers=erasable(write.answers, _naming(round_.codebook_version_id)),
        seconds=write.seconds,
        text_digest=text_digest(salt, write.text) if write.text else b"",
        idempotency_key=key,
        request_sha256=request,
        prev_hash=chained.prev_hash,
        created_at=chained.now,
    )
    event.hash = event_hash(chained.prev_hash, event)
    fetch_one(WRITE, _columns(event) | {"salt": salt, "text": json.dumps(write.text) if write.text else None})
    if write.answers:
        asked = {"round": round_.pk}
        jobs.enqueue_once("fold_round", key=str(round_.pk), args=asked, project=round_.project, gather=FOLD_GATHERS)


@lru_cache(maxsize=256)
def _naming(version_id: int) -> frozenset[str]:
    """Questions whose answers name people; published versions never change."""
    return frozenset(question.code for question in spec_of(version_id).questions if question.kind == "chain")


def _columns(event: LabelEvent) -> dict[str, Any]:
    """The hashed columns as they are written, with the hashes themselves."""
    return hashed_columns(event) | {
        "answers": json.dumps(event.answers),
        "text_digest": event.text_digest,
        "created_at": event.created_at,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }
