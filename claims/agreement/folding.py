"""The counting state follows the labels: exactly, once, whatever is repeated, by any number of workers.

A unit is recounted from its committed labels under a lock of its place in the round, so a change that is folded twice
or late counts once. Pattern counts move by whole numbers under one lock a round, taken after the units' locks and held
for a few milliseconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from claims.agreement.patterns import PATTERNED_KINDS, ChoicePlan, QuestionPlan, is_split
from claims.models import Question, Round, UnitPattern
from claims.statistics.running import moves
from claims.statistics.tables import Pattern

FOLD_LOCK = 0xF01D << 40  # + round id: a lock of its own for each round
BATCH = 500

TAKE_PENDING = """
DELETE FROM claims_pendingfold WHERE id IN (
    SELECT id FROM claims_pendingfold WHERE round_id = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING unit_id, event_id
"""
# In unit order, so that two workers with units in common wait for each other instead of for ever.
LOCK_UNITS = """
SELECT ru.unit_id, ru.is_control, u.article_id
FROM claims_roundunit ru JOIN claims_unit u ON u.id = ru.unit_id
WHERE ru.round_id = %s AND ru.unit_id = ANY(%s) ORDER BY ru.unit_id FOR UPDATE OF ru
"""
# Machine reviewers are compared with people elsewhere, never mixed in. Missing answers are not agreement.
COUNT_LABELS = """
SELECT l.unit_id, l.question, l.phase, l.value #>> '{}', count(*)
FROM claims_label l JOIN claims_reviewer r ON r.id = l.reviewer_id
WHERE l.round_id = %s AND l.unit_id = ANY(%s) AND l.question = ANY(%s)
  AND NOT l.is_void AND jsonb_typeof(l.value) = 'string' AND r.kind <> 'machine'
GROUP BY 1, 2, 3, 4
"""

WRITE_PATTERNS = """
INSERT INTO claims_unitpattern (round_id, unit_id, question, phase, article_id, counts, is_split)
SELECT %s, unit, question, phase, article, counts::smallint[], is_split
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::boolean[])
     AS t(unit, question, phase, article, counts, is_split)
ON CONFLICT (round_id, unit_id, question, phase) DO UPDATE
SET counts = EXCLUDED.counts, is_split = EXCLUDED.is_split, article_id = EXCLUDED.article_id
"""
ADD_COUNTS = """
INSERT INTO claims_patterncount AS c (round_id, question, phase, stratum, counts, n_units)
SELECT %s, question, phase, stratum, counts::smallint[], n
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::integer[]) AS t(question, phase, stratum, counts, n)
ON CONFLICT (round_id, question, phase, stratum, counts) DO UPDATE SET n_units = c.n_units + EXCLUDED.n_units
"""
TAKE_COUNTS = """
UPDATE claims_patterncount c SET n_units = GREATEST(c.n_units + t.n, 0)
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::integer[]) AS t(question, phase, stratum, counts, n)
WHERE c.round_id = %s AND c.question = t.question AND c.phase = t.phase AND c.stratum = t.stratum
  AND c.counts = t.counts::smallint[]
"""
DROP_EMPTY_COUNTS = """
DELETE FROM claims_patterncount c
USING unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::integer[]) AS t(question, phase, stratum, counts, n)
WHERE c.round_id = %s AND c.question = t.question AND c.phase = t.phase AND c.stratum = t.stratum
  AND c.counts = t.counts::smallint[] AND c.n_units = 0
"""

UnitKey = tuple[int, str, str]  # unit, question, phase
CountKey = tuple[str, str, str, Pattern]  # question, phase, stratum, pattern


@dataclass(frozen=True)
class Difference:
    """The counting state said `stored`, the labels say `recounted` (labels for each choice, or units of a pattern)."""

    question: str
    phase: str
    unit: int | None  # None: a pattern count
    stratum: str
    stored: tuple[int, ...]
    recounted: tuple[int, ...]


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
    articles = _lock_units(round_, units)
    stored = {
        (row.unit_id, row.question, row.phase): row
        for row in UnitPattern.objects.filter(round=round_, unit_id__in=articles)
    }
    counted = _count_labels(round_, plans, [unit for unit, place in articles.items() if place.is_counted])
    changes = [
        (key, tuple(stored[key].counts) if key in stored else None, counted.get(key))
        for key in sorted(stored.keys() | counted.keys())
    ]
    changes = [(key, before, after) for key, before, after in changes if before != after]
    deltas: Counter[CountKey] = Counter()
    for (unit, question, phase), before, after in changes:
        for pattern, n in moves(before, after).items():
            for stratum in articles[unit].strata:
                deltas[question, phase, stratum, pattern] += n
    _write_patterns(round_, stored, changes, articles)
    move_counts(round_, deltas)
    return [
        Difference(question, phase, unit, "all", before or (), after or ())
        for (unit, question, phase), before, after in changes
    ]


@dataclass(frozen=True)
class Place:
    """A unit in the round."""

    is_counted: bool
    article: int | None

    @property
    def strata(self) -> tuple[str, ...]:
        """Where the unit is counted: in all, and with its article, which intervals resample."""
        return ("all",) if self.article is None else ("all", f"article:{self.article}")


def _lock_units(round_: Round, units: Sequence[int]) -> dict[int, Place]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_UNITS, [round_.pk, list(units)])
        return {unit: Place(not is_control, article) for unit, is_control, article in cursor.fetchall()}


def _count_labels(round_: Round, plans: Mapping[str, QuestionPlan], units: list[int]) -> dict[UnitKey, Pattern]:
    answers: defaultdict[UnitKey, list[tuple[str, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_LABELS, [round_.pk, units, list(plans)])
        for unit, question, phase, code, n in cursor.fetchall():
            answers[unit, question, phase].append((code, n))
    counted = {key: plans[key[1]].count(given) for key, given in answers.items()}
    return {key: pattern for key, pattern in counted.items() if any(pattern)}


Change = tuple[UnitKey, Pattern | None, Pattern | None]


def _write_patterns(
    round_: Round, stored: Mapping[UnitKey, UnitPattern], changes: Sequence[Change], articles: Mapping[int, Place]
) -> None:
    UnitPattern.objects.filter(pk__in=[stored[key].pk for key, _, after in changes if after is None]).delete()
    rows = [
        (unit, question, phase, articles[unit].article, _as_array(after), is_split(after))
        for (unit, question, phase), _, after in changes
        if after is not None
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(WRITE_PATTERNS, [round_.pk, *map(list, zip(*rows, strict=True))])


def _as_array(pattern: Pattern) -> str:
    """PostgreSQL's spelling of an array; arrays of arrays would have to be of one length."""
    return "{" + ",".join(map(str, pattern)) + "}"


def move_counts(round_: Round, deltas: Mapping[CountKey, int]) -> None:
    """Add whole numbers to the pattern counts; rows that reach zero go.

    A count that would fall below zero was damaged before: it goes too, and the next recount finds and tells it. Labels
    that arrive must not wait for that.
    """
    moved = sorted((question, phase, stratum, _as_array(p), n) for (question, phase, stratum, p), n in deltas.items())
    more = [row for row in moved if row[-1] > 0]
    less = [row for row in moved if row[-1] < 0]
    if not more and not less:
        return
    lock_counts(round_)
    with connection.cursor() as cursor:
        if more:
            cursor.execute(ADD_COUNTS, [round_.pk, *map(list, zip(*more, strict=True))])
        if less:
            cursor.execute(TAKE_COUNTS, [*map(list, zip(*less, strict=True)), round_.pk])
            cursor.execute(DROP_EMPTY_COUNTS, [*map(list, zip(*less, strict=True)), round_.pk])


def lock_counts(round_: Round) -> None:
    """Until the transaction ends nobody else moves the round's pattern counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK + round_.pk])


RECOUNT_COUNTS = """
WITH recounted AS (
    SELECT question, phase, stratum, counts, count(*)::int AS n
    FROM claims_unitpattern p
    CROSS JOIN LATERAL unnest(CASE WHEN p.article_id IS NULL THEN ARRAY['all']
                                   ELSE ARRAY['all', 'article:' || p.article_id] END) AS stratum
    WHERE p.round_id = %(round)s GROUP BY 1, 2, 3, 4
), stored AS (
    SELECT question, phase, stratum, counts, n_units AS n FROM claims_patterncount WHERE round_id = %(round)s
)
SELECT question, phase, stratum, counts, COALESCE(s.n, 0), COALESCE(r.n, 0)
FROM recounted r FULL JOIN stored s USING (question, phase, stratum, counts)
WHERE COALESCE(s.n, 0) <> COALESCE(r.n, 0)
"""


def recount_counts(round_: Round) -> list[Difference]:
    """Compare the pattern counts with the unit patterns, in one statement, and put right what differs."""
    lock_counts(round_)
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT_COUNTS, {"round": round_.pk})
        rows = [(q, phase, stratum, tuple(counts), old, new) for q, phase, stratum, counts, old, new in cursor]
    move_counts(round_, {(q, phase, stratum, counts): new - old for q, phase, stratum, counts, old, new in rows})
    return [Difference(q, phase, None, stratum, (old,), (new,)) for q, phase, stratum, _, old, new in rows]
