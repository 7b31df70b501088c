"""How far a round is, and each person in it: done, left, pace, when it will end, and what somebody holds too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from claims import audit
from claims.assignment.actions import progress
from claims.errors import Conflict, NotFound, Refused
from claims.models import Assignment, Membership, Reviewer, Round, RoundReviewer, User
from claims.models.statements import fetch_one
from claims.permissions import ALLOWED, check_can, check_not_archived

SPAN = timedelta(days=7)  # the pace is that of the last week
STALLED_AFTER = timedelta(minutes=30)  # nothing drawn and no draft saved for so long

# A person's newest events, from the first of the span on: events are numbered in order, so the look back is short.
LOADS = """
SELECT v.id, v.name, v.state, COALESCE(w.done, 0), w.quota, COALESCE(w.is_paused, false),
       e.n, e.first_at, e.last_at, e.seconds, h.id, h.unit_id, h.reserved_at, h.expires_at, h.touched_at
FROM claims_reviewer v LEFT JOIN claims_roundreviewer w ON w.reviewer_id = v.id AND w.round_id = %(round)s
CROSS JOIN LATERAL (
    SELECT count(*) AS n, min(created_at) AS first_at, max(created_at) AS last_at,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
    FROM claims_labelevent WHERE reviewer_id = w.reviewer_id AND round_id = w.round_id AND kind = 'submitted'
      AND seq > COALESCE((SELECT max(seq) FROM claims_labelevent
                          WHERE reviewer_id = w.reviewer_id AND created_at < %(since)s), 0)
) e
LEFT JOIN LATERAL (
    SELECT a.id, a.unit_id, a.reserved_at, a.expires_at, GREATEST(a.reserved_at, d.saved_at) AS touched_at
    FROM claims_assignment a
    LEFT JOIN claims_draft d ON d.round_id = a.round_id AND d.unit_id = a.unit_id AND d.reviewer_id = a.reviewer_id
    WHERE a.round_id = w.round_id AND a.reviewer_id = w.reviewer_id AND a.state = 'reserved' ORDER BY a.id LIMIT 1
) h ON true
WHERE v.project_id = %(project)s AND (w.id IS NOT NULL OR EXISTS (
    SELECT FROM claims_membership m
    WHERE m.project_id = v.project_id AND m.user_id = v.user_id AND m.role = 'reviewer'))
ORDER BY w.id IS NULL, v.name
"""  # who has begun here or has limits, and then the reviewers who have not


@dataclass(frozen=True)
class Held:
    """A place in somebody's hands."""

    assignment: int
    unit: int
    since: datetime
    until: datetime
    is_stalled: bool


@dataclass(frozen=True)
class Load:
    """One person in the round; `per_day` and `seconds` (the median of a unit) are of the last week."""

    reviewer: int
    name: str
    state: str
    done: int
    quota: int | None
    is_paused: bool
    recent: int
    per_day: float
    seconds: float | None
    last_at: datetime | None
    held: Held | None

    @property
    def left(self) -> int | None:
        """Of the quota; None where there is none."""
        return None if self.quota is None else max(self.quota - self.done, 0)


@dataclass(frozen=True)
class Workload:
    """`ends_at` is when all places are answered at the pace of the last week; None without a pace or at the end."""

    done: int
    left: int
    per_day: float
    ends_at: datetime | None
    people: list[Load]

    @property
    def stalled(self) -> list[Load]:
        return [load for load in self.people if load.held is not None and load.held.is_stalled]


def workload_of(round_: Round, *, by: User) -> Workload:
    """For those who run rounds; never for reviewers, who work blind."""
    check_can("manage_rounds", by, round_.project)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(LOADS, {"round": round_.pk, "project": round_.project_id, "since": now - SPAN})
        people = [_load(round_, now, row) for row in cursor.fetchall()]
    counts = progress(round_)
    left = counts["open"] + counts["reserved"]
    per_day = sum(load.per_day for load in people if not load.is_paused and load.state == "active")
    is_moving = left and per_day and round_.state == "open"
    ends_at = now + timedelta(days=left / per_day) if is_moving and left / per_day < 36_500 else None
    return Workload(counts["submitted"], left, per_day, ends_at, people)


def _load(round_: Round, now: datetime, row: tuple[Any, ...]) -> Load:
    reviewer, name, state, done, quota, is_paused, n, first_at, last_at, seconds, *slot = row
    assignment, unit, since, until, touched_at = slot
    days = max((now - first_at) / timedelta(days=1), 1.0) if first_at else 1.0  # who began today: per day, so far
    held = None
    if assignment is not None:
        held = Held(assignment, unit, since, until, is_stalled=now - touched_at > STALLED_AFTER)
    quota = round_.quota if quota is None else quota
    return Load(reviewer, name, state, done, quota, is_paused, n, n / days, seconds, last_at, held)


# The same as when a reservation runs out: the row ends as it is and a fresh one takes its number.
TAKE_BACK = """
WITH ended AS (
    UPDATE claims_assignment SET state = 'expired', ended_at = now(), reason = 'taken_back'
    WHERE id = %(assignment)s AND round_id = %(round)s AND state = 'reserved'
    RETURNING round_id, unit_id, slot, position, is_urgent
)
INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason, is_urgent)
SELECT round_id, unit_id, slot, position, 'open', '', is_urgent FROM ended RETURNING id
"""


def take_back(round_: Round, assignment: int, *, by: User) -> None:
    """Offer what somebody holds to others now. Their draft stays, and their answer is taken while the place is free.

    NotFound for another round's; Conflict `not_reserved` when it was submitted or given back meanwhile.
    """
    check_can("manage_rounds", by, round_.project)
    check_not_archived(round_.project)
    with transaction.atomic():
        if fetch_one(TAKE_BACK, {"assignment": assignment, "round": round_.pk}) is None:
            if not Assignment.objects.filter(pk=assignment, round=round_).exists():
                raise NotFound
            raise Conflict("not_reserved", "This was submitted or given back meanwhile.")
        audit.record("take_back", round_, by=by, assignment=assignment)


def limit_reviewer(round_: Round, reviewer: Reviewer, *, quota: int | None, is_paused: bool, by: User) -> RoundReviewer:
    """A quota of one person's own in this round (None: the round's), and whether they are given anything now; also
    before they begin. NotFound for who may not label and has not begun."""
    check_can("manage_rounds", by, round_.project)
    check_not_archived(round_.project)
    if reviewer.project_id != round_.project_id:
        raise NotFound
    if quota is not None and quota < 1:
        raise Refused("invalid_quota", f"One person is asked for at least one unit, not {quota}.")
    walks = RoundReviewer.objects.filter(round=round_, reviewer=reviewer)
    seats = Membership.objects.filter(project=round_.project, user=reviewer.user_id, role__in=ALLOWED["label"])
    with transaction.atomic():
        if not walks.exists():
            if not seats.exists():
                raise NotFound
            first = RoundReviewer(round=round_, reviewer=reviewer, cursor=RoundReviewer.NOT_BEGUN)
            RoundReviewer.objects.bulk_create([first], ignore_conflicts=True)
        walks.update(quota=quota, is_paused=is_paused)
        Round.objects.filter(pk=round_.pk).update(version=F("version") + 1)
        audit.record("limit_reviewer", round_, by=by, reviewer=reviewer.pk, quota=quota, is_paused=is_paused)
    return RoundReviewer.objects.get(round=round_, reviewer=reviewer)
