"""The writes of assignment: plan a round, open it, close it. Drawing is in claims.assignment.draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from claims import audit, jobs
from claims.assignment.draw import draw_next, give_back_expired
from claims.assignment.strategies import STRATEGIES
from claims.assignment.subjects import SUBJECTS, check_selection
from claims.errors import Conflict, Refused
from claims.lifecycle import ROUND
from claims.models import Assignment, CodebookVersion, Job, Project, Question, Round, RoundUnit, User
from claims.permissions import check_can, check_can_open_round, check_not_archived
from claims.text import clean_line

__all__ = [
    "close_round",
    "create_round",
    "draw_next",
    "give_back_expired",
    "open_round",
    "progress",
    "run_open_round",
    "set_paused",
    "units_chosen",
]

CHUNK = 2_000


def create_round(
    project: Project,
    *,
    name: str,
    codebook_version: CodebookVersion,
    by: User,
    unit_kind: str = "claim_occurrence",
    overlap: int = 2,
    questions: Sequence[str] = (),
    selection: Mapping[str, Any] | None = None,
    order: str = "fixed",
    seed: int = 0,
    hides_outlet: bool = False,
    hides_author: bool = False,
    hides_date: bool = False,
    flags_evidence_dates: bool = False,
    blocks_own_outlet: bool = False,
    shows_live_scores: bool = True,
    purpose: str = "main",
    reservation_minutes: int = 120,
) -> Round:
    """A draft of a round; refused when its questions, unit or numbers do not fit."""
    check_can("manage_rounds", by, project)
    check_not_archived(project)
    _check_plan(project, codebook_version, overlap, order)
    _check_questions(codebook_version, unit_kind, questions)
    try:
        with transaction.atomic():
            round_ = Round.objects.create(
                project=project,
                name=clean_line(name) or "Round",
                codebook_version=codebook_version,
                unit_kind=unit_kind,
                overlap=overlap,
                questions=list(questions),
                selection=check_selection(selection or {}),
                order=order,
                seed=seed,
                hides_outlet=hides_outlet,
                hides_author=hides_author,
                hides_date=hides_date,
                flags_evidence_dates=flags_evidence_dates,
                blocks_own_outlet=blocks_own_outlet,
                shows_live_scores=shows_live_scores,
                purpose=purpose,
                reservation_minutes=reservation_minutes,
                created_by=by,
            )
            audit.record("create_round", round_, by=by, overlap=overlap)
    except IntegrityError:
        raise Conflict("round_name_taken", f"This project already has a round called {name!r}.") from None
    return round_


def _check_plan(project: Project, version: CodebookVersion, overlap: int, order: str) -> None:
    if version.codebook.project_id != project.pk:
        raise Refused("unknown_codebook", "The codebook version belongs to another project.")
    if not 1 <= overlap <= 60:
        raise Refused("invalid_overlap", f"Overlap is the number of reviewers per unit, 1 to 60, not {overlap}.")
    if order not in STRATEGIES:
        raise Refused("unknown_order", f"The order is one of {', '.join(STRATEGIES)}; not {order!r}.")


def _check_questions(version: CodebookVersion, unit_kind: str, questions: Sequence[str]) -> None:
    if unit_kind not in SUBJECTS:
        raise Refused("unknown_unit_kind", f"Rounds are drawn from {', '.join(SUBJECTS)}; not from {unit_kind!r}.")
    asked = Question.objects.filter(codebook_version=version, unit_kind=unit_kind)
    known = set(asked.values_list("code", flat=True))
    unknown = sorted(set(questions) - known)
    if unknown or not known:
        wanted = ", ".join(unknown) or "any question"
        raise Refused("unknown_question", f"This codebook version does not ask {wanted} about a {unit_kind}.")


def open_round(round_: Round, *, by: User) -> Job:
    """Have the slots made in the background; the round is open when the job has ended."""
    check_can_open_round(by, round_)
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        if locked.state != "draft":
            raise Conflict("round_not_draft", f"This round is {locked.state}; only a draft is opened.")
        if Job.objects.filter(kind="open_round", args__round=round_.pk, state__in=("queued", "running")).exists():
            raise Conflict("round_is_opening", "This round is being opened already. Its job shows how far it is.")
        audit.record("open_round", locked, by=by)
        return jobs.enqueue("open_round", project=round_.project, by=by, args={"round": round_.pk})


# One chunk of units in reading order: the unit (shared with other rounds), its place in this one, its open slots.
# A sample keeps the rows whose hash is at or below `threshold`.
ADD_UNITS = """
WITH chosen AS (
    SELECT subject_id, article_id, key, %(first)s + row_number() OVER (ORDER BY key) - 1 AS position
    FROM (SELECT * FROM ({rows}) AS source
          WHERE %(threshold)s::text IS NULL OR md5(%(seed)s || ':' || subject_id) <= %(threshold)s
          LIMIT %(chunk)s) AS next
), made AS (
    INSERT INTO claims_unit (project_id, kind, {column}, article_id)
    SELECT %(project)s, %(kind)s, subject_id, article_id FROM chosen ORDER BY position
    ON CONFLICT DO NOTHING RETURNING id, {column}
), units AS (
    SELECT c.position, c.key, COALESCE(m.id, u.id) AS unit_id
    FROM chosen c
    LEFT JOIN made m ON m.{column} = c.subject_id
    LEFT JOIN claims_unit u ON u.project_id = %(project)s AND u.kind = %(kind)s AND u.{column} = c.subject_id
), placed AS (
    INSERT INTO claims_roundunit (round_id, unit_id, position, overlap, probability, is_control)
    SELECT %(round)s, unit_id, position, %(overlap)s, %(probability)s, false FROM units
), slots AS (
    INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
    SELECT %(round)s, unit_id, slot, position, 'open', ''
    FROM units CROSS JOIN generate_series(1, %(overlap)s) AS slot ORDER BY position, slot
)
SELECT position, key FROM units ORDER BY position DESC LIMIT 1
"""

COUNT_SOURCE = "SELECT count(*) FROM ({rows}) AS source"
THRESHOLD = """
SELECT md5(%(seed)s || ':' || subject_id) AS h FROM ({rows}) AS source ORDER BY h OFFSET %(limit)s - 1 LIMIT 1
"""


def _parameters(round_: Round) -> dict[str, Any]:
    selection = round_.selection
    return {
        "project": round_.project_id,
        "articles": selection.get("articles"),
        "roles": selection.get("roles"),
        "min_checkworthiness": selection.get("min_checkworthiness"),
        "limit": selection.get("limit"),
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


def run_open_round(job: Job) -> None:
    """Make units, places and slots chunk by chunk, then open the round. A killed run goes on at `job.cursor`."""
    round_ = Round.objects.get(pk=job.args["round"])
    if round_.state != "draft":
        jobs.finish(job, "succeeded", reason="already_open")
        return
    if not job.cursor:
        with jobs.chunk(job):
            _plan(job, round_)
    while job.cursor["next"] < job.counts["total"]:
        with jobs.chunk(job):
            if not _add_chunk(job, round_):
                job.counts["total"] = job.cursor["next"]  # claims were dropped meanwhile
    with jobs.chunk(job):
        Round.objects.filter(pk=round_.pk, state="draft").update(
            state="open", opened_at=Now(), version=F("version") + 1
        )
        if job.counts["total"]:
            jobs.finish(job, "succeeded")
        else:
            jobs.finish(job, "partial", reason="no_units", sentence="Nothing matches the selection: no unit was made.")


def _plan(job: Job, round_: Round) -> None:
    """Fix the total and, for a sample, the hash below which a row is in it."""
    subject, asked = SUBJECTS[round_.unit_kind], _parameters(round_)
    rows = subject.select_all()
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SOURCE.format(rows=rows), asked)
        n = cursor.fetchone()[0]
        threshold, total = None, n
        if asked["limit"] and asked["limit"] < n:
            cursor.execute(THRESHOLD.format(rows=rows), asked)
            threshold, total = cursor.fetchone()[0], asked["limit"]
    job.counts = {"total": total, "candidates": n}
    job.cursor = {
        "next": 0,
        "after": subject.before_all,
        "threshold": threshold,
        "probability": total / n if n else None,
    }


def _add_chunk(job: Job, round_: Round) -> bool:
    subject = SUBJECTS[round_.unit_kind]
    statement = ADD_UNITS.format(rows=subject.select(), column=subject.column)
    asked = _parameters(round_) | {
        "round": round_.pk,
        "kind": round_.unit_kind,
        "overlap": round_.overlap,
        "chunk": CHUNK,
        "first": job.cursor["next"],
        **{name: job.cursor[name] for name in ("after", "threshold", "probability")},
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        last = cursor.fetchone()
    if last is None:
        return False
    job.cursor = job.cursor | {"next": last[0] + 1, "after": last[1]}
    job.counts["read"] = last[0] + 1
    return True


def close_round(round_: Round, *, by: User) -> None:
    """No new labels; slots that are open or held end as withdrawn. What was submitted stays."""
    check_can("manage_rounds", by, round_.project)
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        ROUND.check_move(locked.state, "closed")
        Round.objects.filter(pk=round_.pk).update(state="closed", closed_at=Now(), version=F("version") + 1)
        Assignment.objects.filter(round=round_, state__in=("open", "reserved")).update(
            state="withdrawn", ended_at=Now(), expires_at=None
        )
        audit.record("close_round", locked, by=by)


def set_paused(round_: Round, paused: bool, *, by: User) -> None:
    """Stop or resume drawing and submitting in a round; nothing that is held is lost."""
    check_can("manage_rounds", by, round_.project)
    with transaction.atomic():
        locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        target = "paused" if paused else "open"
        ROUND.check_move(locked.state, target)
        Round.objects.filter(pk=round_.pk).update(state=target, version=F("version") + 1)
        audit.record("pause_round" if paused else "resume_round", locked, by=by)


def progress(round_: Round) -> dict[str, int]:
    """Slots by state and units of a round; for people who may see others' work, never for reviewers (INV-4)."""
    states = dict(
        Assignment.objects.filter(round=round_).values_list("state").annotate(n=Count("id")).values_list("state", "n")
    )
    units = RoundUnit.objects.filter(round=round_).aggregate(
        n=Count("id"), control=Count("id", filter=Q(is_control=True))
    )
    return {
        "units": units["n"],
        "controls": units["control"],
        **{state: states.get(state, 0) for state in ("open", "reserved", "submitted", "skipped", "expired")},
    }
