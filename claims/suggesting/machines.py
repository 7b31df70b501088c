"""Machines beside people: who labelled, how much, and whether one may stand in for a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from claims.agreement.overview import why_hidden
from claims.labelling.answers import round_spec
from claims.models import Reviewer, Round
from claims.statistics.alternative_annotator import AlternativeAnnotator, alternative_annotator_test

MARGIN = 0.2  # what the paper proposes beside experts; shown on the page

ANSWERS = """
SELECT l.question, l.unit_id, l.reviewer_id, r.kind = 'machine', l.value #>> '{}'
FROM claims_label l JOIN claims_reviewer r ON r.id = l.reviewer_id
WHERE l.round_id = %s AND NOT l.is_void AND l.phase = 'first' AND l.missing IS NULL
  AND jsonb_typeof(l.value) = 'string' AND l.question = ANY(%s)
  AND l.unit_id IN (SELECT m.unit_id FROM claims_label m JOIN claims_reviewer w ON w.id = m.reviewer_id
                    WHERE m.round_id = %s AND w.kind = 'machine')
ORDER BY l.question, l.unit_id, l.reviewer_id
"""


@dataclass(frozen=True)
class MachineQuestion:
    """One machine on one question: units it answered beside people, how often it gave the answer most people gave
    (ties of people left out), and the test."""

    machine: str
    question: str
    title: str
    n_units: int
    n_majority: int
    with_majority: float | None
    test: AlternativeAnnotator


def compare_machines(round_: Round) -> list[MachineQuestion]:
    """Each machine on each single-choice question of the round; none while the round hides its scores."""
    if why_hidden(round_):
        return []
    questions = [one for one in round_spec(round_).questions if one.kind in ("nominal", "ordinal")]
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [round_.pk, [one.code for one in questions], round_.pk])
        rows = cursor.fetchall()
    names = dict(Reviewer.objects.filter(pk__in={row[2] for row in rows if row[3]}).values_list("pk", "name"))
    found = []
    for question in questions:
        codes = {choice.code: n for n, choice in enumerate(question.choices)}
        people: dict[int, dict[int, int]] = {}
        machines: dict[int, dict[int, int]] = {}
        for code, unit, reviewer, is_machine, value in rows:
            if code == question.code and value in codes:
                (machines.setdefault(reviewer, {}) if is_machine else people.setdefault(unit, {}))[
                    unit if is_machine else reviewer
                ] = codes[value]
        for machine, given in sorted(machines.items()):
            found.append(_compared(names[machine], question.code, question.title, given, people))
    return found


def _compared(
    machine: str, code: str, title: str, given: dict[int, int], people: dict[int, dict[int, int]]
) -> MachineQuestion:
    units = [unit for unit in sorted(given) if unit in people]
    everybody = sorted({reviewer for unit in units for reviewer in people[unit]})
    matrix = [[people[unit].get(reviewer) for reviewer in everybody] for unit in units]
    majority = [_majority(list(people[unit].values())) for unit in units]
    clear = [(unit, choice) for unit, choice in zip(units, majority, strict=True) if choice is not None]
    agreed = sum(given[unit] == choice for unit, choice in clear)
    test = alternative_annotator_test(matrix, [given[unit] for unit in units], margin=MARGIN)
    share = agreed / len(clear) if clear else None
    return MachineQuestion(machine, code, title, len(units), len(clear), share, test)


def _majority(choices: list[int]) -> int | None:
    counts = {choice: choices.count(choice) for choice in choices}
    most = max(counts.values())
    first = [choice for choice, n in counts.items() if n == most]
    return first[0] if len(first) == 1 else None
