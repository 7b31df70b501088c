"""Two to five outlets on one story: what each says, in whose voice, with which stance, and what each leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from claims.credibility.clusters import same_claims
from claims.errors import Refused
from claims.models import Claim, ClaimOccurrence, Outlet, Project

LEAST, MOST = 2, 5
MOST_CLAIMS = 300
WORDS_CHARS = 200

# Articles in which the words stand, or one of the claims; then every standing claim of them, and the stance that was
# settled, where one was.
STORY = r"""
WITH story AS (
    SELECT a.id, a.outlet_id, a.headline, a.published_at FROM claims_article a
    WHERE a.project_id = %(project)s AND a.outlet_id = ANY(%(outlets)s) AND a.state IN ('imported', 'split')
      AND (a.headline ILIKE %(like)s OR EXISTS (
          SELECT FROM claims_claimoccurrence o JOIN claims_claim c ON c.id = o.claim_id
          WHERE o.article_id = a.id AND o.state = 'proposed'
            AND (c.text ILIKE %(like)s OR c.id = ANY(%(claims)s::bigint[]))))
    ORDER BY a.id DESC LIMIT 200
)
SELECT o.claim_id, c.text, s.outlet_id, s.id, s.headline, s.published_at, v.attribution,
       (SELECT h.source_text FROM claims_attributionhop h WHERE h.occurrence_version_id = v.id ORDER BY h.n LIMIT 1),
       (SELECT t.value #>> '{}' FROM claims_unit u JOIN claims_settledlabel t ON t.unit_id = u.id
        WHERE u.occurrence_version_id = v.id AND t.question = 'stance' AND t.outcome = 'answer'
        ORDER BY t.id DESC LIMIT 1)
FROM story s
JOIN claims_claimoccurrence o ON o.article_id = s.id AND o.state = 'proposed'
JOIN claims_claim c ON c.id = o.claim_id
JOIN LATERAL (SELECT id, attribution FROM claims_occurrenceversion
              WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
ORDER BY s.published_at NULLS LAST, s.id, o.position
LIMIT 2000
"""


@dataclass(frozen=True)
class Saying:
    """How one outlet says one claim. `words` are empty where they are the row's; `stance` where nothing was settled."""

    words: str
    article: int
    headline: str
    published_at: datetime | None
    voice: str
    source: str
    stance: str


@dataclass
class Row:
    """One claim, in whichever words, beside the outlets as asked for; None where one does not say it."""

    claim: int
    text: str
    sayings: list[Saying | None]

    @property
    def n_outlets(self) -> int:
        return sum(saying is not None for saying in self.sayings)


def compare(project: Project, outlets: Sequence[Outlet], words: str, claim: int | None = None) -> list[Row]:
    """The claims of a story, those that most outlets share first.

    The story is the articles in which `words` stand, or those that hold the claim, in these words or in others that
    people decided to be the same. A claim that one outlet leaves out is one that another's articles on the story hold
    and its own do not.
    """
    asked = " ".join(words.split())
    chosen = len({outlet.pk for outlet in outlets})
    if chosen != len(outlets) or not LEAST <= chosen <= MOST:
        twice = " different" if chosen != len(outlets) else ""
        raise Refused("compare_two_to_five", f"Choose {LEAST} to {MOST}{twice} outlets; you chose {chosen}.")
    if (not asked and claim is None) or len(asked) > WORDS_CHARS:
        raise Refused(
            "story_missing",
            f"Say which story: words of its headline or claims, 1 to {WORDS_CHARS} characters, or one of its claims.",
        )
    escaped = asked.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    values: dict[str, Any] = {
        "project": project.pk,
        "outlets": [outlet.pk for outlet in outlets],
        "like": f"%{escaped}%" if asked else None,
        "claims": list(same_claims([claim])) if claim else [],
    }
    with connection.cursor() as cursor:
        cursor.execute(STORY, values)
        return _rows(cursor.fetchall(), values["outlets"])


def _rows(found: Sequence[tuple[Any, ...]], outlets: Sequence[int]) -> list[Row]:
    cluster = same_claims({claim for claim, *_ in found})
    rows: dict[int, Row] = {}
    for claim, text, outlet, *said in found:
        row = rows.setdefault(cluster[claim], Row(claim, text, [None] * len(outlets)))
        place = outlets.index(outlet)
        if row.sayings[place] is None:  # the earliest article speaks for the outlet
            article, headline, at, voice, source, stance = said
            words = "" if text == row.text else text
            row.sayings[place] = Saying(words, article, headline, at, voice, source or "", stance or "")
    return sorted(rows.values(), key=lambda row: -row.n_outlets)[:MOST_CLAIMS]


def outlets_saying(claim: Claim) -> list[Outlet]:
    """Who says the claim in whichever words, the earliest first; as many as can be compared."""
    rows = ClaimOccurrence.objects.filter(claim__in=list(same_claims([claim.pk])), state="proposed")
    said = rows.filter(article__state__in=("imported", "split"), article__outlet__merged_into=None)
    order = said.order_by(F("article__published_at").asc(nulls_last=True), "article", "id")
    pks = list(dict.fromkeys(pk for pk in order.values_list("article__outlet", flat=True) if pk))[:MOST]
    known = Outlet.objects.in_bulk(pks)
    return [known[pk] for pk in pks]
