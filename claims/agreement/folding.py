"""The counting state follows the labels: exactly, once, whatever is repeated, by any number of workers.

A unit is recounted from its committed labels under a lock of its place in the round, so a change that is folded twice
or late counts once. Pattern counts move by whole numbers under one lock a round, taken after the units' locks and held
for a few milliseconds.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection

from claims.agreement.camps import read_seats
from claims.agreement.counts import (
    BUNDLES,
    PATTERNS,
    REVIEWERS,
    CountKey,
    Difference,
    Tally,
    as_array,
    bundle_of,
    move_counts,
)
from claims.agreement.patterns import PATH_PREFIX, PATTERNED_KINDS, ChoicePlan, QuestionPlan, is_split, path_plan
from claims.agreement.strata import WHOLE, Place, articles_are_counted, camp_stratum, lock_units
from claims.models import CampPattern, Round, UnitPattern
from claims.models.statements import prepared_cursor
from claims.statistics.tables import Pattern

BATCH = 500

# Each counted question with its choices, in their order.
ASKED = """
SELECT q.code, q.title, q.level, q.condition::text, c.code, c.label, c.collapsed_to
FROM claims_question q JOIN claims_choice c ON c.question_id = q.id
WHERE q.codebook_version_id = %(version)s AND q.unit_kind = %(unit_kind)s AND q.kind = ANY(%(kinds)s::text[])
  AND q.level <> 'none' AND (cardinality(%(questions)s::text[]) = 0 OR q.code = ANY(%(questions)s::text[]))
ORDER BY q.n, c.n
"""
TAKE_PENDING = """
DELETE FROM claims_pendingfold WHERE id IN (
    SELECT id FROM claims_pendingfold WHERE round_id = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING unit_id, event_id
"""
# Machine reviewers are compared with people elsewhere, never mixed in. Missing answers are not agreement.
COUNT_LABELS = """
SELECT l.unit_id, l.question, l.phase, l.value #>> '{}', array_agg(l.reviewer_id),
       to_char(max(e.created_at) AT TIME ZONE 'UTC', 'IYYY-"W"IW')
FROM claims_label l JOIN claims_reviewer r ON r.id = l.reviewer_id JOIN claims_labelevent e ON e.id = l.event_id
WHERE l.round_id = %s AND l.unit_id = ANY(%s) AND l.question = ANY(%s)
  AND NOT l.is_void AND jsonb_typeof(l.value) = 'string' AND r.kind <> 'machine'
GROUP BY 1, 2, 3, 4
"""

# An answer that opens the second question and no answer to that is no path; the week is that of the newer answer.
COUNT_PATHS = """
SELECT a.unit_id, a.phase, a.value #>> '{}' || COALESCE('/' || (b.value #>> '{}'), ''), array_agg(a.reviewer_id),
       to_char(max(GREATEST(e.created_at, f.created_at)) AT TIME ZONE 'UTC', 'IYYY-"W"IW')
FROM claims_label a
JOIN claims_reviewer r ON r.id = a.reviewer_id
JOIN claims_labelevent e ON e.id = a.event_id
LEFT JOIN claims_label b ON b.round_id = a.round_id AND b.unit_id = a.unit_id AND b.question = %(second)s
    AND b.reviewer_id = a.reviewer_id AND b.phase = a.phase AND NOT b.is_void AND jsonb_typeof(b.value) = 'string'
    AND a.value #>> '{}' = ANY(%(opening)s)
LEFT JOIN claims_labelevent f ON f.id = b.event_id
WHERE a.round_id = %(round)s AND a.unit_id = ANY(%(units)s) AND a.question = %(first)s
  AND NOT a.is_void AND jsonb_typeof(a.value) = 'string' AND r.kind <> 'machine'
GROUP BY 1, 2, 3
"""

WRITE_PATTERNS = """
INSERT INTO claims_unitpattern (round_id, unit_id, question, phase, article_id, counts, is_split, strata, reviewers)
SELECT %s, unit, question, phase, article, counts::smallint[], is_split, strata::varchar[], reviewers::bigint[]
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::boolean[], %s::text[], %s::text[])
     AS t(unit, question, phase, article, counts, is_split, strata, reviewers)
ON CONFLICT (round_id, unit_id, question, phase) DO UPDATE SET counts = EXCLUDED.counts,
    is_split = EXCLUDED.is_split, article_id = EXCLUDED.article_id, strata = EXCLUDED.strata,
    reviewers = EXCLUDED.reviewers
"""
WRITE_CAMPS = """
INSERT INTO claims_camppattern (round_id, unit_id, question, phase, camp, article_id, counts, reviewers)
SELECT %s, unit, question, phase, camp, article, counts::smallint[], reviewers::bigint[]
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[])
     AS t(unit, question, phase, camp, article, counts, reviewers)
ON CONFLICT (round_id, unit_id, question, phase, camp) DO UPDATE SET counts = EXCLUDED.counts,
    article_id = EXCLUDED.article_id, reviewers = EXCLUDED.reviewers
"""
UnitKey = tuple[int, str, str, str]  # unit, question, phase, camp of the panel (empty: everybody)
Stored = UnitPattern | CampPattern


def plan_round(round_: Round) -> dict[str, QuestionPlan]:
    """The questions of the round that patterns are kept for: those answered with one declared choice, and after them
    the paths through those that another one opens."""
    asked: dict[str, Any] = {
        "version": round_.codebook_version_id, "unit_kind": round_.unit_kind, "kinds": list(PATTERNED_KINDS),
        "questions": round_.questions,
    }  # fmt: skip
    with prepared_cursor() as cursor:
        cursor.execute(ASKED, asked)
        rows = cursor.fetchall()
    plans: dict[str, QuestionPlan] = {}
    paths = []
    for (code, title, level, condition), declared in groupby(rows, key=lambda row: row[:4]):
        choices = tuple(ChoicePlan(choice, label, group or choice) for *_, choice, label, group in declared)
        plans[code] = QuestionPlan(code, title, level, choices)
        conditions = [(first, opening) for first, opening in json.loads(condition).items() if first in plans]
        if len(conditions) == 1:
            [(first, opening)] = conditions
            paths.append(path_plan(plans[first], plans[code], opening))
    return plans | {path.code: path for path in paths if path}


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
    stored = _read_stored(round_, places)
    counted = _count_labels(round_, plans, places)
    changes = [
        Change(key, _state_of(stored.get(key)), counted.get(key)) for key in sorted(stored.keys() | counted.keys())
    ]
    changes = [change for change in changes if change.before != change.after]
    _write_patterns(round_, stored, changes, places)
    move_counts(round_, _deltas(changes, stored, places))
    return [change.as_difference() for change in changes]


def _read_stored(round_: Round, places: Mapping[int, Place]) -> dict[UnitKey, Stored]:
    wholes = UnitPattern.objects.filter(round=round_, unit_id__in=places)
    camps = CampPattern.objects.filter(round=round_, unit_id__in=places) if round_.panel else ()
    found: dict[UnitKey, Stored] = {(row.unit_id, row.question, row.phase, ""): row for row in wholes}
    return found | {(row.unit_id, row.question, row.phase, row.camp): row for row in camps}


@dataclass(frozen=True)
class State:
    """What is kept of one question about one unit, by everybody or by one camp."""

    pattern: Pattern
    strata: tuple[str, ...]
    reviewers: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    key: UnitKey
    before: State | None
    after: State | None

    def as_difference(self) -> Difference:
        before, after = (state.pattern if state else () for state in (self.before, self.after))
        moved = {*(self.before.strata if self.before else ()), *(self.after.strata if self.after else ())}
        unit, question, phase, camp = self.key
        of = camp_stratum(camp) if camp else WHOLE
        return Difference(question, phase, unit, of, before, after, tuple(sorted(moved)))


def _state_of(row: Stored | None) -> State | None:
    if row is None:
        return None
    strata = (camp_stratum(row.camp),) if isinstance(row, CampPattern) else tuple(sorted(row.strata))
    return State(tuple(row.counts), strata, tuple(sorted(row.reviewers)))


def _count_labels(
    round_: Round, plans: Mapping[str, QuestionPlan], places: Mapping[int, Place]
) -> dict[UnitKey, State]:
    answers: defaultdict[UnitKey, list[tuple[str, int]]] = defaultdict(list)
    weeks: defaultdict[UnitKey, str] = defaultdict(str)
    people: defaultdict[UnitKey, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        counted = [unit for unit, place in places.items() if place.is_counted]
        cursor.execute(COUNT_LABELS, [round_.pk, counted, list(plans)])
        rows = cursor.fetchall()
        for question, plan in plans.items():
            if plan.path is not None:
                path = {**vars(plan.path), "opening": sorted(plan.path.opening)}
                cursor.execute(COUNT_PATHS, {**path, "round": round_.pk, "units": counted})
                rows += [(unit, question, *rest) for unit, *rest in cursor]
    seats = read_seats(round_, counted)
    for unit, question, phase, code, reviewers, week in rows:
        if code in plans[question].place:
            weeks[unit, question, phase, ""] = max(weeks[unit, question, phase, ""], week)
            for camp, members in seats.camps_of(unit, reviewers).items():
                key = unit, question, phase, camp
                answers[key].append((code, len(members)))
                people[key].update(members)

    def strata_of(key: UnitKey) -> tuple[str, ...]:
        return (camp_stratum(key[3]),) if key[3] else places[key[0]].strata(weeks[key])

    return {
        key: State(plans[key[1]].count(given), strata_of(key), tuple(sorted(people[key])))
        for key, given in answers.items()
    }


def _deltas(
    changes: Sequence[Change], stored: Mapping[UnitKey, Stored], places: Mapping[int, Place]
) -> Counter[CountKey]:
    """Whole numbers to add: a changed unit leaves the cells it was counted in and enters those it belongs to now."""
    deltas: Counter[CountKey] = Counter()
    for change in changes:
        unit, question, phase, camp = change.key
        for state, n, article in (
            (change.before, -1, stored[change.key].article_id if change.before else None),
            (change.after, 1, places[unit].article),
        ):
            strata = () if state is None else state.strata if camp else (WHOLE, *state.strata)
            for key in _cells(state, strata, unit, article) if state else ():
                tally, stratum, part, pattern = key
                deltas[tally, question, phase, stratum, part, pattern] += n
    return Counter({key: n for key, n in deltas.items() if n})


def _cells(
    state: State, strata: Sequence[str], unit: int, article: int | None
) -> Iterator[tuple[Tally, str, int | None, Pattern]]:
    """Where a unit is counted, in each of its strata: in the sum, with its article, in its bundle, and once for each
    of its reviewers."""
    bundle = bundle_of(article, unit)
    for stratum in strata:
        yield PATTERNS, stratum, None, state.pattern
        if article is not None and articles_are_counted(stratum):
            yield PATTERNS, stratum, article, state.pattern
        yield BUNDLES, stratum, bundle, state.pattern
        for reviewer in state.reviewers:
            yield REVIEWERS, stratum, reviewer, ()


def _is_dispute(question: str, pattern: Pattern) -> bool:
    """A path is no question of its own: what is disputed are the answers it is made of."""
    return is_split(pattern) and not question.startswith(PATH_PREFIX)


def _write_patterns(
    round_: Round, stored: Mapping[UnitKey, Stored], changes: Sequence[Change], places: Mapping[int, Place]
) -> None:
    for kind in (UnitPattern, CampPattern):
        gone = [stored[change.key] for change in changes if change.after is None]
        kind.objects.filter(pk__in=[row.pk for row in gone if isinstance(row, kind)]).delete()
    kept = [(change.key, change.after) for change in changes if change.after is not None]
    wholes = [
        (unit, question, phase, places[unit].article, as_array(after.pattern), _is_dispute(question, after.pattern),
         as_array(after.strata), as_array(after.reviewers))
        for (unit, question, phase, camp), after in kept if not camp
    ]  # fmt: skip
    camps = [
        (*key, places[key[0]].article, as_array(after.pattern), as_array(after.reviewers))
        for key, after in kept if key[3]
    ]  # fmt: skip
    with connection.cursor() as cursor:
        if wholes:
            cursor.execute(WRITE_PATTERNS, [round_.pk, *map(list, zip(*wholes, strict=True))])
        if camps:
            cursor.execute(WRITE_CAMPS, [round_.pk, *map(list, zip(*camps, strict=True))])
