"""A second look at the reasons of a closed round: each answer that came with a reason is judged by others and by its
author, in an order of their own, and nobody is told whose it is (Weber-Genzel and others, ACL 2024, VariErr).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from claims import audit
from claims.errors import Conflict, NotFound, Refused
from claims.models import LabelEvent, LabelText, Question, ReasonJudgement, Reviewer, Round, User
from claims.models.judgement import VERDICTS
from claims.permissions import can, check_can, check_not_archived
from claims.text import clean_text

WORDS_CHARS = 5_000
ASIDE = "discuss"  # a wish to talk is no reason

# The standing answers of people who gave a reason; an answer that was corrected or taken out is not looked at.
REASONS = """
SELECT e.id FROM claims_labelevent e
JOIN claims_labeltext t ON t.event_id = e.id AND t.erased_at IS NULL AND (t.content - %(aside)s) <> '{}'::jsonb
JOIN claims_reviewer w ON w.id = e.reviewer_id AND w.kind = 'human'
WHERE e.round_id = %(round)s AND e.kind IN ('submitted', 'revised')
  AND EXISTS (SELECT FROM claims_label l WHERE l.event_id = e.id AND NOT l.is_void)
"""
# By a digest, so that the order says nothing of who and when.
WAITING = f"""{REASONS}
  AND NOT EXISTS (SELECT FROM claims_reasonjudgement j WHERE j.event_id = e.id AND j.judge_id = %(judge)s)
  AND (%(settles)s OR EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = e.round_id AND a.unit_id = e.unit_id
                              AND a.reviewer_id = %(judge)s AND a.state = 'submitted'))
ORDER BY md5(%(judge)s || '/' || e.id)
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class Reason:
    """What is judged: the unit, its answers in words, and why. Whose it is, is not in here."""

    event: LabelEvent
    answers: tuple[tuple[str, str], ...]
    why: str


@dataclass(frozen=True)
class Judged:
    """A reason with its verdicts; `is_error` when most of two or more say so."""

    reason: Reason
    verdicts: Mapping[str, int]
    words: tuple[str, ...]

    @property
    def n(self) -> int:
        return sum(self.verdicts.values())

    @property
    def is_error(self) -> bool:
        return self.n > 1 and self.verdicts.get("error", 0) * 2 > self.n


def check_can_judge(user: User, round_: Round) -> None:
    """Whoever labels here, once the round is closed: then no answer can follow what is read."""
    check_can("label", user, round_.project)
    check_not_archived(round_.project)
    if round_.state != "closed":
        raise Conflict("round_not_closed", "Reasons are looked at once the round is closed, so that no answer changes.")


def reasons_waiting(round_: Round, judge: Reviewer, user: User) -> list[int]:
    """Events that this person may judge and has not: those on units that they judged themselves, or all for those who
    settle."""
    settles = can("settle", user, round_.project)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"round": round_.pk, "judge": judge.pk, "settles": settles, "aside": ASIDE})
        return [event for (event,) in cursor]


def reason_of(round_: Round, event: int) -> Reason:
    related = ("unit__occurrence_version", "unit__outlet_version", "unit__article", "round")
    row = LabelEvent.objects.select_related(*related).get(pk=event, round=round_)
    said = LabelText.objects.values_list("content", flat=True).get(event=row)
    questions = {question.code: question for question in Question.objects.filter(
        codebook_version=round_.codebook_version_id, unit_kind=round_.unit_kind
    )}  # fmt: skip
    answers = tuple((questions[code].title, _words(questions[code], answer))
                    for code, answer in row.answers.items() if code in questions and _is_shown(answer))  # fmt: skip
    return Reason(row, answers, "\n\n".join(str(words) for key, words in said.items() if key != ASIDE and words))


def _is_shown(answer: Mapping[str, Any]) -> bool:
    """Texts stand in the reason, and places and evidence are told in words there."""
    value = answer.get("value")
    return "private" not in answer and not (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _words(question: Question, answer: Mapping[str, Any]) -> str:
    if "missing" in answer:
        return str(answer["missing"]).replace("_", " ")
    return question.in_words(answer.get("value"))


def judge_reason(round_: Round, event: int, *, verdict: str, by: User, words: str = "") -> ReasonJudgement:
    """Say what one reason is. NotFound for what does not wait for this person; Conflict `judged_already`."""
    check_can_judge(by, round_)
    judge = Reviewer.objects.filter(project=round_.project, user=by).first()
    if judge is None:
        raise NotFound
    if verdict not in VERDICTS:
        raise Refused("unknown_verdict", f"{verdict!r} is not a verdict; known: {', '.join(VERDICTS)}.")
    said = clean_text(words, limit=WORDS_CHARS, code="words_too_long").text.strip()
    if ReasonJudgement.objects.filter(event=event, event__round=round_, judge=judge).exists():
        raise Conflict("judged_already", "You have judged this reason. The next one is shown.")
    if event not in reasons_waiting(round_, judge, by):
        raise NotFound
    try:
        with transaction.atomic():
            made = ReasonJudgement.objects.create(event_id=event, judge=judge, verdict=verdict, words=said)
            audit.record("judge_reason", made, by=by, project=round_.project, verdict=verdict)
    except IntegrityError:
        raise Conflict("judged_already", "You have judged this reason. The next one is shown.") from None
    return made


def judged_reasons(round_: Round, *, by: User) -> list[Judged]:
    """Every reason that was judged, those that most call an error first; for those who see agreement."""
    check_can("see_agreement", by, round_.project)
    verdicts: dict[int, Counter[str]] = {}
    words: dict[int, list[str]] = {}
    for row in ReasonJudgement.objects.filter(event__round=round_).order_by("event", "pk"):
        verdicts.setdefault(row.event_id, Counter())[row.verdict] += 1
        words.setdefault(row.event_id, []).extend([row.words] if row.words else [])
    kept = LabelText.objects.filter(event__in=verdicts, erased_at=None).values_list("event", flat=True)
    found = [Judged(reason_of(round_, pk), verdicts[pk], tuple(words[pk])) for pk in sorted(kept)]
    return sorted(found, key=lambda one: (-one.verdicts.get("error", 0) / one.n, one.reason.event.pk))


def reasons_in(round_: Round) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({REASONS}) AS r", {"round": round_.pk, "aside": ASIDE})  # noqa: S608
        return int(cursor.fetchone()[0])
