"""How each unit of an evidence check stands, computed from places and answers: nothing of it is stored but returns."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from claims.models import Assignment, EvidenceReturn, Label, Round, RoundUnit
from claims.statistics.scales import Scale
from claims.statistics.score import Score
from claims.statistics.scoring import score_labels
from claims.statistics.tables import table_from_matrix

MOST = 20_000  # units that one page or answer counts over
Said = Mapping[str, tuple[str, ...]]  # question -> answers as canonical JSON, a missing reason as {"missing": reason}


@dataclass(frozen=True)
class Checked:
    """A unit with what both sides said, before and after it went back. `state` is one of EVIDENCE_CHECK."""

    unit: int
    position: int
    state: str
    brought: Said = field(default_factory=dict)
    judged: Said = field(default_factory=dict)
    brought_later: Said = field(default_factory=dict)
    judged_later: Said = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """Of n units whose first check is in, `same` verdicts on a question are alike. `kappa` is free-marginal (Randolph
    2005, the same as Brennan and Prediger 1981)."""

    question: str
    title: str
    n: int
    same: int
    kappa: Score


def leading(answers: Sequence[str]) -> str | None:
    """The answer that more people gave than any other; None where two lead, or nobody answered."""
    ranked = Counter(answers).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def is_same(brought: Said, judged: Said, questions: Sequence[str]) -> bool:
    """Whether both sides lead to one answer on each question that was judged by anybody."""
    asked = [code for code in questions if judged.get(code) or brought.get(code)]
    return all(
        (one := leading(brought.get(code, ()))) is not None and one == leading(judged.get(code, ())) for code in asked
    )


def standing_of(check: Round, units: Sequence[int] | None = None) -> list[Checked]:
    """The units of a check, in its order; those given, or the first MOST of all."""
    places = RoundUnit.objects.filter(round=check).order_by("position")
    places = places.filter(unit__in=units) if units is not None else places
    mine = {unit: (position, overlap) for unit, position, overlap in _places(places)}
    evidence = RoundUnit.objects.filter(round=check.checks_id, unit__in=mine)
    theirs = {unit: overlap for unit, _, overlap in _places(evidence)}
    done = _submitted(check, mine)
    said = _said(check, mine)
    returns = {row.unit_id: row for row in EvidenceReturn.objects.filter(round=check, unit__in=mine)}
    is_open = check.checks is not None and check.checks.state in ("open", "paused")
    found = []
    for unit, (position, overlap) in mine.items():
        sides = _Sides(check, unit, done, said, returns.get(unit))
        full = (len(done[(check.checks_id, unit)]) >= theirs.get(unit, 1), len(done[(check.pk, unit)]) >= overlap)
        state = _state(sides, *full, questions=check.questions, is_open=is_open)
        found.append(
            Checked(unit, position, state, sides.brought, sides.judged, sides.brought_later, sides.judged_later)
        )
    return found


def _places(rows: Any) -> list[tuple[int, int, int]]:
    return list(rows.values_list("unit", "position", "overlap")[:MOST])


Done = Mapping[tuple[int | None, int], Mapping[int, int]]  # (round, unit) -> {place: reviewer}
Answers = Mapping[tuple[int | None, int, int], Mapping[str, str]]  # (round, unit, reviewer) -> {question: answer}


def _submitted(check: Round, units: Mapping[int, Any]) -> Done:
    rows = Assignment.objects.filter(round__in=[check.pk, check.checks_id], unit__in=units, state="submitted")
    found: defaultdict[tuple[int | None, int], dict[int, int]] = defaultdict(dict)
    for round_, unit, slot, reviewer in rows.values_list("round", "unit", "slot", "reviewer"):
        found[(round_, unit)][slot] = reviewer
    return found


def _said(check: Round, units: Mapping[int, Any]) -> Answers:
    """Each one's later vote, where a round has two."""
    rows = Label.objects.filter(round__in=[check.pk, check.checks_id], unit__in=units, question__in=check.questions)
    rows = rows.filter(is_void=False, reviewer__kind="human").order_by("-phase")  # first behind after_discussion
    found: defaultdict[tuple[int | None, int, int], dict[str, str]] = defaultdict(dict)
    columns = ("round", "unit", "reviewer", "question", "value", "missing")
    for round_, unit, reviewer, question, value, missing in rows.values_list(*columns):
        answer = {"missing": missing} if missing else sorted(value) if isinstance(value, list) else value
        found[(round_, unit, reviewer)].setdefault(question, json.dumps(answer))
    return found


class _Sides:
    """What who brought evidence and who checked it said of one unit, before and after it went back."""

    def __init__(self, check: Round, unit: int, done: Done, said: Answers, returned: EvidenceReturn | None) -> None:
        self.returned = returned
        bringers, checkers = done[(check.checks_id, unit)], done[(check.pk, unit)]
        late = (returned.evidence_slot, returned.check_slot) if returned is not None else (-1, -1)
        sides = ((check.checks_id, bringers, late[0]), (check.pk, checkers, late[1]))
        self.brought, self.judged = (
            _together(said[(round_, unit, who)] for slot, who in places.items() if slot != later)
            for round_, places, later in sides
        )
        self.brought_later, self.judged_later = (
            _together(said[(round_, unit, who)] for slot, who in places.items() if slot == later)
            for round_, places, later in sides
        )


def _together(voices: Any) -> Said:
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for voice in voices:
        for question, answer in voice.items():
            found[question] += (answer,)
    return dict(found)


def _state(sides: _Sides, is_in: bool, is_checked: bool, *, questions: Sequence[str], is_open: bool) -> str:
    if sides.returned is not None:
        return _state_later(sides, is_in, is_checked, questions)
    if not is_in:
        return "awaiting_evidence"
    if not sides.brought:
        return "awaiting_verdict"
    if not is_checked:
        return "awaiting_check"
    if is_same(sides.brought, sides.judged, questions):
        return "confirmed"
    return "returned" if is_open else "unresolved"


def _state_later(sides: _Sides, is_in: bool, is_checked: bool, questions: Sequence[str]) -> str:
    if not is_in:
        return "returned"
    if not is_checked:
        return "awaiting_second_check"
    is_confirmed = bool(sides.brought_later) and is_same(sides.brought_later, sides.judged_later, questions)
    return "confirmed_later" if is_confirmed else "unresolved"


def figures_of(check: Round, rows: Sequence[Checked]) -> list[Figure]:
    """How far the first verdicts of both sides agree, question by question; one verdict a side and unit."""
    found = []
    asked = check.codebook_version.questions.filter(code__in=check.questions).prefetch_related("choices")
    for question in asked.order_by("n"):
        pairs = [
            (one, other)
            for row in rows
            if (one := leading(row.brought.get(question.code, ()))) is not None
            and (other := leading(row.judged.get(question.code, ()))) is not None
        ]
        known = {json.dumps(choice.code): n for n, choice in enumerate(question.choices.all())}
        for answer in sorted({answer for pair in pairs for answer in pair} - set(known)):
            known[answer] = len(known)
        table = table_from_matrix([[known[one], known[other]] for one, other in pairs], max(len(known), 2))
        kappa = score_labels(table, "brennan_prediger", Scale(max(len(known), 2)), "identity")
        same = sum(one == other for one, other in pairs)
        found.append(Figure(question.code, question.title, len(pairs), same, kappa))
    return found
