"""Which rows of the database a round can be drawn from, by kind of unit: one SQL source each, in reading order.

A source is walked in its key order, a chunk at a time behind the last key done, on an index: the time for a round
grows with its size and not with its square.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from claims.assignment.known import IS_KNOWN
from claims.errors import Problem, Refused


@dataclass(frozen=True)
class Subject:
    """`column` of Unit takes the subject id; `rows` is FROM and WHERE, `keys` the order in which they are walked."""

    column: str
    subject: str
    article: str
    keys: tuple[str, ...]
    rows: str
    rank: str = "0"  # SQL: 0 to 1,000, low numbers first in a round in order of priority

    def select(self, *, by_priority: bool = False) -> str:
        """The rows behind the key %(after)s, in order, without a limit."""
        keys = ", ".join(self.keys)
        return (
            f"SELECT {self.subject} AS subject_id, {self.article} AS article_id, ARRAY[{keys}]::bigint[] AS key, "
            f"{self.rank if by_priority else 0} AS rank "
            f"{self.rows}{self.further()} AND ({keys}) > ({self.after()}) ORDER BY {keys}"
        )

    def select_all(self, *, by_priority: bool = False) -> str:
        """All rows, in no order."""
        rank = self.rank if by_priority else 0
        return f"SELECT {self.subject} AS subject_id, {rank} AS rank {self.rows}{self.further()}"

    def further(self) -> str:
        """What holds for every kind, where asked: only units with a known answer, none of the qualification's, and only
        those of the round whose evidence is checked."""
        return FURTHER.format(subject=self.subject, column=self.column, is_known=IS_KNOWN.format(unit="n.id"))

    def after(self) -> str:
        return ", ".join(f"(%(after)s::bigint[])[{n}]" for n in range(1, len(self.keys) + 1))

    @property
    def before_all(self) -> list[int]:
        return [-1] * len(self.keys)


FURTHER = """
  AND (%(known)s::boolean IS NOT TRUE OR EXISTS (
      SELECT FROM claims_unit n
      WHERE n.project_id = %(project)s AND n.kind = %(kind)s AND n.{column} = {subject} AND {is_known}))
  AND (%(qualification)s::bigint IS NULL OR NOT EXISTS (
      SELECT FROM claims_unit n JOIN claims_roundunit m ON m.unit_id = n.id AND m.round_id = %(qualification)s::bigint
      WHERE n.project_id = %(project)s AND n.kind = %(kind)s AND n.{column} = {subject}))
  AND (%(checks)s::bigint IS NULL OR EXISTS (
      SELECT FROM claims_unit n JOIN claims_roundunit m ON m.unit_id = n.id AND m.round_id = %(checks)s::bigint
      WHERE n.project_id = %(project)s AND n.kind = %(kind)s AND n.{column} = {subject}))
"""
OCCURRENCES = """
FROM claims_claimoccurrence o
JOIN LATERAL (SELECT id, segment_role, checkworthiness FROM claims_occurrenceversion
              WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
WHERE o.project_id = %(project)s AND o.state = 'proposed'
  AND NOT EXISTS (SELECT 1 FROM claims_article a WHERE a.id = o.article_id AND a.state IN ('excluded', 'retracted'))
  AND (%(articles)s::bigint[] IS NULL OR o.article_id = ANY(%(articles)s::bigint[]))
  AND (%(roles)s::text[] IS NULL OR v.segment_role = ANY(%(roles)s::text[]))
  AND (%(min_checkworthiness)s::float IS NULL OR v.checkworthiness >= %(min_checkworthiness)s::float)
"""
TEXTS = """
FROM claims_article a
JOIN LATERAL (SELECT id FROM claims_textversion WHERE article_id = a.id ORDER BY n DESC LIMIT 1) t ON true
WHERE a.project_id = %(project)s AND a.state IN ('imported', 'split')
  AND (%(articles)s::bigint[] IS NULL OR a.id = ANY(%(articles)s::bigint[]))
"""
OUTLETS = """
FROM claims_outlet o
JOIN LATERAL (SELECT id FROM claims_outletversion WHERE outlet_id = o.id ORDER BY n DESC LIMIT 1) v ON true
WHERE o.project_id = %(project)s AND o.merged_into_id IS NULL
"""

SUBJECTS: dict[str, Subject] = {
    "claim_occurrence": Subject(
        "occurrence_version_id",
        "v.id",
        "o.article_id",
        ("o.article_id", "o.position", "o.id"),
        OCCURRENCES,
        "1000 - round(1000 * COALESCE(v.checkworthiness, 0))::int",
    ),
    "article": Subject("text_version_id", "t.id", "a.id", ("a.id",), TEXTS),
    "outlet": Subject("outlet_version_id", "v.id", "NULL::bigint", ("o.id",), OUTLETS),
}


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int for item in value)


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


# name -> (test, what it must be)
SELECTION: dict[str, tuple[Callable[[Any], bool], str]] = {
    "articles": (_is_ids, "a list of article ids"),
    "roles": (_is_words, "a list of block roles"),
    "min_checkworthiness": (_is_share, "a number from 0 to 1"),
    "known": (_is_truth, "true or false"),
    "limit": (_is_count, "a whole number above 0"),
}


def check_selection(selection: Mapping[str, Any]) -> dict[str, Any]:
    """The selection without its empty entries; refused when an entry is unknown or of the wrong shape."""
    problems = []
    for name, value in selection.items():
        if name not in SELECTION:
            problems.append(Problem(name, "unknown_field", f"A selection has {', '.join(SELECTION)}; not {name!r}."))
        elif value is not None and not SELECTION[name][0](value):
            problems.append(Problem(name, "invalid_value", f"{name} must be {SELECTION[name][1]}."))
    if problems:
        raise Refused("invalid_selection", " ".join(problem.sentence for problem in problems), problems=problems)
    return {name: value for name, value in selection.items() if value is not None}
