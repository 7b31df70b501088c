"""Which rows of the database a round can be drawn from, by kind of unit: one SQL source each, in reading order.

Each source yields (subject id, article id or null, sort keys) for a project, narrowed by the round's selection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claims.errors import Problem, Refused


@dataclass(frozen=True)
class Subject:
    """`column` of Unit that the subject id goes to; `rows` is a SELECT of subject_id, article_id, major, minor."""

    column: str
    rows: str


NEWEST_OCCURRENCES = """
SELECT v.id AS subject_id, o.article_id, o.article_id AS major, (o.position::bigint << 31) | (o.id %% 2147483648) AS minor
FROM claims_claimoccurrence o
JOIN LATERAL (SELECT id, segment_role, checkworthiness FROM claims_occurrenceversion
              WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
WHERE o.project_id = %(project)s AND o.state = 'proposed'
  AND (%(articles)s::bigint[] IS NULL OR o.article_id = ANY(%(articles)s::bigint[]))
  AND (%(roles)s::text[] IS NULL OR v.segment_role = ANY(%(roles)s::text[]))
  AND (%(min_checkworthiness)s::float IS NULL OR v.checkworthiness >= %(min_checkworthiness)s::float)
"""
NEWEST_TEXTS = """
SELECT t.id AS subject_id, a.id AS article_id, a.id AS major, 0::bigint AS minor
FROM claims_article a
JOIN LATERAL (SELECT id FROM claims_textversion WHERE article_id = a.id ORDER BY n DESC LIMIT 1) t ON true
WHERE a.project_id = %(project)s AND a.state IN ('imported', 'split')
  AND (%(articles)s::bigint[] IS NULL OR a.id = ANY(%(articles)s::bigint[]))
"""
NEWEST_OUTLETS = """
SELECT v.id AS subject_id, NULL::bigint AS article_id, o.id AS major, 0::bigint AS minor
FROM claims_outlet o
JOIN LATERAL (SELECT id FROM claims_outletversion WHERE outlet_id = o.id ORDER BY n DESC LIMIT 1) v ON true
WHERE o.project_id = %(project)s AND o.merged_into_id IS NULL
"""

SUBJECTS: dict[str, Subject] = {
    "claim_occurrence": Subject("occurrence_version_id", NEWEST_OCCURRENCES),
    "article": Subject("text_version_id", NEWEST_TEXTS),
    "outlet": Subject("outlet_version_id", NEWEST_OUTLETS),
}

# name -> (test, what it must be)
SELECTION = {
    "articles": (lambda v: isinstance(v, list) and all(type(i) is int for i in v), "a list of article ids"),
    "roles": (lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v), "a list of block roles"),
    "min_checkworthiness": (lambda v: type(v) in (int, float) and 0 <= v <= 1, "a number from 0 to 1"),
    "limit": (lambda v: type(v) is int and v > 0, "a whole number above 0"),
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
