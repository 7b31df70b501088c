"""Qualifying: sets of units whose answers are known, marked when a set is done, and who may draw where.

An attempt is the next so many units that the reviewer answered or skipped; what was skipped is not right. It is marked
once, when its last unit is done, and what is right is what people settled in another round. The answers and their
reasons are shown then, so the rounds that ask for a qualification are drawn without its units.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from claims import audit, jobs
from claims.assignment.known import compared_questions, known_units
from claims.errors import Conflict, NotFound, Sentence
from claims.models import (
    Assignment,
    Attempt,
    Job,
    Membership,
    Reviewer,
    Round,
    RoundReviewer,
    Unit,
    User,
    WorkReview,
)
from claims.permissions import ALLOWED, check_can, check_can_label

# Each known answer to the units, beside the reviewer's own. The newest settlement of another round is what is known.
KNOWN = """
SELECT t.place, t.unit_id, q.question, k.value, k.rationale, l.value, l.missing
FROM unnest(%(units)s::bigint[]) WITH ORDINALITY AS t (unit_id, place)
CROSS JOIN unnest(%(questions)s::text[]) WITH ORDINALITY AS q (question, n)
JOIN LATERAL (SELECT s.outcome, s.value, s.rationale FROM claims_settledlabel s
              WHERE s.unit_id = t.unit_id AND s.question = q.question AND s.round_id <> %(round)s
              ORDER BY s.id DESC LIMIT 1) k ON k.outcome = 'answer' AND k.value IS NOT NULL
LEFT JOIN claims_label l ON l.round_id = %(round)s AND l.unit_id = t.unit_id AND l.question = q.question
     AND l.reviewer_id = %(reviewer)s AND l.phase = 'first' AND NOT l.is_void
ORDER BY t.place, q.n
"""
# Units that the reviewer may still be asked about in another round: what is known of them is not told (INV-4).
STILL_ASKED = """
SELECT u.unit_id FROM claims_roundunit u JOIN claims_round o ON o.id = u.round_id AND o.state IN ('open', 'paused')
WHERE u.unit_id = ANY(%(units)s) AND u.round_id <> %(round)s AND NOT EXISTS (
    SELECT FROM claims_assignment a WHERE a.round_id = u.round_id AND a.unit_id = u.unit_id
    AND a.reviewer_id = %(reviewer)s AND a.state = 'submitted')
"""


@dataclass(frozen=True)
class Told:
    """One known answer of an attempt: what was said, what is known and why. While the reviewer may still be asked about
    the unit elsewhere nothing of it is told: that an answer was right would tell it, too."""

    unit: Unit
    question: str
    mine: str
    is_right: bool | None
    known: str = ""
    why: str = ""


@dataclass(frozen=True)
class Candidate:
    """How far somebody has come."""

    reviewer: Reviewer
    attempts: tuple[Attempt, ...]
    done: int  # units of the attempt under way
    has_passed: bool


def mark_attempts(round_: Round, reviewer: Reviewer) -> None:
    """Mark what the reviewer has done and nobody has marked: every whole set of units. Harmless to repeat."""
    size = _set_size(round_)
    made = list(Attempt.objects.filter(round=round_, reviewer=reviewer).order_by("n"))
    waiting = _ended(round_, reviewer, made)
    for n, start in enumerate(range(0, len(waiting) - size + 1, size), start=len(made) + 1) if size else ():
        _mark(round_, reviewer, n, waiting[start : start + size])


def mark_what_counts(round_: Round, reviewer: Reviewer) -> None:
    """Before a draw: what the round itself asks for as a qualification, or has asked for in another one."""
    if round_.pass_mark is not None:
        mark_attempts(round_, reviewer)
    if round_.qualification is not None and not has_passed(round_.qualification.pk, reviewer):
        mark_attempts(round_.qualification, reviewer)


def _set_size(round_: Round) -> int:
    """Units of one attempt: as planned, or all there are with a known answer."""
    return min(round_.set_size or 0, len(known_units(round_)))


def _ended(round_: Round, reviewer: Reviewer, made: Sequence[Attempt]) -> list[int]:
    """What counts towards the next attempt: a unit without a known answer never does, since nothing is right there."""
    rows = Assignment.objects.filter(round=round_, reviewer=reviewer, state__in=("submitted", "skipped"))
    marked = {unit for attempt in made for unit in attempt.units}
    ended = [unit for unit in rows.order_by("ended_at", "pk").values_list("unit", flat=True) if unit not in marked]
    known = known_units(round_, ended) if ended else set()
    return [unit for unit in ended if unit in known]


@transaction.atomic
def _mark(round_: Round, reviewer: Reviewer, n: int, units: list[int]) -> None:
    rows = _known_answers(round_, reviewer, units)
    right = sum(own is not None and own == known for _, _, _, known, _, own, _ in rows)
    has_passed = bool(rows) and right >= (round_.pass_mark or 0) * len(rows)
    made = Attempt(round=round_, reviewer=reviewer, n=n, units=units, asked=len(rows), right=right)
    made.has_passed = has_passed
    Attempt.objects.bulk_create([made], ignore_conflicts=True)
    if Attempt.objects.filter(round=round_, reviewer=reviewer, n=n, units=units).exists():
        audit.record("mark_attempt", round_, by=None, reviewer=reviewer.pk, n=n, right=right, asked=len(rows))


def _known_answers(round_: Round, reviewer: Reviewer, units: Sequence[int]) -> list[tuple[Any, ...]]:
    asked = [question.code for question in compared_questions(round_)]
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"round": round_.pk, "reviewer": reviewer.pk, "units": list(units), "questions": asked})
        return list(cursor)


def run_mark_attempts(job: Job) -> None:
    """After labels came in: mark every set that is whole."""
    with jobs.chunk(job):
        round_ = Round.objects.get(pk=job.args["round"])
        walks = RoundReviewer.objects.filter(round=round_).select_related("reviewer").order_by("pk")
        for walk in walks:
            mark_attempts(round_, walk.reviewer)
        jobs.finish(job, "succeeded")


def standing_attempts() -> QuerySet[Attempt]:
    """Those made since the reviewer was asked last to qualify again; all, where nobody asked."""
    again = WorkReview.objects.filter(reviewer=OuterRef("reviewer"), kind="requalify")
    return Attempt.objects.exclude(Exists(again.filter(created_at__gte=OuterRef("created_at"))))


def has_passed(round_id: int, reviewer: Reviewer) -> bool:
    return standing_attempts().filter(round=round_id, reviewer=reviewer, has_passed=True).exists()


def check_qualified(round_: Round, reviewer: Reviewer) -> None:
    """Conflict `not_qualified` where the round asks for a qualification that the reviewer has not; in a qualification
    `qualified`, `attempts_used`, or `attempt_ended` until the answers were looked at."""
    if round_.qualification_id is not None and not has_passed(round_.qualification_id, reviewer):
        name = Round.objects.values_list("name", flat=True).get(pk=round_.qualification_id)
        said = Sentence("This round is for those who have passed “{name}”. Do that round first.", name=name)
        raise Conflict("not_qualified", said)
    if round_.pass_mark is not None:
        _check_attempts(round_, reviewer)


def _check_attempts(round_: Round, reviewer: Reviewer) -> None:
    tries = list(standing_attempts().filter(round=round_, reviewer=reviewer).order_by("n"))
    if any(attempt.has_passed for attempt in tries):
        passed = Sentence("You have passed. The rounds that ask for this qualification are open to you.")
        raise Conflict("qualified", passed)
    if not tries:
        return
    last = tries[-1]
    told: dict[str, object] = {"right": last.right, "asked": last.asked}
    told["needed"] = f"{round(100 * (round_.pass_mark or 0))} %"
    is_over = len(tries) >= (round_.attempts or 0) or _units_left(round_, reviewer) < _set_size(round_)
    if is_over:
        over = Sentence(
            "{right} of {asked} known answers were given rightly, and {needed} are asked for. "
            "That was the last attempt. A curator can talk about it with you.",
            **told,
        )
        raise Conflict("attempts_used", over)
    if last.read_at is None:
        ended = Sentence(
            "{right} of {asked} known answers were given rightly, and {needed} are asked for. "
            "Look at the answers first, then begin the next attempt.",
            **told,
        )
        raise Conflict("attempt_ended", ended)


def _units_left(round_: Round, reviewer: Reviewer) -> int:
    made = Attempt.objects.filter(round=round_, reviewer=reviewer).values_list("units", flat=True)
    return len(known_units(round_).difference(*made))


def begin_attempt(round_: Round, *, by: User) -> None:
    """The reviewer has looked at the answers and goes on; Conflict like `check_qualified`, NotFound without an attempt
    to go on from."""
    check_can("label", by, round_.project)
    reviewer = Reviewer.objects.filter(project=round_.project, user=by).first()
    if reviewer is None or round_.pass_mark is None:
        raise NotFound
    check_can_label(reviewer, round_)
    last = standing_attempts().filter(round=round_, reviewer=reviewer).order_by("-n").first()
    if last is None:
        raise NotFound
    try:
        _check_attempts(round_, reviewer)
    except Conflict as conflict:
        if conflict.code != "attempt_ended":
            raise
        Attempt.objects.filter(pk=last.pk, read_at=None).update(read_at=Now())


def told_answers(attempt: Attempt) -> list[Told]:
    """Each known answer of the attempt in words, in the order in which the units were done."""
    round_, questions = attempt.round, {one.code: one for one in compared_questions(attempt.round)}
    with connection.cursor() as cursor:
        cursor.execute(STILL_ASKED, {"units": attempt.units, "round": round_.pk, "reviewer": attempt.reviewer_id})
        silent = {unit for (unit,) in cursor}
    units = Unit.objects.select_related("occurrence_version", "article", "outlet_version").in_bulk(attempt.units)
    found = []
    for _, unit, code, known, why, own, missing in _known_answers(round_, attempt.reviewer, attempt.units):
        question = questions[code]
        mine = question.in_words(json.loads(own)) if own is not None else (missing or "skipped").replace("_", " ")
        told = Told(units[unit], question.title, mine, None)
        if unit not in silent:
            told = replace(told, is_right=own == known, known=question.in_words(json.loads(known)), why=why)
        found.append(told)
    return found


def candidates(round_: Round, *, by: User) -> list[Candidate]:
    """Everybody who may label here, and how far they have come; for those who manage rounds."""
    check_can("manage_rounds", by, round_.project)
    seats = Membership.objects.filter(project=round_.project, role__in=ALLOWED["label"]).values("user")
    begun = RoundReviewer.objects.filter(round=round_).values("reviewer")
    people = Reviewer.objects.filter(Q(user__in=seats) | Q(pk__in=begun), project=round_.project, kind="human")
    return [candidate(round_, person) for person in people.order_by("name", "pk")]


def candidate(round_: Round, reviewer: Reviewer) -> Candidate:
    made = list(Attempt.objects.filter(round=round_, reviewer=reviewer).order_by("n"))
    return Candidate(reviewer, tuple(made), len(_ended(round_, reviewer, made)), has_passed(round_.pk, reviewer))
