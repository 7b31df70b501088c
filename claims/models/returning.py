"""Places that somebody holds and will not answer go to others: the row ends as it is and a fresh one takes its number.

One statement, so that a place is never without a row (INV-3). What another transaction holds is passed over: somebody
submits it, or gives it back, at this moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

GIVE_BACK = """
WITH ended AS (
    UPDATE claims_assignment SET state = 'expired', ended_at = now()
    WHERE id IN (SELECT id FROM claims_assignment WHERE state = 'reserved' AND {which}
                 ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
    RETURNING round_id, unit_id, slot, position, is_urgent
)
INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason, is_urgent)
SELECT round_id, unit_id, slot, position, 'open', '', is_urgent FROM ended
"""
EXPIRED = GIVE_BACK.format(which="expires_at < now()")
EXPIRED_IN_ROUND = GIVE_BACK.format(which="expires_at < now() AND round_id = %(round)s")
HELD_BY = GIVE_BACK.format(which="reviewer_id = ANY(%(reviewers)s)")


def give_back_expired(round_id: int | None = None) -> int:
    """End reservations that ran out, everywhere or in one round, and open their places again; returns how many."""
    return _run(EXPIRED if round_id is None else EXPIRED_IN_ROUND, {"round": round_id})


def give_back_held_by(reviewers: Sequence[int]) -> int:
    """The same for all that these reviewers hold, however long they may: they do not go on."""
    return _run(HELD_BY, {"reviewers": list(reviewers)})


def _run(statement: str, values: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
