"""What people disagree on, most divided first, and what a curator sees of it. Names stay hidden until it is settled."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import validators
from django.db import connection

from claims.adjudication.lists import LISTED, divided_lists, list_key, list_words
from claims.errors import NotFound, Refused
from claims.models import Assignment, EvidenceItem, Label, LabelText, Question, Round, RoundUnit, SettledLabel, Unit

PAGE = 50

# `division` is the share of pairs of labels that differ, from the labels for each choice: the order of the queue. Codes
# stand as Python orders them, since what is divided on lists is merged in.
QUEUE = """
SELECT * FROM (
    SELECT p.unit_id, p.question, p.counts, {division} AS division,
           EXISTS (SELECT FROM claims_settledlabel s
               WHERE s.round_id = p.round_id AND s.unit_id = p.unit_id AND s.question = p.question) AS settled
    FROM claims_unitpattern p
    JOIN claims_round r ON r.id = p.round_id
    JOIN claims_roundunit ru ON ru.round_id = p.round_id AND ru.unit_id = p.unit_id
    WHERE p.round_id = %(round)s AND p.phase = 'first' AND {which}
      AND (%(question)s::text IS NULL OR p.question = %(question)s::text)
      AND (r.state = 'closed' OR ru.overlap <= (SELECT count(*) FROM claims_assignment a
           WHERE a.round_id = p.round_id AND a.unit_id = p.unit_id AND a.state = 'submitted'))
) d
WHERE (%(settled)s::boolean IS NULL OR settled = %(settled)s::boolean)
  AND (%(division)s::float8 IS NULL
       OR (-division, unit_id, question COLLATE "C") > (-(%(division)s::float8), %(unit)s::bigint, %(last)s::text))
ORDER BY -division, unit_id, question COLLATE "C" LIMIT %(limit)s
"""
DIVIDED = QUEUE.format(
    division="(SELECT 1 - sum(c * (c - 1))::float8 / (sum(c) * (sum(c) - 1)) FROM unnest(p.counts) AS c)",
    which="p.is_split",
)
# Asked of one person alone, and answered by them: nobody can differ, and a colleague looks at it all the same.
ALONE = QUEUE.format(division="0::float8", which="ru.overlap = 1 AND (SELECT sum(c) FROM unnest(p.counts) AS c) = 1")


@dataclass(frozen=True)
class Dispute:
    """A unit and question on which people differ. `counts` follow the declared choices, or the lists in `words`;
    `division` is the share of pairs of labels that differ."""

    unit: int
    question: str
    counts: tuple[int, ...]
    division: float
    is_settled: bool
    words: tuple[str, ...] = ()  # where an answer is not one of the declared choices

    @property
    def key(self) -> tuple[float, int, str]:
        """Where the next page begins: give it as `after`."""
        return self.division, self.unit, self.question


def disputes(
    round_: Round,
    question: str | None = None,
    *,
    settled: bool | None = False,
    alone: bool = False,
    after: tuple[float, int, str] | None = None,
    limit: int = PAGE,
) -> list[Dispute]:
    """A page of the queue: units whose reviewers are all done and differ, most divided first. `alone`: instead, units
    that were asked of one person alone.

    `settled` False: those that wait; True: those that were settled; None: both.
    """
    _check_place(after)
    if question is not None and not is_code(question):
        return []
    division, unit, last = after or (None, None, None)
    chosen = {"round": round_.pk, "question": question, "settled": settled, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(ALONE if alone else DIVIDED, {**chosen, "division": division, "unit": unit, "last": last})
        found = [Dispute(unit, code, tuple(counts), share, done) for unit, code, counts, share, done in cursor]
    lists = [] if alone else _lists(round_, question, settled, after)
    return sorted([*found, *lists], key=_place)[:limit] if lists else found


def _lists(
    round_: Round, question: str | None, settled: bool | None, after: tuple[float, int, str] | None
) -> list[Dispute]:
    """Those of all lists that stand behind `after`."""
    found = [
        Dispute(unit, code, tuple(counts.values()), division, done, tuple(counts))
        for unit, code, counts, division, done in divided_lists(round_, question)
        if settled in (None, done)
    ]
    return [one for one in found if after is None or _place(one) > (-after[0], *after[1:])]


def _place(dispute: Dispute) -> tuple[float, int, str]:
    """Where it stands in the queue."""
    return -dispute.division, dispute.unit, dispute.question


def is_code(word: str) -> bool:
    """Whether the word can be a question's code at all; others are not asked of the database."""
    return len(word) <= 40 and validators.slug_re.fullmatch(word) is not None


def _check_place(after: tuple[float, int, str] | None) -> None:
    if after is not None and not (0 <= after[0] <= 1 and 0 <= after[1] < 1 << 63 and is_code(after[2])):
        raise Refused(
            "invalid_cursor", "This is not the end of a page of disputes. Begin at the first page.", status=400
        )


def has_quorum(round_: Round, unit: Unit) -> bool:
    """All reviewers that the unit needs have submitted, or the round is closed and nobody else will."""
    place = RoundUnit.objects.filter(round=round_, unit=unit).first()
    if place is None:
        raise NotFound
    submitted = Assignment.objects.filter(round=round_, unit=unit, state="submitted").count()
    return round_.state == "closed" or submitted >= place.overlap


@dataclass(frozen=True)
class Voice:
    """One reviewer's answer. `letter` stands for the person on this unit only; `name` is known once it is settled."""

    letter: str
    name: str | None
    event: int
    note: str
    evidence: tuple[EvidenceItem, ...]
    seconds: int | None


@dataclass(frozen=True)
class AnswerGroup:
    """Those who answered alike. `value` as stored, or `missing` with the reason for giving none."""

    value: Any
    missing: str | None
    label: str
    voices: tuple[Voice, ...]


@dataclass(frozen=True)
class DisputeDetail:
    """Everything a curator needs to settle one question about one unit.

    `revision` is what `settle_label` expects: 0 while unsettled. Groups come in the order of the declared choices.
    """

    unit: Unit
    question: Question
    groups: tuple[AnswerGroup, ...]
    settled: SettledLabel | None
    has_quorum: bool

    @property
    def revision(self) -> int:
        return self.settled.revision if self.settled else 0


def dispute_detail(unit: Unit, round_: Round, question: str, *, is_blind: bool = False) -> DisputeDetail:
    """Answers grouped by value, with their words and evidence; empty before the quorum (AZ-07). Raises NotFound.

    `is_blind` leaves out what was settled, and with it the names.
    """
    asked = asked_question(round_, question)
    settled = None if is_blind else newest_settled(round_, unit, question)
    complete = has_quorum(round_, unit)
    kept = standing_votes(round_, unit, question) if complete else []
    return DisputeDetail(unit, asked, _group(asked, kept, with_names=settled is not None), settled, complete)


def standing_votes(round_: Round, unit: Unit, question: str) -> list[Label]:
    """Each reviewer's answer: the one after the discussion where there is one."""
    labels = Label.objects.counted().filter(round=round_, unit=unit, question=question)
    newest = {label.reviewer_id: label for label in labels.select_related("event", "reviewer").order_by("event_id")}
    return sorted(newest.values(), key=lambda label: label.event_id)


def asked_question(round_: Round, code: str) -> Question:
    """The question that the round asks under this code; raises NotFound."""
    asked = Question.objects.filter(codebook_version=round_.codebook_version_id, unit_kind=round_.unit_kind)
    found = asked.filter(code=code).first() if is_code(code) else None
    if found is None or (round_.questions and code not in round_.questions):
        raise NotFound
    return found


def newest_settled(round_: Round, unit: Unit, question: str) -> SettledLabel | None:
    found = SettledLabel.objects.filter(round=round_, unit=unit, question=question)
    return found.order_by("-revision").first()


def _group(question: Question, labels: list[Label], *, with_names: bool) -> tuple[AnswerGroup, ...]:
    order = {choice.code: (choice.n, choice.label) for choice in question.choices.all()}
    letters = _letters(labels)
    words = dict(
        LabelText.objects.filter(event__in=[label.event_id for label in labels]).values_list("event", "content")
    )
    evidence = _evidence(labels)
    groups: defaultdict[tuple[int, str, str], list[Label]] = defaultdict(list)
    for label in labels:
        place, shown = order.get(str(label.value), (len(order), _shown(question, label)))
        alike = " ".join(list_key(question, label.value)) if isinstance(label.value, list) else shown
        groups[place, alike, label.missing or ""].append(label)
    return tuple(
        AnswerGroup(
            value=own[0].value,
            missing=own[0].missing,
            label=order[str(own[0].value)][1] if str(own[0].value) in order else _shown(question, own[0]),
            voices=tuple(
                Voice(
                    letter=letters[label.reviewer_id],
                    name=label.reviewer.name if with_names else None,
                    event=label.event_id,
                    note=_note(words.get(label.event_id, {}), question.code),
                    evidence=tuple(evidence[label.event_id]),
                    seconds=label.event.seconds,
                )
                for label in own
            ),
        )
        for _, own in sorted(groups.items())
    )


def _shown(question: Question, label: Label) -> str:
    """What a value that is not a declared choice looks like to a reader."""
    if label.missing is not None:
        return label.missing.replace("_", " ")
    if question.kind in LISTED and isinstance(label.value, list):
        return list_words(question, label.value)
    return ", ".join(map(str, label.value)) if isinstance(label.value, list) else str(label.value)


def _letters(labels: list[Label]) -> dict[int, str]:
    """A to Z by a digest of unit and reviewer, so that letters say nothing across units."""
    digest = {
        label.reviewer_id: hashlib.sha256(f"{label.round_id}/{label.unit_id}/{label.reviewer_id}".encode()).hexdigest()
        for label in labels
    }
    return {reviewer: chr(ord("A") + n) for n, reviewer in enumerate(sorted(digest, key=digest.__getitem__))}


def _note(words: dict[str, Any], question: str) -> str:
    return "\n\n".join(str(words[key]) for key in (question, "note", "discuss") if words.get(key))


def _evidence(labels: Iterable[Label]) -> defaultdict[int, list[EvidenceItem]]:
    """Evidence items that the same submissions named, by event."""
    wanted = {label.event_id: list(_evidence_ids(label.event.answers)) for label in labels}
    rows = EvidenceItem.objects.select_related("page_copy", "screenshot").defer("page_copy__text", "screenshot__text")
    items = rows.in_bulk([pk for ids in wanted.values() for pk in ids])
    found: defaultdict[int, list[EvidenceItem]] = defaultdict(list)
    for event, ids in wanted.items():
        found[event] = [items[pk] for pk in ids if pk in items]
    return found


def _evidence_ids(answers: dict[str, Any]) -> Iterable[int]:
    for answer in answers.values():
        value = answer.get("value")
        if isinstance(value, list):
            yield from (item["id"] for item in value if isinstance(item, dict) and "id" in item)
