"""What the cards are made of, read once for a whole panel: labels, control items, times, settlements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db import connection

from claims.adjudication.lists import NO_CHAIN
from claims.errors import Refused
from claims.models import Project, Question, Round
from claims.statistics.reviewers import label_agreement
from claims.statistics.scales import Scale
from claims.statistics.tables import Floats, Ints

MOST_LABELS = 300_000

# First, independent answers of people. Control items have a known answer and are read apart.
LABELS = """
SELECT l.round_id, l.question, l.unit_id, l.reviewer_id, l.value #>> '{}', l.event_id,
       to_char(e.created_at AT TIME ZONE 'UTC', 'IYYY-"W"IW')
FROM claims_label l
JOIN claims_round r ON r.id = l.round_id
JOIN claims_reviewer w ON w.id = l.reviewer_id AND w.kind <> 'machine'
JOIN claims_labelevent e ON e.id = l.event_id
JOIN claims_roundunit ru ON ru.round_id = l.round_id AND ru.unit_id = l.unit_id AND NOT ru.is_control
WHERE r.project_id = %(project)s AND (%(round)s::bigint IS NULL OR l.round_id = %(round)s::bigint)
  AND l.phase = 'first' AND NOT l.is_void AND jsonb_typeof(l.value) = 'string'
ORDER BY l.event_id LIMIT %(most)s
"""
# A control item's answer is what a person settled about it, in whichever round.
CONTROLS = f"""
WITH known AS (
    SELECT DISTINCT ON (s.unit_id, s.question) s.unit_id, s.question, s.outcome, s.value
    FROM claims_settledlabel s JOIN claims_round r ON r.id = s.round_id WHERE r.project_id = %(project)s
    ORDER BY s.unit_id, s.question, s.id DESC
)
SELECT l.reviewer_id, count(*), count(*) FILTER (WHERE l.value = k.value)
FROM known k
JOIN claims_roundunit ru ON ru.unit_id = k.unit_id AND ru.is_control
JOIN claims_label l ON l.round_id = ru.round_id AND l.unit_id = k.unit_id AND l.question = k.question
     AND l.phase = 'first' AND NOT l.is_void
JOIN claims_round r ON r.id = l.round_id AND r.project_id = %(project)s
WHERE k.outcome = 'answer' AND k.value IS NOT NULL AND {NO_CHAIN}
  AND (%(round)s::bigint IS NULL OR l.round_id = %(round)s::bigint)
GROUP BY 1
"""  # noqa: S608 - of our own words
TIMES = """
SELECT e.reviewer_id, e.seconds, t.length
FROM claims_labelevent e
JOIN claims_reviewer w ON w.id = e.reviewer_id AND w.kind <> 'machine'
JOIN claims_unit u ON u.id = e.unit_id
JOIN LATERAL (SELECT length FROM claims_textversion v WHERE v.article_id = u.article_id ORDER BY n DESC LIMIT 1) t
     ON true
WHERE e.project_id = %(project)s AND (%(round)s::bigint IS NULL OR e.round_id = %(round)s::bigint)
  AND e.kind = 'submitted' AND e.phase = 'first' AND e.seconds > 0
ORDER BY e.id LIMIT %(most)s
"""
OVERRULES = f"""
WITH settled AS (
    SELECT DISTINCT ON (s.round_id, s.unit_id, s.question) s.*
    FROM claims_settledlabel s JOIN claims_round r ON r.id = s.round_id
    WHERE r.project_id = %(project)s AND (%(round)s::bigint IS NULL OR s.round_id = %(round)s::bigint)
    ORDER BY s.round_id, s.unit_id, s.question, s.revision DESC
)
SELECT l.reviewer_id, s.reason_code, count(*)
FROM settled s
JOIN claims_label l ON l.round_id = s.round_id AND l.unit_id = s.unit_id AND l.question = s.question
     AND l.phase = 'first' AND NOT l.is_void
WHERE s.outcome <> 'no_agreement' AND (s.outcome = 'all_wrong' OR l.value IS DISTINCT FROM s.value
      OR l.missing IS DISTINCT FROM s.missing) AND {NO_CHAIN}
GROUP BY 1, 2
"""  # noqa: S608 - of our own words


@dataclass(frozen=True)
class Asked:
    """A question that is answered with one declared choice: codes and labels in their order."""

    code: str
    title: str
    level: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def scale(self) -> Scale:
        return Scale(len(self.codes))


@dataclass(frozen=True)
class Column:
    """The labels of one question of one round, in the order in which they were given; one line a label.

    `agreement` is that with the others on the unit (nan without any), near misses counting in part on ordered scales.
    """

    round: Round
    plan: Asked
    units: Ints
    reviewers: Ints
    values: Ints
    weeks: list[str]
    agreement: Floats

    def unit_codes(self) -> Ints:
        codes: Ints = np.unique(self.units, return_inverse=True)[1].astype(np.int64)
        return codes


@dataclass(frozen=True)
class Panel:
    """Everything that was read. Times are lines of (reviewer, seconds, code points of the article)."""

    columns: tuple[Column, ...]
    controls: dict[int, tuple[int, int]]  # reviewer -> (answers to control items, right ones)
    times: Floats
    overrules: dict[int, dict[str, int]]  # reviewer -> reason code -> number


def read_panel(within: Project | Round) -> Panel:
    """Raises Refused `too_many_labels` where a page would take too long."""
    project = within if isinstance(within, Project) else within.project
    place = {"project": project.pk, "round": within.pk if isinstance(within, Round) else None, "most": MOST_LABELS + 1}
    with connection.cursor() as cursor:
        cursor.execute(LABELS, place)
        rows = cursor.fetchall()
        if len(rows) > MOST_LABELS:
            raise Refused("too_many_labels", f"There are more than {MOST_LABELS:,} labels. Choose one round.")
        cursor.execute(CONTROLS, place)
        controls = {reviewer: (n, right) for reviewer, n, right in cursor}
        cursor.execute(TIMES, place)
        times = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 3)
        cursor.execute(OVERRULES, place)
        overrules: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for reviewer, reason, n in cursor:
            overrules[reviewer][reason] = n
    return Panel(_columns(rows), controls, times, dict(overrules))


def _columns(rows: list[tuple[int, str, int, int, str, int, str]]) -> tuple[Column, ...]:
    by_question: defaultdict[tuple[int, str], list[tuple[int, int, str, str]]] = defaultdict(list)
    for round_, question, unit, reviewer, value, _, week in rows:
        by_question[round_, question].append((unit, reviewer, value, week))
    found = []
    for round_ in Round.objects.filter(pk__in={pk for pk, _ in by_question}).order_by("pk"):
        for plan in _asked(round_):
            known = [label for label in by_question.get((round_.pk, plan.code), []) if label[2] in plan.codes]
            if known:
                found.append(_column(round_, plan, known))
    return tuple(found)


def _asked(round_: Round) -> list[Asked]:
    questions = Question.objects.filter(
        codebook_version=round_.codebook_version_id, kind__in=("nominal", "ordinal", "interval")
    ).exclude(level="none")
    found = []
    for question in questions.order_by("n").prefetch_related("choices"):
        choices = sorted(question.choices.all(), key=lambda choice: choice.n)
        codes, labels = (tuple(getattr(choice, name) for choice in choices) for name in ("code", "label"))
        found.append(Asked(question.code, question.title, question.level, codes, labels))
    return found


def _column(round_: Round, plan: Asked, labels: list[tuple[int, int, str, str]]) -> Column:
    units, reviewers = (np.array([label[n] for label in labels], dtype=np.int64) for n in (0, 1))
    place = {code: n for n, code in enumerate(plan.codes)}
    values = np.array([place[label[2]] for label in labels], dtype=np.int64)
    codes = np.unique(units, return_inverse=True)[1].astype(np.int64)
    weights = "identity" if plan.level == "nominal" else "quadratic"
    agreement = label_agreement(codes, values, plan.scale, weights)
    return Column(round_, plan, units, reviewers, values, [label[3] for label in labels], agreement)
