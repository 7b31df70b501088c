"""Drawing the next slot: two statements, no waiting between reviewers, exact overlap.

The reviewer's own walk (RoundReviewer) is locked first, so two tabs of one person draw one after the other. The slot
is taken with SKIP LOCKED behind the walk's cursor, so nobody waits for anybody and nothing done is walked over again.
Times are the database's.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from claims.assignment.strategies import STRATEGIES
from claims.models import Assignment, Reviewer, Round, RoundReviewer, RoundUnit
from claims.models.statements import Table, fetch_one
from claims.permissions import check_can_label, check_consent

SLOTS = Table(Assignment)
WALK = """
SELECT w.id, w.cursor, w.is_paused, w.quota, w.done,
       (SELECT a.id FROM claims_assignment a
        WHERE a.reviewer_id = w.reviewer_id AND a.round_id = w.round_id AND a.state = 'reserved'
        ORDER BY a.position LIMIT 1)
FROM claims_roundreviewer w WHERE w.round_id = %(round)s AND w.reviewer_id = %(reviewer)s FOR UPDATE OF w
"""

# Not ORDER BY id: the planner would walk the primary key past every finished slot (performance.md, trap 1).
# OFFSET 0 keeps the look at one's own slots a look into an index for the few rows passed; as a join it reads them all.
TAKE = f"""
WITH picked AS (
    SELECT a.id, a.position FROM claims_assignment a
    WHERE a.round_id = %(round)s AND a.state = 'open' AND a.position > %(cursor)s
      AND NOT EXISTS (SELECT FROM claims_assignment b
                      WHERE b.round_id = a.round_id AND b.unit_id = a.unit_id AND b.reviewer_id = %(reviewer)s
                        AND b.state NOT IN ('expired', 'withdrawn') OFFSET 0)
    ORDER BY a.position, a.slot LIMIT 1 FOR UPDATE SKIP LOCKED
), walked AS (
    UPDATE claims_roundreviewer SET cursor = picked.position FROM picked WHERE claims_roundreviewer.id = %(walk)s
)
UPDATE claims_assignment a
SET state = 'reserved', reviewer_id = %(reviewer)s, reserved_at = now(),
    expires_at = now() + make_interval(mins => %(minutes)s)
FROM picked WHERE a.id = picked.id RETURNING {SLOTS.columns("a")}
"""  # noqa: S608 - names of our own columns

# Never waits for the slot, as the walk is locked: a submit or a correction holds the slot when it comes to the walk.
RENEW = f"""
UPDATE claims_assignment a SET expires_at = now() + make_interval(mins => %(minutes)s)
WHERE a.id = (SELECT id FROM claims_assignment WHERE id = %(id)s AND state = 'reserved' FOR UPDATE SKIP LOCKED)
RETURNING {SLOTS.columns("a")}
"""  # noqa: S608 - names of our own columns
LOOK = f"SELECT {SLOTS.columns('a')} FROM claims_assignment a WHERE a.id = %(id)s"  # noqa: S608 - our own columns

# A slot that ran out ends as it is and a fresh row takes its number; one statement, so a slot is never without a row.
TAKE_BACK = """
WITH ended AS (
    UPDATE claims_assignment SET state = 'expired', ended_at = now()
    WHERE id IN (SELECT id FROM claims_assignment WHERE state = 'reserved' AND expires_at < now()
                 ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
    RETURNING round_id, unit_id, slot, position
)
INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
SELECT round_id, unit_id, slot, position, 'open', '' FROM ended
"""


@dataclass(frozen=True)
class Walk:
    """A reviewer's place in a round, and the slot they hold already."""

    id: int
    cursor: int
    is_paused: bool
    quota: int | None
    done: int
    held: int | None

    @property
    def is_over(self) -> bool:
        return self.is_paused or (self.quota is not None and self.done >= self.quota)


def draw_next(round_: Round, reviewer: Reviewer) -> Assignment | None:
    """The slot the reviewer holds, or the next one for them; None when there is nothing left for them here.

    Refused when the round is not open, the reviewer is paused or has not accepted the project's consent text.
    """
    check_can_label(reviewer, round_)
    check_consent(reviewer, round_.project)
    asked = {"round": round_.pk, "reviewer": reviewer.pk, "minutes": round_.reservation_minutes}
    with transaction.atomic():
        walk = _locked_walk(round_, reviewer)
        if walk.held is not None:
            mine = {"minutes": round_.reservation_minutes, "id": walk.held}
            row = fetch_one(RENEW, mine) or fetch_one(LOOK, {"id": walk.held})
        elif walk.is_over:
            return None
        else:  # behind the cursor, then round once to what others gave back
            taken = (fetch_one(TAKE, asked | {"walk": walk.id, "cursor": start}) for start in (walk.cursor, -1))
            row = next((row for row in taken if row is not None), None)
    return SLOTS.take(iter(row)) if row is not None else None


def _locked_walk(round_: Round, reviewer: Reviewer) -> Walk:
    mine = {"round": round_.pk, "reviewer": reviewer.pk}
    row = fetch_one(WALK, mine)
    if row is None:
        _begin_walk(round_, reviewer)
        row = fetch_one(WALK, mine)
    assert row is not None  # noqa: S101 - written just now, or by a twin of this request
    return Walk(*row)


def _begin_walk(round_: Round, reviewer: Reviewer) -> None:
    n_units = RoundUnit.objects.filter(round=round_).count()
    start = STRATEGIES[round_.order](round_.seed, reviewer.pk, n_units)
    RoundReviewer.objects.bulk_create(
        [RoundReviewer(round=round_, reviewer=reviewer, cursor=start)], ignore_conflicts=True
    )


def give_back_expired() -> int:
    """End reservations that ran out and open their slots again; returns how many. Called by the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK)
        return int(cursor.rowcount)
