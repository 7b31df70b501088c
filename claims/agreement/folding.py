"""The counting state follows the labels: exactly, once, whatever is repeated, by any number of workers.

A unit is recounted from its committed labels under a lock of its place in the round, so a change that is folded twice
or late counts once. Pattern counts move by whole numbers under one lock a round, taken after the units' locks and held
for a few milliseconds.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from claims.agreement.patterns import PATTERNED_KINDS, ChoicePlan, QuestionPlan, is_split
from claims.agreement.strata import WHOLE, Place, cells_of, lock_units
from claims.models import Question, Round, UnitPattern
from claims.statistics.tables import Pattern

FOLD_LOCK = 0xF01D << 40  # + round id: a lock of its own for each round
BATCH = 500

TAKE_PENDING = """
DELETE FROM claims_pendingfold WHERE id IN (
    SELECT id FROM claims_pendingfold WHERE round_id = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING unit_id, event_id
"""
# Machine reviewers are compared with people elsewhere, never mixed in. Missing answers are not agreement.
COUNT_LABELS = """
SELECT l.unit_id, l.question, l.phase, l.value #>> '{}', count(*),
       to_char(max(e.created_at) AT TIME ZONE 'UTC', 'IYYY-"W"IW')
FROM claims_label l JOIN claims_reviewer r ON r.id = l.reviewer_id JOIN claims_labelevent e ON e.id = l.event_id
WHERE l.round_id = %s AND l.unit_id = ANY(%s) AND l.question = ANY(%s)
  AND NOT l.is_void AND jsonb_typeof(l.value) = 'string' AND r.kind <> 'machine'
GROUP BY 1, 2, 3, 4
"""

WRITE_PATTERNS = """
INSERT INTO claims_unitpattern (round_id, unit_id, question, phase, article_id, counts, is_split, strata)
SELECT %s, unit, question, phase, article, counts::smallint[], is_split, strata::varchar[]
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::boolean[], %s::text[])
     AS t(unit, question, phase, article, counts, is_split, strata)
ON CONFLICT (round_id, unit_id, question, phase) DO UPDATE SET counts = EXCLUDED.counts,
    is_split = EXCLUDED.is_split, article_id = EXCLUDED.article_id, strata = EXCLUDED.strata
"""
MOVED = """unnest(%(questions)s::text[], %(phases)s::text[], %(strata)s::text[], %(articles)s::bigint[],
    %(counts)s::text[], %(numbers)s::integer[]) AS t(question, phase, stratum, article, counts, n)"""
ADD_COUNTS = f"""
INSERT INTO claims_patterncount AS c (round_id, question, phase, stratum, article_id, counts, n_units)
SELECT %(round)s, question, phase, stratum, article, counts::smallint[], n FROM {MOVED}
ON CONFLICT (round_id, article_id, stratum, question, phase, counts)
DO UPDATE SET n_units = c.n_units + EXCLUDED.n_units
"""  # noqa: S608 - fixed words
SAME_ROW = """c.round_id = %(round)s AND c.question = t.question AND c.phase = t.phase AND c.stratum = t.stratum
  AND c.counts = t.counts::smallint[]"""
TAKE_COUNTS = f"""
UPDATE claims_patterncount c SET n_units = GREATEST(c.n_units + t.n, 0) FROM {MOVED} WHERE {SAME_ROW}
"""  # noqa: S608
DROP_EMPTY_COUNTS = f"""
DELETE FROM claims_patterncount c USING {MOVED} WHERE {SAME_ROW} AND c.n_units = 0
"""  # noqa: S608
# Sums and article rows apart: the index finds either, and could not find IS NOT DISTINCT FROM.
OF_SUMS, OF_ARTICLES = " AND c.article_id IS NULL", " AND c.article_id = t.article"

UnitKey = tuple[int, str, str]  # unit, question, phase
CountKey = tuple[str, str, str, int | None, Pattern]  # question, phase, stratum, article or None for all, pattern


@dataclass(frozen=True)
class Difference:
    """The counting state said `stored`, the labels say `recounted` (labels for each choice, or units of a pattern)."""

    question: str
    phase: str
    unit: int | None  # None: a pattern count
    stratum: str
    stored: tuple[int, ...]
    recounted: tuple[int, ...]
    strata: tuple[str, ...] = ()  # that the unit left, stays in or enters


def plan_round(round_: Round) -> dict[str, QuestionPlan]:
    """The questions of the round that patterns are kept for: those answered with one declared choice."""
    asked = Question.objects.filter(
        codebook_version=round_.codebook_version_id, unit_kind=round_.unit_kind, kind__in=PATTERNED_KINDS
    ).exclude(level="none")
    if round_.questions:
        asked = asked.filter(code__in=round_.questions)
    plans = {}
    for question in asked.order_by("n").prefetch_related("choices"):
        declared = sorted(question.choices.all(), key=lambda choice: choice.n)
        choices = tuple(ChoicePlan(c.code, c.label, c.collapsed_to or c.code) for c in declared)
        if choices:
            plans[question.code] = QuestionPlan(question.code, question.title, question.level, choices)
    return plans


def take_pending(round_: Round, limit: int = BATCH) -> tuple[list[int], int]:
    """(units whose labels changed, newest label event among them), taken off the queue in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_PENDING, [round_.pk, limit])
        rows = cursor.fetchall()
    return sorted({unit for unit, _ in rows}), max((event for _, event in rows), default=0)


def fold_units(round_: Round, plans: Mapping[str, QuestionPlan], units: Sequence[int]) -> list[Difference]:
    """Bring patterns and pattern counts of these units in line with their labels; returns what was out of line.

    Call inside a transaction. Control items have no patterns: they would show agreement with a known answer.
    """
    places = lock_units(round_, units)
    stored = {
        (row.unit_id, row.question, row.phase): row
        for row in UnitPattern.objects.filter(round=round_, unit_id__in=places)
    }
    counted = _count_labels(round_, plans, places)
    changes = [
        Change(key, _state_of(stored.get(key)), counted.get(key)) for key in sorted(stored.keys() | counted.keys())
    ]
    changes = [change for change in changes if change.before != change.after]
    _write_patterns(round_, stored, changes, places)
    move_counts(round_, _deltas(changes, stored, places))
    return [change.as_difference() for change in changes]


@dataclass(frozen=True)
class State:
    """What is kept of one question about one unit."""

    pattern: Pattern
    strata: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    key: UnitKey
    before: State | None
    after: State | None

    def as_difference(self) -> Difference:
        before, after = (state.pattern if state else () for state in (self.before, self.after))
        moved = {*(self.before.strata if self.before else ()), *(self.after.strata if self.after else ())}
        unit, question, phase = self.key
        return Difference(question, phase, unit, WHOLE, before, after, tuple(sorted(moved)))


def _state_of(row: UnitPattern | None) -> State | None:
    return State(tuple(row.counts), tuple(sorted(row.strata))) if row else None


def _count_labels(
    round_: Round, plans: Mapping[str, QuestionPlan], places: Mapping[int, Place]
) -> dict[UnitKey, State]:
    answers: defaultdict[UnitKey, list[tuple[str, int]]] = defaultdict(list)
    weeks: defaultdict[UnitKey, str] = defaultdict(str)
    with connection.cursor() as cursor:
        counted = [unit for unit, place in places.items() if place.is_counted]
        cursor.execute(COUNT_LABELS, [round_.pk, counted, list(plans)])
        for unit, question, phase, code, n, week in cursor.fetchall():
            if code in plans[question].place:
                answers[unit, question, phase].append((code, n))
                weeks[unit, question, phase] = max(weeks[unit, question, phase], week)
    return {key: State(plans[key[1]].count(given), places[key[0]].strata(weeks[key])) for key, given in answers.items()}


def _deltas(
    changes: Sequence[Change], stored: Mapping[UnitKey, UnitPattern], places: Mapping[int, Place]
) -> Counter[CountKey]:
    """Whole numbers to add: a changed unit leaves the cells it was counted in and enters those it belongs to now."""
    deltas: Counter[CountKey] = Counter()
    for change in changes:
        unit, question, phase = change.key
        for state, n, article in (
            (change.before, -1, stored[change.key].article_id if change.before else None),
            (change.after, 1, places[unit].article),
        ):
            for stratum in (WHOLE, *state.strata) if state else ():
                for cell in cells_of(stratum, article):
                    deltas[question, phase, *cell, state.pattern] += n  # type: ignore[union-attr]
    return Counter({key: n for key, n in deltas.items() if n})


def _write_patterns(
    round_: Round, stored: Mapping[UnitKey, UnitPattern], changes: Sequence[Change], places: Mapping[int, Place]
) -> None:
    UnitPattern.objects.filter(pk__in=[stored[c.key].pk for c in changes if c.after is None]).delete()
    rows = [
        (unit, question, phase, places[unit].article, _as_array(after.pattern), is_split(after.pattern),
         _as_array(after.strata))
        for (unit, question, phase), after in ((change.key, change.after) for change in changes)
        if after is not None
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(WRITE_PATTERNS, [round_.pk, *map(list, zip(*rows, strict=True))])


def _as_array(values: Iterable[int | str]) -> str:
    """PostgreSQL's spelling of an array; arrays of arrays would have to be of one length."""
    return "{" + ",".join(str(v) if isinstance(v, int) else json.dumps(v, ensure_ascii=False) for v in values) + "}"


def move_counts(round_: Round, deltas: Mapping[CountKey, int]) -> None:
    """Add whole numbers to the pattern counts; rows that reach zero go.

    A count that would fall below zero was damaged before: it goes too, and the next recount finds and tells it. Labels
    that arrive must not wait for that.
    """
    moved = sorted((q, phase, stratum, article or 0, p, n) for (q, phase, stratum, article, p), n in deltas.items())
    more, less = [row for row in moved if row[-1] > 0], [row for row in moved if row[-1] < 0]
    if not moved:
        return
    lock_counts(round_)
    with connection.cursor() as cursor:
        if more:
            cursor.execute(ADD_COUNTS, _as_columns(round_, more))
        for which, part in (
            (OF_SUMS, [row for row in less if not row[3]]),
            (OF_ARTICLES, [row for row in less if row[3]]),
        ):
            if part:
                cursor.execute(TAKE_COUNTS + which, _as_columns(round_, part))
                cursor.execute(DROP_EMPTY_COUNTS + which, _as_columns(round_, part))


def _as_columns(round_: Round, rows: Sequence[tuple[str, str, str, int, Pattern, int]]) -> dict[str, Any]:
    questions, phases, strata, articles, patterns, numbers = map(list, zip(*rows, strict=True))
    return {
        "round": round_.pk,
        "questions": questions,
        "phases": phases,
        "strata": strata,
        "articles": [article or None for article in articles],
        "counts": [_as_array(pattern) for pattern in patterns],
        "numbers": numbers,
    }


def lock_counts(round_: Round) -> None:
    """Until the transaction ends nobody else moves the round's pattern counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK + round_.pk])


RECOUNT_COUNTS = """
WITH recounted AS (
    SELECT question, phase, cell.stratum, cell.article, counts, count(*)::int AS n
    FROM claims_unitpattern p
    CROSS JOIN LATERAL unnest(array_prepend('all'::varchar, p.strata)) AS s(stratum)
    CROSS JOIN LATERAL (SELECT s.stratum, NULL::bigint AS article
        UNION ALL SELECT s.stratum, p.article_id WHERE p.article_id IS NOT NULL
            AND s.stratum NOT LIKE 'language:%%' AND s.stratum NOT LIKE 'outlet:%%') AS cell
    WHERE p.round_id = %(round)s GROUP BY 1, 2, 3, 4, 5
), stored AS (
    SELECT question, phase, stratum, article_id AS article, counts, n_units AS n
    FROM claims_patterncount WHERE round_id = %(round)s
), both_sides AS (
    SELECT question, phase, stratum, article, counts, n AS stored, 0 AS recounted FROM stored
    UNION ALL SELECT question, phase, stratum, article, counts, 0, n FROM recounted
)
SELECT question, phase, stratum, article, counts, sum(stored)::int, sum(recounted)::int
FROM both_sides GROUP BY 1, 2, 3, 4, 5 HAVING sum(stored) <> sum(recounted)
"""


def recount_counts(round_: Round) -> list[Difference]:
    """Compare the pattern counts with the unit patterns, in one statement, and put right what differs."""
    lock_counts(round_)
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT_COUNTS, {"round": round_.pk})
        rows = [
            (q, phase, stratum, article, tuple(counts), old, new)
            for q, phase, stratum, article, counts, old, new in cursor
        ]
    move_counts(round_, {(*key, counts): new - old for *key, counts, old, new in rows})
    return [Difference(q, phase, None, stratum, (old,), (new,)) for q, phase, stratum, _, _, old, new in rows]
