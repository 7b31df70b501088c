"""How many units show each pattern: whole numbers that move with the units, and their recount."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from claims.models import Round
from claims.statistics.tables import Pattern

FOLD_LOCK = 0xF01D << 40  # + round id: a lock of its own for each round

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


def as_array(values: Iterable[int | str]) -> str:
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
        "counts": [as_array(pattern) for pattern in patterns],
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
