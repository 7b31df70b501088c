"""Whom reviewers wrote of themselves that an outlet is for or against: for the project to put on its list."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db import connection

from claims.models import Project
from claims.values.naming import folded

MOST = 30
# What people wrote, once everybody who is asked about that outlet has answered.
WRITTEN = """
SELECT DISTINCT e.reviewer_id, t.content ->> 'alignment_target'
FROM claims_labeltext t
JOIN claims_labelevent e ON e.id = t.event_id
JOIN claims_unit u ON u.id = e.unit_id
JOIN claims_round r ON r.id = e.round_id
WHERE u.project_id = %s AND u.kind = 'outlet' AND t.content ->> 'alignment_target' <> ''
  AND (r.state = 'closed' OR NOT EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = e.round_id
       AND a.unit_id = e.unit_id AND a.state IN ('open', 'reserved')))
LIMIT 5000
"""
STANCE = re.compile(
    r"(?:\s*[:,;=(–—-]\s*|\s+)(?:is\s+|in\s+|very\s+|strongly\s+)*"
    r"(?:against|neutral|favou?rs?|favou?rable|favou?ring|for|pro|anti|negative|positive)\b.*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Suggested:
    """A name as most people write it, and how many wrote it under any spelling."""

    name: str
    reviewers: int


def suggested_targets(project: Project, known: set[str]) -> list[Suggested]:
    """Names that are not on the list (`known` are folded), that of most people first."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [project.pk])
        rows = cursor.fetchall()
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    people: dict[str, set[int]] = defaultdict(set)
    for reviewer, written in rows:
        for name in names_in(written):
            key = folded(name)
            if key and key not in known:
                spelled[key][name] += 1
                people[key].add(reviewer)
    found = [Suggested(min(names, key=lambda n: (-names[n], n)), len(people[key])) for key, names in spelled.items()]
    return sorted(found, key=lambda row: (-row.reviewers, row.name.casefold()))[:MOST]


def names_in(written: str) -> list[str]:
    """The names of an answer, one a line or between semicolons, without the stance that is said with each."""
    parts = (STANCE.sub("", part).strip(" \t.,:;–—-") for part in re.split(r"[\n;]", written))
    return [" ".join(part.split())[:80] for part in parts if part]
