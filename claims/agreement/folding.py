"""The counting state follows the labels: exactly, once, whatever is repeated, by any number of workers.

A unit is recounted from its committed labels under a lock of its place in the round, so a change that is folded twice
or late counts once. Pattern counts move by whole numbers under one lock a round, taken after the units' locks and held
for a few milliseconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from claims.agreement.patterns import PATTERNED_KINDS, ChoicePlan, QuestionPlan, is_split
from claims.models import PatternCount, Question, Round, UnitPattern
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
    round_: Round, stored: Mapping[UnitKey, UnitPattern], changes: Iterable[Change], articles: Mapping[int, Place]
) -> None:
    changed = list(changes)
    UnitPattern.objects.filter(pk__in=[stored[key].pk for key, _, after in changed if after is None]).delete()
    UnitPattern.objects.bulk_create(
        [
            UnitPattern(
                round=round_,
                unit_id=unit,
                question=question,
                phase=phase,
                article_id=articles[unit].article,
                counts=list(after),
                is_split=is_split(after),
            )
            for (unit, question, phase), _, after in changed
            if after is not None
        ],
        update_conflicts=True,
        unique_fields=["round", "unit", "question", "phase"],
        update_fields=["counts", "is_split", "article"],
    )


def move_counts(round_: Round, deltas: Mapping[CountKey, int]) -> None:
    """Add whole numbers to the pattern counts; rows that reach zero go.

    A count that would fall below zero was damaged before: it goes too, and the next recount finds and tells it. Labels
    that arrive must not wait for that.
    """
    wanted = {key: n for key, n in deltas.items() if n}
    if not wanted:
        return
    lock_counts(round_)
    rows = {
        (row.question, row.phase, row.stratum, tuple(row.counts)): row
        for row in PatternCount.objects.filter(round=round_, stratum__in={stratum for _, _, stratum, _ in wanted})
    }
    for key, n in wanted.items():
        question, phase, stratum, counts = key
        row = rows.setdefault(
            key, PatternCount(round=round_, question=question, phase=phase, stratum=stratum, counts=list(counts))
        )
        row.n_units += n
    moved = [rows[key] for key in sorted(wanted)]
    PatternCount.objects.filter(pk__in=[row.pk for row in moved if row.pk and row.n_units <= 0]).delete()
    PatternCount.objects.bulk_update([row for row in moved if row.pk and row.n_units > 0], ["n_units"])
    PatternCount.objects.bulk_create([row for row in moved if not row.pk and row.n_units > 0])


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
