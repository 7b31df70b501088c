"""How many units show each pattern: whole numbers that move with the units, and their recount.

Kept three times: by article as long as there are few, by bundle of articles for any number of them, and by reviewer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from claims.models import BundleCount, Round
from claims.statistics.tables import Pattern

FOLD_LOCK = 0xF01D << 40  # + round id: a lock of its own for each round


@dataclass(frozen=True)
class Tally:
    """A table of whole numbers: units of a (question, phase, stratum), a part of it, and a pattern if it knows them."""

    table: str
    part: str
    has_patterns: bool = True

    @property
    def keys(self) -> str:
        return f"question, phase, stratum, {self.part}" + (", counts" if self.has_patterns else "")

    @property
    def moved(self) -> str:
        """The rows to move, under the names of the table's columns."""
        counts = ", counts::smallint[] AS counts" if self.has_patterns else ""
        return f"""(SELECT question, phase, stratum, part AS {self.part}, n{counts} FROM
            unnest(%(questions)s::text[], %(phases)s::text[], %(strata)s::text[], %(parts)s::bigint[],
                %(counts)s::text[], %(numbers)s::integer[]) AS t(question, phase, stratum, part, counts, n)) AS t"""  # noqa: S608 - fixed words, here and below

    def same_row(self, part: str) -> str:
        counts = " AND c.counts = t.counts" if self.has_patterns else ""
        return f"""c.round_id = %(round)s AND c.question = t.question AND c.phase = t.phase
            AND c.stratum = t.stratum AND {part}{counts}"""

    def adding(self) -> str:
        return f"""INSERT INTO {self.table} AS c (round_id, {self.keys}, n_units)
            SELECT %(round)s, {self.keys}, n FROM {self.moved}
            ON CONFLICT (round_id, {self.keys}) DO UPDATE SET n_units = c.n_units + EXCLUDED.n_units"""  # noqa: S608

    def taking(self, part: str) -> str:
        return f"""UPDATE {self.table} c SET n_units = GREATEST(c.n_units + t.n, 0) FROM {self.moved}
            WHERE {self.same_row(part)}"""  # noqa: S608

    def dropping(self, part: str) -> str:
        return f"DELETE FROM {self.table} c USING {self.moved} WHERE {self.same_row(part)} AND c.n_units = 0"  # noqa: S608


PATTERNS = Tally("claims_patterncount", "article_id")  # the article, or nothing for the sum over the stratum
BUNDLES = Tally("claims_bundlecount", "bundle")
REVIEWERS = Tally("claims_reviewercount", "reviewer_id", has_patterns=False)
TALLIES = (PATTERNS, BUNDLES, REVIEWERS)

# table, question, phase, stratum, part of it (None: the sum), pattern (empty where the table knows none)
CountKey = tuple[Tally, str, str, str, int | None, Pattern]


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


def bundle_of(article: int | None, unit: int) -> int:
    """The bundle that an article, or a unit that has none, is in: as good as drawn, and the same for ever. The recount
    has the same rule in SQL."""
    name = f"u{unit}" if article is None else f"a{article}"
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8], 16) % BundleCount.BUNDLES


def move_counts(round_: Round, deltas: Mapping[CountKey, int]) -> None:
    """Add whole numbers to the counts; rows that reach zero go.

    A count that would fall below zero was damaged before: it goes too, and the next recount finds and tells it. Labels
    that arrive must not wait for that.
    """
    if not deltas:
        return
    lock_counts(round_)
    for tally in TALLIES:
        moved = sorted((*key[1:4], key[4] or 0, key[5], n) for key, n in deltas.items() if key[0] == tally)
        _move(round_, tally, moved)


Moved = tuple[str, str, str, int, Pattern, int]


def _move(round_: Round, tally: Tally, moved: Sequence[Moved]) -> None:
    more, less = [row for row in moved if row[-1] > 0], [row for row in moved if row[-1] < 0]
    with connection.cursor() as cursor:
        if more:
            cursor.execute(tally.adding(), _as_columns(round_, tally, more))
        # Sums and parts apart: the index finds either, and could not find IS NOT DISTINCT FROM.
        for which, part in (
            (f"c.{tally.part} IS NULL", [row for row in less if _is_sum(tally, row)]),
            (f"c.{tally.part} = t.{tally.part}", [row for row in less if not _is_sum(tally, row)]),
        ):
            if part:
                cursor.execute(tally.taking(which), _as_columns(round_, tally, part))
                cursor.execute(tally.dropping(which), _as_columns(round_, tally, part))


def _is_sum(tally: Tally, row: Moved) -> bool:
    return tally == PATTERNS and not row[3]


def _as_columns(round_: Round, tally: Tally, rows: Sequence[Moved]) -> dict[str, Any]:
    questions, phases, strata, _, patterns, numbers = map(list, zip(*rows, strict=True))
    return {
        "round": round_.pk,
        "questions": questions,
        "phases": phases,
        "strata": strata,
        "parts": [None if _is_sum(tally, row) else row[3] for row in rows],
        "counts": [as_array(pattern) for pattern in patterns],
        "numbers": numbers,
    }


def lock_counts(round_: Round) -> None:
    """Until the transaction ends nobody else moves the round's counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK + round_.pk])


# Every unit in each of its strata, and its answers by camp: what a recount of any of the tables starts from.
IN_STRATA = """
FROM (SELECT u.round_id, u.unit_id, u.question, u.phase, u.article_id, u.counts, u.reviewers, s.stratum
      FROM claims_unitpattern u CROSS JOIN LATERAL unnest(array_prepend('all'::varchar, u.strata)) AS s(stratum)
      UNION ALL
      SELECT round_id, unit_id, question, phase, article_id, counts, reviewers, 'camp:' || camp FROM claims_camppattern
     ) AS p
"""
RECOUNTED = {
    PATTERNS: f"""SELECT question, phase, p.stratum, cell.part, counts, count(*)::int AS n {IN_STRATA}
        CROSS JOIN LATERAL (SELECT NULL::bigint AS part
            UNION ALL SELECT p.article_id WHERE p.article_id IS NOT NULL
                AND p.stratum NOT LIKE 'language:%%' AND p.stratum NOT LIKE 'outlet:%%') AS cell""",
    BUNDLES: f"""SELECT question, phase, p.stratum, ('x' || substr(md5(COALESCE('a' || p.article_id, 'u' || p.unit_id)),
        1, 8))::bit(32)::bigint %% {BundleCount.BUNDLES} AS part, counts, count(*)::int AS n {IN_STRATA}""",
    REVIEWERS: f"""SELECT question, phase, p.stratum, r.reviewer AS part, '{{}}'::smallint[] AS counts,
        count(*)::int AS n {IN_STRATA} CROSS JOIN LATERAL unnest(p.reviewers) AS r(reviewer)""",
}


def _comparison(tally: Tally) -> str:
    counts = "counts" if tally.has_patterns else "'{}'::smallint[]"
    return f"""
    SELECT question, phase, stratum, part, counts, sum(stored)::int, sum(recounted)::int FROM (
        SELECT question, phase, stratum, {tally.part}::bigint AS part, {counts} AS counts,
            n_units AS stored, 0 AS recounted FROM {tally.table} WHERE round_id = %(round)s
        UNION ALL SELECT question, phase, stratum, part, counts, 0, n FROM
            ({RECOUNTED[tally]} WHERE p.round_id = %(round)s GROUP BY 1, 2, 3, 4, 5) AS recounted
    ) AS both_sides GROUP BY 1, 2, 3, 4, 5 HAVING sum(stored) <> sum(recounted)
    """  # noqa: S608 - fixed words


def recount_counts(round_: Round) -> list[Difference]:
    """Compare the counts with the unit patterns, one statement a table, and put right what differs."""
    lock_counts(round_)
    differences = []
    for tally in TALLIES:
        with connection.cursor() as cursor:
            cursor.execute(_comparison(tally), {"round": round_.pk})
            rows = cursor.fetchall()
        move_counts(round_, {(tally, *key, tuple(counts)): new - old for *key, counts, old, new in rows})
        differences += [
            Difference(q, phase, None, stratum, (old,), (new,)) for q, phase, stratum, _, _, old, new in rows
        ]
    return differences
