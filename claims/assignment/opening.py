"""Opening a round: its units, their places and the slots are made in the background, chunk by chunk."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from itertools import accumulate
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from claims import jobs
from claims.assignment.known import IS_KNOWN, compared_questions
from claims.assignment.subjects import SUBJECTS
from claims.errors import Conflict
from claims.models import Job, Round

CHUNK = 2_000

# One chunk of units in reading order: the unit (shared with other rounds), its place in this one, its open slots.
# Units are numbered in reading order within each rank; `next` is the number that each rank goes on with,
# and `ends` where it is full: claims that came after the plan are in another round.
# A sample keeps the rows whose hash is at or below `threshold`; the shared part is drawn among them by another hash.
ADD_UNITS = """
WITH read AS (
    SELECT subject_id, article_id, key, {shared} AS is_shared, rank,
           (%(next)s::jsonb ->> rank::text)::int + row_number() OVER (PARTITION BY rank ORDER BY key) - 1 AS position
    FROM (SELECT * FROM ({rows}) AS source
          WHERE %(threshold)s::text IS NULL OR md5(%(seed)s || ':' || subject_id) <= %(threshold)s
          LIMIT %(chunk)s) AS following
), chosen AS (
    SELECT * FROM read WHERE position < (%(ends)s::jsonb ->> rank::text)::int
), made AS (
    INSERT INTO claims_unit (project_id, kind, {column}, article_id)
    SELECT %(project)s, %(kind)s, subject_id, article_id FROM chosen ORDER BY position
    ON CONFLICT DO NOTHING RETURNING id, {column}
), units AS (
    SELECT c.position, c.key, c.rank, c.is_shared, COALESCE(m.id, u.id) AS unit_id,
           CASE WHEN c.is_shared THEN %(shared_overlap)s::int ELSE %(overlap)s::int END AS overlap,
           COALESCE(md5(%(seed)s || ':control:' || c.subject_id) <= %(controls)s::text, false) AND {known} AS is_control
    FROM chosen c
    LEFT JOIN made m ON m.{column} = c.subject_id
    LEFT JOIN claims_unit u ON u.project_id = %(project)s AND u.kind = %(kind)s AND u.{column} = c.subject_id
), placed AS (
    INSERT INTO claims_roundunit (round_id, unit_id, position, overlap, is_shared, probability, is_control)
    SELECT %(round)s, unit_id, position, overlap, is_shared, %(probability)s, is_control FROM units
), slots AS (
    INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
    SELECT %(round)s, unit_id, slot, position, 'open', ''
    FROM units CROSS JOIN generate_series(1, overlap) AS slot ORDER BY position, slot
)
SELECT (SELECT key FROM read ORDER BY key DESC LIMIT 1),
       (SELECT jsonb_object_agg(rank, n) FROM (SELECT rank, count(*) AS n FROM units GROUP BY rank) AS counted)
"""
# Of the units with a known answer, `size` by a hash of their own; they stand where they would stand anyway.
CONTROL_THRESHOLD = """
SELECT count(*), max(h) FROM (
    SELECT md5(%(seed)s || ':control:' || source.subject_id) AS h FROM ({rows}) AS source
    JOIN claims_unit u ON u.project_id = %(project)s AND u.kind = %(kind)s AND u.{column} = source.subject_id
    WHERE (%(threshold)s::text IS NULL OR md5(%(seed)s || ':' || source.subject_id) <= %(threshold)s) AND {known}
    ORDER BY h LIMIT %(size)s
) AS drawn
"""
KNOWN_UNIT = IS_KNOWN.format(unit="u.id")
COUNT_KNOWN = """
SELECT count(*), count(*) FILTER (WHERE {known}) FROM ({rows}) AS source
LEFT JOIN claims_unit u ON u.project_id = %(project)s AND u.kind = %(kind)s AND u.{column} = source.subject_id
"""
SHARED_THRESHOLD = """
SELECT md5(%(seed)s || ':shared:' || subject_id) AS h FROM ({rows}) AS source
WHERE %(threshold)s::text IS NULL OR md5(%(seed)s || ':' || subject_id) <= %(threshold)s
ORDER BY h OFFSET %(size)s - 1 LIMIT 1
"""

IS_SHARED = "COALESCE(md5(%(seed)s || ':shared:' || subject_id) <= %(shared)s::text, false)"
COUNT_SOURCE = "SELECT count(*) FROM ({rows}) AS source"
ANY_SOURCE = "SELECT EXISTS ({rows})"
COUNT_RANKS = """
SELECT rank, count(*) FROM ({rows}) AS source
WHERE %(threshold)s::text IS NULL OR md5(%(seed)s || ':' || subject_id) <= %(threshold)s
GROUP BY rank ORDER BY rank
"""
THRESHOLD = """
SELECT md5(%(seed)s || ':' || subject_id) AS h FROM ({rows}) AS source ORDER BY h OFFSET %(limit)s - 1 LIMIT 1
"""


def _parameters(round_: Round) -> dict[str, Any]:
    selection = round_.selection
    return _known_by(round_) | {
        "project": round_.project_id,
        "articles": selection.get("articles"),
        "roles": selection.get("roles"),
        "min_checkworthiness": selection.get("min_checkworthiness"),
        "limit": selection.get("limit"),
        "known": selection.get("known"),
        "qualification": round_.qualification_id,
        "checks": round_.checks_id,
        "seed": str(round_.seed),
    }


def units_chosen(round_: Round) -> int:
    """How many units the round's selection finds now (for the preview: times overlap is its cost in labels)."""
    subject = SUBJECTS[round_.unit_kind]
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SOURCE.format(rows=subject.select_all()), _parameters(round_))
        n: int = cursor.fetchone()[0]
    limit = round_.selection.get("limit")
    return min(n, limit) if limit else n


def unknown_units(round_: Round) -> int:
    """How many units of a qualification's selection have no known answer: nothing could be right or wrong there."""
    if round_.pass_mark is None or round_.selection.get("known"):
        return 0
    n, known = _count_known(round_)
    return n - known


def known_units_chosen(round_: Round) -> int:
    """How many units with a known answer the round's selection finds now."""
    known, limit = _count_known(round_)[1], round_.selection.get("limit")
    return min(known, limit) if limit else known


def _count_known(round_: Round) -> tuple[int, int]:
    """(units that the selection finds, before its limit; those of them with a known answer)."""
    subject = SUBJECTS[round_.unit_kind]
    with connection.cursor() as cursor:
        statement = COUNT_KNOWN.format(rows=subject.select_all(), column=subject.column, known=KNOWN_UNIT)
        cursor.execute(statement, _parameters(round_))
        n, known = cursor.fetchone()
        return int(n), int(known)


def check_has_work(round_: Round) -> None:
    """Conflict `deadline_passed`, `no_units`, `units_without_known_answer` where an opened round could not be worked
    in. `now()` is the database's, as for every draw."""
    subject = SUBJECTS[round_.unit_kind]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %(deadline)s::timestamptz <= now()", {"deadline": round_.deadline})
        if round_.deadline is not None and cursor.fetchone()[0]:
            ended = f"{round_.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            raise Conflict(
                "deadline_passed",
                f"The deadline of this round, {ended}, has passed: nobody would be offered a unit. "
                "Set another one, or none.",
            )
        cursor.execute(ANY_SOURCE.format(rows=subject.select_all()), _parameters(round_))
        if not cursor.fetchone()[0]:
            wanted = "no unit with a known answer" if round_.selection.get("known") else "no unit"
            raise Conflict(
                "no_units",
                f"The selection finds {wanted} now, so nobody would have anything to do. Change the selection, or "
                "bring in what it looks for, and open the round then.",
            )
    if n := unknown_units(round_):
        raise Conflict(
            "units_without_known_answer",
            f"{n} of the units that the selection finds have no known answer, so in an attempt nothing would be right "
            "or wrong there. Limit the selection to units whose answer was settled in another round "
            "(selection.known), or write known answers to the others first.",
            current={"without_known_answer": n},
        )


def shared_units(round_: Round, n_units: int) -> int:
    """How many of so many units make up the shared part: the nearest whole number."""
    return int(round_.shared_share * n_units + 0.5) if round_.shared_share is not None else 0


def labels_asked(round_: Round, n_units: int) -> int:
    """How many labels so many units take, before any unit grows."""
    shared = shared_units(round_, n_units)
    return n_units * round_.overlap + shared * ((round_.shared_overlap or round_.overlap) - round_.overlap)


Told = Callable[[Job, Round], None]


def run_open_round(job: Job, *, then: Told | None = None, otherwise: Told | None = None) -> None:
    """Make units, places and slots chunk by chunk, then open the round. A killed run goes on at `job.cursor`.

    `then` is done in the transaction in which the round opens, `otherwise` in the one that says there are no units.
    """
    round_ = Round.objects.get(pk=job.args["round"])
    if round_.state != "draft":
        jobs.finish(job, "succeeded", reason="already_open")
        return
    if not job.cursor:
        with jobs.chunk(job):
            _plan(job, round_)
    while job.counts.get("read", 0) < job.counts["total"]:
        with jobs.chunk(job):
            if not _add_chunk(job, round_):
                job.counts["total"] = job.counts.get("read", 0)  # claims were dropped meanwhile
    with jobs.chunk(job):
        if not job.counts["total"]:
            sentence = "Nothing matches the selection any more, so the round is still a draft. Change its selection."
            jobs.finish(job, "partial", reason="no_units", sentence=sentence)
            if otherwise is not None:
                otherwise(job, round_)
            return
        Round.objects.filter(pk=round_.pk, state="draft").update(
            state="open", opened_at=Now(), version=F("version") + 1
        )
        if round_.checks_id is not None:
            Round.objects.filter(pk=round_.checks_id).update(is_checked=True)
        if then is not None:
            then(job, round_)
        jobs.finish(job, "succeeded")


def _plan(job: Job, round_: Round) -> None:
    """Fix the total and, for a sample and for the shared part, the hash up to which a row is in it."""
    subject, asked = SUBJECTS[round_.unit_kind], _parameters(round_)
    rows = subject.select_all(by_priority=round_.order == "priority")
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SOURCE.format(rows=rows), asked)
        n = cursor.fetchone()[0]
        threshold, total = None, n
        if asked["limit"] and asked["limit"] < n:
            cursor.execute(THRESHOLD.format(rows=rows), asked)
            threshold, total = cursor.fetchone()[0], asked["limit"]
        shared = None
        if size := shared_units(round_, total):
            cursor.execute(SHARED_THRESHOLD.format(rows=rows), asked | {"threshold": threshold, "size": size})
            shared = cursor.fetchone()[0]
        cursor.execute(COUNT_RANKS.format(rows=rows), asked | {"threshold": threshold})
        ranks = dict(cursor.fetchall())
        controls = _draw_controls(cursor, round_, rows, asked | {"threshold": threshold}, total)
    ends = dict(zip(map(str, ranks), accumulate(ranks.values()), strict=True))
    job.counts = {"total": total, "candidates": n, "controls": controls[0]}
    job.cursor = {
        "next": {rank: end - ranks[int(rank)] for rank, end in ends.items()},
        "ends": ends,
        "after": subject.before_all,
        "threshold": threshold,
        "shared": shared,
        "controls": controls[1],
        "probability": total / n if n else None,
    }


def _draw_controls(cursor: Any, round_: Round, rows: str, asked: dict[str, Any], total: int) -> tuple[int, str | None]:
    """(how many units have a known answer and are control items, the hash up to which they are)."""
    size = int((round_.control_share or 0) * total + 0.5)
    if not size:
        return 0, None
    subject = SUBJECTS[round_.unit_kind]
    statement = CONTROL_THRESHOLD.format(rows=rows, column=subject.column, known=KNOWN_UNIT)
    cursor.execute(statement, asked | {"size": size})
    n, last = cursor.fetchone()
    return n, last


def _known_by(round_: Round) -> dict[str, Any]:
    """What `IS_KNOWN` asks for."""
    asked = [question.code for question in compared_questions(round_)]
    return {"round": round_.pk, "kind": round_.unit_kind, "asked": asked}


def _add_chunk(job: Job, round_: Round) -> bool:
    subject = SUBJECTS[round_.unit_kind]
    rows = subject.select(by_priority=round_.order == "priority")
    statement = ADD_UNITS.format(rows=rows, column=subject.column, shared=IS_SHARED, known=KNOWN_UNIT)
    asked = _parameters(round_) | {
        "overlap": round_.overlap,
        "shared_overlap": round_.shared_overlap,
        "chunk": CHUNK,
        **{name: json.dumps(job.cursor[name]) for name in ("next", "ends")},
        **{name: job.cursor[name] for name in ("after", "threshold", "shared", "controls", "probability")},
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        last, counted = cursor.fetchone()
    if last is None:
        return False
    added: dict[str, int] = json.loads(counted or "{}")
    following = {rank: n + added.get(rank, 0) for rank, n in job.cursor["next"].items()}
    job.cursor = job.cursor | {"next": following, "after": last}
    job.counts["read"] = job.counts.get("read", 0) + sum(added.values())
    return True
