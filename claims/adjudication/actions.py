"""The writes of adjudication: one settled label a revision, never overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction

from claims import audit, webhooks
from claims.adjudication.disputes import asked_question, has_quorum, newest_settled, standing_votes
from claims.errors import Conflict, Refused
from claims.models import Question, Round, RoundUnit, SettledLabel, Unit, User
from claims.models.score import METHODS, OUTCOMES, REASONS
from claims.permissions import check_can, check_not_archived
from claims.text import clean_name, clean_text
from claims.values.hops import hop_faults
from claims.vocabulary import MISSING_REASONS

__all__ = [
    "can_settle",
    "check_answer",
    "check_can_settle",
    "check_words",
    "count_clear",
    "settle_by_majority",
    "settle_label",
]

RATIONALE_CHARS = 20_000
COUNTED_UNITS = 20_000

# A strict majority of all who were asked, those who could not judge included; a tie waits for a person. What is
# settled already, by anybody, stays. Where people vote twice, the later vote of each is theirs.
CLEAR = """
WITH answers AS (
    SELECT l.unit_id, l.question, l.value, l.missing, count(*) AS n, array_agg(l.event_id ORDER BY l.event_id) AS events
    FROM claims_label l
    JOIN claims_reviewer w ON w.id = l.reviewer_id AND w.kind <> 'machine'
    JOIN claims_question q ON q.codebook_version_id = %(version)s AND q.code = l.question
         AND q.kind IN ('nominal', 'ordinal', 'interval') AND q.level <> 'none'
    JOIN claims_roundunit ru ON ru.round_id = l.round_id AND ru.unit_id = l.unit_id AND NOT ru.is_control
    WHERE l.round_id = %(round)s AND NOT l.is_void
      AND (l.phase = 'first' AND NOT (%(votes_twice)s AND EXISTS (
               SELECT FROM claims_label s WHERE s.round_id = l.round_id AND s.unit_id = l.unit_id
               AND s.question = l.question AND s.reviewer_id = l.reviewer_id AND s.phase = 'after_discussion'
               AND NOT s.is_void))
           OR %(votes_twice)s AND l.phase = 'after_discussion')
      AND (%(closed)s OR ru.overlap <= (SELECT count(*) FROM claims_assignment a
           WHERE a.round_id = l.round_id AND a.unit_id = l.unit_id AND a.state = 'submitted'))
    GROUP BY l.unit_id, l.question, l.value, l.missing
), sums AS (
    SELECT unit_id, question, sum(n) AS total FROM answers GROUP BY unit_id, question
), seen AS (
    SELECT unit_id, question, array_agg(event ORDER BY event) AS events
    FROM answers, unnest(events) AS event GROUP BY unit_id, question
), winners AS (
    SELECT a.unit_id, a.question, a.value, a.n = s.total AS unanimous, e.events
    FROM answers a JOIN sums s USING (unit_id, question) JOIN seen e USING (unit_id, question)
    WHERE a.value IS NOT NULL AND s.total >= 2 AND a.n * 2 > s.total
      AND NOT EXISTS (SELECT FROM claims_settledlabel x
          WHERE x.round_id = %(round)s AND x.unit_id = a.unit_id AND x.question = a.question)
)"""
COUNT_CLEAR = f"{CLEAR} SELECT count(*) FROM winners"  # noqa: S608 - of our own words
SETTLE_BY_MAJORITY = f"""{CLEAR}, settled AS (
    INSERT INTO claims_settledlabel (round_id, unit_id, question, revision, outcome, value, missing, method,
        reason_code, rationale, inputs, created_by_id, created_at)
    SELECT %(round)s, unit_id, question, 1, 'answer', value, NULL,
           CASE WHEN unanimous THEN 'unanimous' ELSE 'majority' END, 'none', '', events, %(by)s, now()
    FROM winners ORDER BY unit_id, question
    ON CONFLICT (round_id, unit_id, question, revision) DO NOTHING
    RETURNING method
)
SELECT count(*) FILTER (WHERE method = 'unanimous'), count(*) FILTER (WHERE method = 'majority') FROM settled
"""  # noqa: S608 - of our own words


def check_can_settle(user: User, round_: Round, unit: Unit) -> None:
    """Owners and curators settle a unit of the round once its reviewers are done (AZ-07)."""
    check_can("settle", user, round_.project)
    check_not_archived(round_.project)
    if not has_quorum(round_, unit):
        raise Conflict(
            "quorum_not_reached",
            "Not all reviewers of this unit have submitted. Wait for them, or close the round.",
        )


def can_settle(user: User, round_: Round, unit: Unit) -> bool:
    try:
        check_can_settle(user, round_, unit)
    except Refused:
        return False
    return True


def settle_label(
    round_: Round,
    unit: Unit,
    question: str,
    *,
    expected_revision: int,
    outcome: str,
    method: str,
    by: User,
    value: Any = None,
    missing: str | None = None,
    reason_code: str = "none",
    rationale: str = "",
) -> SettledLabel:
    """Settle a question about a unit; the next revision of what `by` saw (0: nothing yet).

    `outcome` is an answer (a `value` that the question offers, or a `missing` reason), "all_wrong" or "no_agreement".
    Raises Refused with a code for what does not fit; Conflict `settled_meanwhile` with what stands now, when somebody
    was quicker; Conflict `quorum_not_reached`.
    """
    check_can_settle(by, round_, unit)
    asked = asked_question(round_, question)
    check_words(outcome, method, reason_code)
    value = tidied(asked, value)
    check_answer(asked, outcome, value, missing)
    words = clean_text(rationale, limit=RATIONALE_CHARS, code="rationale_too_long").text.strip()
    _check_expected(round_, unit, question, expected_revision)
    settled = SettledLabel(
        round=round_,
        unit=unit,
        question=question,
        revision=expected_revision + 1,
        outcome=outcome,
        value=value,
        missing=missing,
        method=method,
        reason_code=reason_code,
        rationale=words,
        created_by=by,
    )
    try:
        _write(settled, by)
    except IntegrityError:
        _check_expected(round_, unit, question, expected_revision)
        raise
    return settled


def _write(settled: SettledLabel, by: User) -> None:
    """One transaction: the row with the label events that were in view, and its audit event."""
    place = (settled.round, settled.unit, settled.question)
    settled.inputs = [label.event_id for label in standing_votes(*place)]
    details = {"unit": settled.unit_id, "question": settled.question, "outcome": settled.outcome}
    with transaction.atomic():
        settled.save(force_insert=True)
        audit.record("settle_label", settled, by=by, project=settled.round.project, **details)
        about = {"round": settled.round_id, "settled": settled.pk, "revision": settled.revision, **details}
        webhooks.emit(settled.round.project, "label.settled", f"settled {settled.pk}", about)


def _check_expected(round_: Round, unit: Unit, question: str, expected_revision: int) -> None:
    current = newest_settled(round_, unit, question)
    revision = current.revision if current else 0
    if revision != expected_revision:
        raise Conflict(
            "settled_meanwhile",
            f"You saw revision {expected_revision}; revision {revision} stands now. Look at it and decide again.",
            current=_as_current(current) if current else {"revision": 0},
        )


def _as_current(settled: SettledLabel) -> Mapping[str, Any]:
    return {
        "revision": settled.revision,
        "outcome": settled.outcome,
        "value": settled.value,
        "missing": settled.missing,
        "method": settled.method,
        "reason_code": settled.reason_code,
        "rationale": settled.rationale,
    }


def check_words(outcome: str, method: str, reason_code: str) -> None:
    for name, given, known in (
        ("outcome", outcome, OUTCOMES),
        ("method", method, METHODS),
        ("reason_code", reason_code, REASONS),
    ):
        if given not in known:
            raise Refused(f"unknown_{name}", f"{given!r} is not a {name.replace('_', ' ')}; known: {', '.join(known)}.")


def tidied(question: Question, value: Any) -> Any:
    """As answers are stored: codes of a set in their order, the sources of a chain trimmed and in the order given."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return value
    return [clean_name(hop) for hop in value] if question.kind == "chain" else sorted(value)


def check_answer(question: Question, outcome: str, value: Any, missing: str | None) -> None:
    """What is settled must be an answer that a reviewer could have given."""
    if outcome != "answer":
        if value is not None or missing is not None:
            raise Refused("value_not_expected", f'The outcome "{outcome}" takes no value. Leave it out.')
        return
    if (value is None) == (missing is None):
        raise Refused("value_missing", "An answer needs a value or the reason why there is none, not both.")
    if missing is not None and missing not in MISSING_REASONS:
        raise Refused("unknown_missing_reason", f"{missing!r} is not known; use {', '.join(MISSING_REASONS)}.")
    if value is not None:
        _check_value(question, value)


def _check_value(question: Question, value: Any) -> None:
    if question.kind == "chain":
        _check_chain(question, value)
        return
    offered = list(question.choices.order_by("n").values_list("code", flat=True))
    if not offered:
        fits = question.kind == "interval" and isinstance(value, int | float) and not isinstance(value, bool)
        known = "a number" if question.kind == "interval" else "no value: it cannot be settled with one"
    elif question.kind == "set":
        codes = [str(one) for one in value] if isinstance(value, list) else []
        fits = bool(codes) and len(set(codes)) == len(codes) and set(codes) <= set(offered)
        known = f"a list of {', '.join(offered)}"
    else:
        fits, known = value in offered, ", ".join(offered)
    if not fits:
        raise Refused("unknown_value", f'"{question.code}" takes {known}; not {value!r}.')


def _check_chain(question: Question, value: Any) -> None:
    if not isinstance(value, list) or not value:
        raise Refused("unknown_value", f'"{question.code}" takes a list of sources, the original speaker first.')
    if faults := list(hop_faults(value)):
        raise Refused("unknown_value", f'"{question.code}": ' + " ".join(sentence for _, sentence in faults))


def count_clear(round_: Round) -> int | None:
    """How many answers `settle_by_majority` would settle now; None in a round too large to count for a page."""
    if RoundUnit.objects.filter(round=round_)[COUNTED_UNITS : COUNTED_UNITS + 1].exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute(COUNT_CLEAR, _place(round_))
        return int(cursor.fetchone()[0])


def _place(round_: Round) -> dict[str, Any]:
    return {
        "round": round_.pk,
        "version": round_.codebook_version_id,
        "closed": round_.state == "closed",
        "votes_twice": round_.has_second_vote,
    }


def settle_by_majority(round_: Round, *, by: User) -> dict[str, int]:
    """Settle what is clear: all alike, or more than half of all asked. Returns {"unanimous": n, "majority": n}.

    Other programs are told once of all of it, since there may be a hundred thousand.
    """
    check_can("settle", by, round_.project)
    check_not_archived(round_.project)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTLE_BY_MAJORITY, _place(round_) | {"by": by.pk})
        unanimous, majority = cursor.fetchone()
        settled = {"unanimous": unanimous, "majority": majority}
        act = audit.record("settle_by_majority", round_, by=by, **settled)
        if unanimous or majority:
            webhooks.emit(round_.project, "label.settled", f"majority {act.pk}", {"round": round_.pk, **settled})
    return settled
