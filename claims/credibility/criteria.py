"""What reviewers observed about an outlet's criteria: each answer with the address that shows it and the day.

Reviewers are asked for both. What came in without them, in a file or before they were asked for, counts for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection

from claims.credibility.entities import family_of
from claims.models import Outlet, Project, ScoreFormula
from claims.models.formula import CRITERIA
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.tables import table_from_labels
from claims.values.shown import read_shown

VOTES = {"pass": 1.0, "fail": 0.0}
ALPHA = "krippendorff_alpha"
ANSWERS = ("pass", "fail", "insufficient_evidence", "not_applicable")

# The newest answer of each person to each criterion, with what they wrote to it: where it is seen, or which country.
# Machines have no vote. Nothing is shown before everybody who is asked has answered.
OBSERVED = """
SELECT DISTINCT ON (v.outlet_id, l.question, l.reviewer_id)
       v.outlet_id, l.question, l.reviewer_id, l.value #>> '{}', l.missing, l.round_id, r.name, l.unit_id, l.event_id,
       e.created_at, COALESCE(t.content ->> (l.question || '_shown'),
                              CASE l.question WHEN 'bias_frame' THEN t.content ->> 'bias_country' END,
                              t.content ->> 'note', '')
FROM claims_label l
JOIN claims_unit u ON u.id = l.unit_id
JOIN claims_outletversion v ON v.id = u.outlet_version_id
JOIN claims_reviewer w ON w.id = l.reviewer_id AND w.kind <> 'machine'
JOIN claims_round r ON r.id = l.round_id
JOIN claims_labelevent e ON e.id = l.event_id
LEFT JOIN claims_labeltext t ON t.event_id = l.event_id
WHERE u.project_id = %(project)s AND u.kind = 'outlet' AND NOT l.is_void AND l.question = ANY(%(criteria)s)
  AND (r.state = 'closed' OR NOT EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = l.round_id
       AND a.unit_id = l.unit_id AND a.state IN ('open', 'reserved')))
  AND (%(outlets)s::bigint[] IS NULL OR v.outlet_id = ANY(%(outlets)s::bigint[]))
ORDER BY v.outlet_id, l.question, l.reviewer_id, e.id DESC
"""
SETTLED = """
SELECT DISTINCT ON (s.question) s.question, s.value #>> '{}', s.missing, s.id
FROM claims_settledlabel s
JOIN claims_unit u ON u.id = s.unit_id
JOIN claims_outletversion v ON v.id = u.outlet_version_id
WHERE u.project_id = %(project)s AND u.kind = 'outlet' AND v.outlet_id = ANY(%(outlets)s)
  AND s.question = ANY(%(criteria)s) AND s.outcome = 'answer'
ORDER BY s.question, s.id DESC
"""


@dataclass(frozen=True)
class Observation:
    """One person's answer. `url` and `seen_on` are read from what they wrote beside it."""

    criterion: str
    reviewer: int
    answer: str
    round: int
    round_name: str
    unit: int
    event: int
    at: datetime
    written: str
    url: str
    seen_on: date | None

    @property
    def is_shown(self) -> bool:
        """Whether somebody else can look it up."""
        return bool(self.url) and self.seen_on is not None

    @property
    def counts(self) -> bool:
        return self.answer in VOTES and self.is_shown


def observations_of(outlet: Outlet) -> dict[str, list[Observation]]:
    """Criterion -> what people observed about the outlet and all that were merged into it, oldest first."""
    found: dict[str, list[Observation]] = defaultdict(list)
    newest: dict[tuple[str, int], Observation] = {}
    for _, row in answers_about(outlet.project_id, family_of(outlet)):
        key = row.criterion, row.reviewer
        if key not in newest or newest[key].event < row.event:
            newest[key] = row
    for row in sorted(newest.values(), key=lambda row: row.event):
        found[row.criterion].append(row)
    return found


def settled_of(outlet: Outlet) -> dict[str, str]:
    """Criterion -> what adjudication settled, where it did."""
    values: dict[str, Any] = {"project": outlet.project_id, "outlets": family_of(outlet), "criteria": list(CRITERIA)}
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, values)
        return {question: value or missing for question, value, missing, _ in cursor.fetchall()}


def answers_about(
    project: int, outlets: Sequence[int] | None, questions: Iterable[str] = tuple(CRITERIA)
) -> list[tuple[int, Observation]]:
    """(outlet, answer) of every person to these questions, once everybody who is asked has answered."""
    values: dict[str, Any] = {"project": project, "outlets": outlets, "criteria": list(questions)}
    with connection.cursor() as cursor:
        cursor.execute(OBSERVED, values)
        rows = cursor.fetchall()
    found = []
    for outlet, question, reviewer, value, missing, round_, name, unit, event, at, written in rows:
        url, seen_on = read_shown(written, at.date())
        told = value if value is not None else missing
        found.append(
            (outlet, Observation(question, reviewer, told, round_, name, unit, event, at, written, url, seen_on))
        )
    return found


@dataclass(frozen=True)
class Agreed:
    """How far people agree on one criterion over the outlets that two or more judged (Krippendorff's alpha)."""

    criterion: str
    outlets: int
    alpha: float | None
    reason: str


def agreement_on_criteria(project: Project) -> list[Agreed]:
    """One row for each criterion, in the order of the codebook."""
    by_unit: dict[str, dict[int, list[int]]] = {criterion: defaultdict(list) for criterion in CRITERIA}
    for outlet, row in answers_about(project.pk, None):
        if row.answer in ANSWERS:
            by_unit[row.criterion][outlet].append(ANSWERS.index(row.answer))
    return [
        _agreed(criterion, [each for each in units.values() if len(each) > 1]) for criterion, units in by_unit.items()
    ]


def newest_formula(project: Project) -> ScoreFormula | None:
    """The version that stands, switched on or off."""
    found: ScoreFormula | None = ScoreFormula.objects.in_project(project).order_by("-n").first()
    return found


def _agreed(criterion: str, units: list[list[int]]) -> Agreed:
    numbers = np.repeat(np.arange(len(units)), [len(each) for each in units]).astype(np.int64)
    values = np.array([value for each in units for value in each], dtype=np.int64)
    score = score_labels(table_from_labels(numbers, values, len(ANSWERS)), ALPHA, Scale(len(ANSWERS)))
    return Agreed(criterion, len(units), score.value, score.reason or "")
