"""Raising and lowering how many reviewers a unit gets while a round is under way.

Units of the shared part have a number of their own. A unit that grew because its labels left doubt is not lowered.
Slots that somebody holds or has answered are never taken away: a unit on which more people work than are asked for
from now on keeps those places and gets no others. So every unit has exactly `RoundUnit.overlap` active slots before,
between and after the chunks (INV-3).
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max

from claims import audit, jobs
from claims.assignment.plan import check_plan
from claims.errors import Conflict, Refused
from claims.models import Job, Round, RoundUnit, User
from claims.permissions import check_can, check_not_archived

WANTED = "CASE WHEN ru.is_shared THEN %(shared_overlap)s::int ELSE %(overlap)s::int END"
CHUNK = 500  # units whose open slots are locked at once: a draw passes over them for some milliseconds

# Of `overlap` slot numbers as many are free as slots are missing, since fewer than `overlap` are active.
# A unit without any active slot was replaced (its claim was changed) and is asked of nobody.
RAISE = f"""
WITH short AS (
    SELECT ru.id, ru.unit_id, ru.position, ru.overlap, {WANTED} AS wanted FROM claims_roundunit ru
    WHERE ru.round_id = %(round)s AND ru.position BETWEEN %(first)s AND %(last)s AND ru.overlap < {WANTED}
      AND EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = ru.round_id AND a.unit_id = ru.unit_id
                  AND a.state IN ('open', 'reserved', 'submitted'))
), free AS (
    SELECT s.unit_id, s.position, n.slot, s.wanted - s.overlap AS missing,
           row_number() OVER (PARTITION BY s.unit_id ORDER BY n.slot) AS place
    FROM short s CROSS JOIN generate_series(1, s.wanted) AS n (slot)
    WHERE NOT EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = %(round)s AND a.unit_id = s.unit_id
                      AND a.slot = n.slot AND a.state IN ('open', 'reserved', 'submitted'))
), added AS (
    INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
    SELECT %(round)s, unit_id, slot, position, 'open', '' FROM free WHERE place <= missing
    RETURNING 1
), changed AS (
    UPDATE claims_roundunit ru SET overlap = short.wanted FROM short WHERE ru.id = short.id
)
SELECT count(*) FROM added
"""  # noqa: S608 - our own expression

# First all slots that may still change hands are locked; then they are counted in a fresh snapshot.
LOCK_SURPLUS = """
SELECT a.id FROM claims_assignment a
JOIN claims_roundunit ru ON ru.round_id = a.round_id AND ru.unit_id = a.unit_id
WHERE a.round_id = %(round)s AND ru.position BETWEEN %(first)s AND %(last)s AND ru.overlap > %(overlap)s
  AND a.state IN ('open', 'reserved')
ORDER BY a.position, a.slot FOR UPDATE OF a
"""
LOWER = f"""
WITH over AS (
    SELECT ru.id, ru.unit_id, {WANTED} AS wanted, count(*) FILTER (WHERE a.state IN ('reserved', 'submitted')) AS held
    FROM claims_roundunit ru
    JOIN claims_assignment a ON a.round_id = ru.round_id AND a.unit_id = ru.unit_id
         AND a.state IN ('open', 'reserved', 'submitted')
    WHERE ru.round_id = %(round)s AND ru.position BETWEEN %(first)s AND %(last)s AND ru.overlap > {WANTED}
      AND NOT ru.is_grown
    GROUP BY ru.id
), surplus AS (
    SELECT a.id FROM (
        SELECT a.id, over.held, over.wanted, row_number() OVER (PARTITION BY a.unit_id ORDER BY a.slot) AS place
        FROM claims_assignment a JOIN over ON over.unit_id = a.unit_id
        WHERE a.round_id = %(round)s AND a.state = 'open') AS a
    WHERE a.place > GREATEST(a.wanted - a.held, 0)
), ended AS (
    UPDATE claims_assignment SET state = 'withdrawn', ended_at = now(), reason = 'overlap_lowered'
    WHERE id IN (SELECT id FROM surplus) RETURNING 1
), changed AS (
    UPDATE claims_roundunit ru SET overlap = GREATEST(over.wanted, over.held) FROM over WHERE ru.id = over.id
)
SELECT count(*) FROM ended
"""  # noqa: S608 - our own expression


def change_overlap(round_: Round, overlap: int, *, shared_overlap: int | None = None, by: User) -> Job:
    """Ask `overlap` reviewers per unit from now on, and `shared_overlap` per unit of the shared part (None: as
    before); the slots are made or taken away in the background.

    Refused `invalid_overlap`, `no_shared_part`; Conflict `round_not_under_way`, `overlap_is_changing`.
    """
    check_can("manage_rounds", by, round_.project)
    check_not_archived(round_.project)
    if shared_overlap is not None and round_.shared_share is None:
        raise Refused("no_shared_part", "This round was planned without a shared part. Plan another round for that.")
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        shared = locked.shared_overlap if shared_overlap is None else shared_overlap
        check_plan({"overlap": overlap, "shared_overlap": shared, "shared_share": locked.shared_share})
        _check_under_way(locked)
        Round.objects.filter(pk=round_.pk).update(overlap=overlap, shared_overlap=shared, version=F("version") + 1)
        audit.record("change_overlap", locked, by=by, old=locked.overlap, new=overlap, shared=shared)
        return jobs.enqueue("change_overlap", project=round_.project, by=by, args={"round": round_.pk})


def _check_under_way(locked: Round) -> None:
    if locked.state not in ("open", "paused"):
        raise Conflict(
            "round_not_under_way",
            f"This round is {locked.state}. The overlap of a draft is part of its plan; a closed round stays.",
            current={"state": locked.state},
        )
    if Job.objects.filter(kind="change_overlap", args__round=locked.pk, state__in=("queued", "running")).exists():
        raise Conflict("overlap_is_changing", "The overlap of this round is being changed already. Wait for it.")


def run_change_overlap(job: Job) -> None:
    """Bring every unit to the round's overlap, chunk by chunk; a killed run goes on behind the last position done."""
    pk = job.args["round"]
    last = RoundUnit.objects.filter(round=pk).aggregate(last=Max("position"))["last"]
    job.counts = {"added": 0, "withdrawn": 0} | job.counts | {"total": 0 if last is None else last + 1}
    while job.cursor.get("next", 0) < job.counts["total"]:
        with jobs.chunk(job):
            # the round first, then slots: the order everybody locks in
            round_ = Round.objects.select_for_update(no_key=True).get(pk=pk)
            if round_.state not in ("open", "paused"):
                job.cursor["next"] = job.counts["total"]
                continue
            _change_chunk(job, round_)
    with jobs.chunk(job):
        jobs.finish(job, "succeeded")


def _change_chunk(job: Job, round_: Round) -> None:
    first = job.cursor.get("next", 0)
    asked: dict[str, Any] = {
        "round": round_.pk,
        "overlap": round_.overlap,
        "shared_overlap": round_.shared_overlap,
        "first": first,
        "last": first + CHUNK - 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(RAISE, asked)
        job.counts["added"] += cursor.fetchone()[0]
        cursor.execute(LOCK_SURPLUS, asked)
        cursor.execute(LOWER, asked)
        job.counts["withdrawn"] += cursor.fetchone()[0]
    job.cursor["next"] = first + CHUNK
    job.counts["read"] = min(first + CHUNK, job.counts["total"])
