"""Where a reviewer was overruled: own answers that adjudication settled otherwise, once nothing depends on them.

Shown for closed rounds only, and never about a unit that the reviewer still has to judge in another round: an answer
that is corrected after seeing the outcome would no longer be independent (INV-4).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from claims.labelling.answers import spec_of
from claims.models import LabelEvent, Reviewer
from claims.values.hops import BETWEEN, chain_key

MOST = 500
OVERRULED = """
WITH settled AS (
    SELECT DISTINCT ON (s.round_id, s.unit_id, s.question) s.*, r.codebook_version_id AS version
    FROM claims_settledlabel s JOIN claims_round r ON r.id = s.round_id
    WHERE r.project_id = %(project)s AND r.state = 'closed'
    ORDER BY s.round_id, s.unit_id, s.question, s.revision DESC
)
SELECT s.version, s.question, s.outcome, s.value #>> '{}', s.missing, s.reason_code, s.rationale, s.created_at,
       l.value #>> '{}', l.missing, l.event_id
FROM settled s
JOIN claims_label l ON l.round_id = s.round_id AND l.unit_id = s.unit_id AND l.question = s.question
     AND l.reviewer_id = %(reviewer)s AND l.phase = 'first' AND NOT l.is_void
WHERE s.outcome <> 'no_agreement'
  AND (s.outcome = 'all_wrong' OR l.value IS DISTINCT FROM s.value OR l.missing IS DISTINCT FROM s.missing)
  AND NOT EXISTS (
      SELECT FROM claims_roundunit u JOIN claims_round o ON o.id = u.round_id AND o.state IN ('open', 'paused')
      WHERE u.unit_id = s.unit_id AND NOT EXISTS (
          SELECT FROM claims_assignment a WHERE a.round_id = u.round_id AND a.unit_id = u.unit_id
             AND a.reviewer_id = %(reviewer)s AND a.state = 'submitted'))
ORDER BY s.created_at DESC, s.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Overruled:
    """One answer of one's own and what was settled in its place, in words; nothing settled: all answers were wrong.

    reason  why people differed, a key of `claims.models.score.REASONS`
    """

    event: LabelEvent
    question: str
    mine: str
    settled: str
    reason: str
    rationale: str
    settled_at: datetime


class Row(NamedTuple):
    """A row of OVERRULED."""

    version: int
    question: str
    outcome: str
    value: str | None
    missing: str | None
    reason: str
    rationale: str
    at: datetime
    own: str | None
    own_missing: str | None
    event: int


def overruled_answers(reviewer: Reviewer) -> list[Overruled]:
    """The newest MOST of them. Who answered otherwise, and how many, is not told."""
    with connection.cursor() as cursor:
        cursor.execute(OVERRULED, {"project": reviewer.project_id, "reviewer": reviewer.pk, "most": MOST})
        rows = [row for row in map(Row._make, cursor.fetchall()) if not _is_same_chain(row)]
    related = ("round", "unit__occurrence_version", "unit__outlet_version", "unit__article")
    events = LabelEvent.objects.select_related(*related).in_bulk({row.event for row in rows})
    return [_in_words(events[row.event], row) for row in rows]


def _is_same_chain(row: Row) -> bool:
    """Two spellings of one chain of sources: nobody was overruled."""
    chains = [_chain(row, value) for value in (row.own, row.value)]
    return bool(chains[0]) and chain_key(chains[0]) == chain_key(chains[1])


def _chain(row: Row, value: str | None) -> list[str]:
    """The sources that the value names; none where the question is of another kind."""
    question = spec_of(row.version).question(row.question)
    is_chain = question is not None and question.kind == "chain" and value is not None
    return list(json.loads(str(value))) if is_chain else []


def _in_words(event: LabelEvent, row: Row) -> Overruled:
    question = next((one for one in spec_of(row.version).questions if one.code == row.question), None)
    names = {choice.code: choice.label for choice in question.choices} if question else {}
    own, value = (BETWEEN.join(_chain(row, one)) or one for one in (row.own, row.value))
    settled = "" if row.outcome == "all_wrong" else _words(names, value, row.missing)
    title = question.title if question else row.question
    return Overruled(event, title, _words(names, own, row.own_missing), settled, row.reason, row.rationale, row.at)


def _words(names: dict[str, Any], value: str | None, missing: str | None) -> str:
    """A choice by its name; those of a set by theirs, as the codebook has them; else the reason for giving none."""
    if missing is not None:
        return missing.replace("_", " ")
    if names and value and value.startswith("["):
        codes = json.loads(value)
        return ", ".join(str(label) for code, label in names.items() if code in codes)
    return str(names.get(value or "", value or ""))
