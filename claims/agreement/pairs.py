"""Two reviewers at a time: on how many units both answered, and on how many of them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from claims.statistics.tables import Pattern

PAIRS_UP_TO_LABELS = 200_000  # above this, comparing all pairs of reviewers takes longer than a page may

PAIRS = """
SELECT a.reviewer_id, b.reviewer_id, count(*), count(*) FILTER (WHERE a.value = b.value)
FROM claims_label a
JOIN claims_label b USING (round_id, unit_id, question, phase)
JOIN claims_roundunit ru ON ru.round_id = a.round_id AND ru.unit_id = a.unit_id AND NOT ru.is_control
JOIN claims_reviewer one ON one.id = a.reviewer_id AND one.kind <> 'machine'
JOIN claims_reviewer other ON other.id = b.reviewer_id AND other.kind <> 'machine'
WHERE a.round_id = %s AND a.question = %s AND a.phase = %s AND a.reviewer_id < b.reviewer_id
  AND NOT a.is_void AND NOT b.is_void AND a.missing IS NULL AND b.missing IS NULL
  AND (%s = 'all' OR EXISTS (SELECT FROM claims_unitpattern p WHERE p.round_id = a.round_id AND p.unit_id = a.unit_id
       AND p.question = a.question AND p.phase = a.phase AND %s = ANY(p.strata)))
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Pair:
    """Two reviewers by their names in the project, the units both answered, and on how many of them alike."""

    one: str
    other: str
    n: int
    same: int

    @property
    def share(self) -> float:
        return self.same / self.n


def read_pairs(
    place: tuple[int, str, str, str], patterns: Mapping[Pattern, int], names: Mapping[int, str]
) -> tuple[Pair, ...] | None:
    if not patterns:
        return ()
    if sum(sum(pattern) * n for pattern, n in patterns.items()) > PAIRS_UP_TO_LABELS:
        return None
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [*place, place[-1]])
        rows = cursor.fetchall()
    return tuple(sorted((Pair(names[a], names[b], n, same) for a, b, n, same in rows), key=lambda p: (p.one, p.other)))
