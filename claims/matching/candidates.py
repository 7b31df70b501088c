"""Candidates for the same claim elsewhere: PostgreSQL finds them by trigram and full-text index, we rank them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from claims.matching.comparing import RELATED, Comparison, Difference, compare
from claims.models import Claim, ClaimOccurrence, DocumentCitation

MATCHER = "lexical 1"
CANDIDATES = 40  # of each search
KEPT = 12  # suggestions a claim
THRESHOLD = 0.3  # similarity() from which the trigram index answers
QUERY_WORDS = 12

# Both searches are one index scan each: the GIN index on (project, text) answers `%%`, the one on
# (project, to_tsvector('simple', text)) answers `@@`. tests/matching asserts it by EXPLAIN.
BY_TRIGRAM = """
SELECT id, text, similarity(text, %(text)s) AS closeness FROM claims_claim
WHERE project_id = %(project)s AND text %% %(text)s AND retracted_at IS NULL AND id <> %(claim)s
ORDER BY closeness DESC, id LIMIT %(most)s
"""
BY_WORDS = """
SELECT id, text, ts_rank(to_tsvector('simple', text), query) AS closeness
FROM claims_claim, to_tsquery('simple', %(words)s) AS query
WHERE project_id = %(project)s AND to_tsvector('simple', text) @@ query AND retracted_at IS NULL AND id <> %(claim)s
ORDER BY closeness DESC, id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be one claim; `left` has the lower id, and relation and differences read from it."""

    left: int
    right: int
    relation: str
    score: float
    differences: tuple[Difference, ...]


def suggestions_for(claim: Claim) -> list[Suggestion]:
    """What the system suggests for a claim, the likeliest first; what is hardly related is left out."""
    texts = candidates_for(claim)
    days, languages = _of_articles([claim.pk, *texts])
    cited = _documents([claim.pk, *texts])
    found: list[Suggestion] = []
    for other, text in texts.items():
        left, right = sorted((claim.pk, other))
        words = (claim.text, text) if left == claim.pk else (text, claim.text)
        language = languages.get(left, "en")
        result = compare(*words, language=language, dates=(days.get(left), days.get(right)))
        if result.score >= RELATED:
            found.append(_suggested(left, right, result, cited))
    return sorted(found, key=lambda one: -one.score)[:KEPT]


def _suggested(left: int, right: int, result: Comparison, cited: Mapping[int, frozenset[int]]) -> Suggestion:
    """Claims that go back to different documents are not the same, however alike they read."""
    relation, ours, theirs = result.relation, cited.get(left, frozenset()), cited.get(right, frozenset())
    if ours and theirs and ours.isdisjoint(theirs) and relation in ("same", "more_specific", "more_general"):
        relation = "related_only"
    return Suggestion(left, right, relation, result.score, result.differences)


def candidates_for(claim: Claim) -> dict[int, str]:
    """Claims of the project that share wording with this one: id -> text."""
    values: dict[str, int | str] = {
        "project": claim.project_id,
        "text": claim.text[:2_000],
        "claim": claim.pk,
        "most": CANDIDATES,
        "words": query_words(claim.text),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(THRESHOLD)])
        cursor.execute(BY_TRIGRAM, values)
        rows = cursor.fetchall()
        if values["words"]:
            cursor.execute(BY_WORDS, values)
            rows += cursor.fetchall()
    return {pk: text for pk, text, _ in rows}


def query_words(text: str) -> str:
    """Pairs of the claim's longest words, any pair of which a candidate must hold: single words would find half the
    project."""
    words = sorted({word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if len(word) > 3})
    longest = sorted(words, key=lambda word: (-len(word), word))[:QUERY_WORDS]
    pairs = [f"({a} & {b})" for n, a in enumerate(longest[:6]) for b in longest[n + 1 : 6]]
    return " | ".join(pairs)


def _of_articles(claims: list[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The day of each claim's first article, and its language."""
    rows = ClaimOccurrence.objects.filter(claim__in=claims).order_by("-article__published_at", "-id")
    days: dict[int, str] = {}
    languages: dict[int, str] = {}
    for claim, day, language in rows.values_list("claim", "article__published_at", "article__language"):
        languages[claim] = language
        if day is not None:
            days[claim] = day.date().isoformat()
    return days, languages


def _documents(claims: list[int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    rows = DocumentCitation.objects.filter(occurrence__claim__in=claims).values_list("occurrence__claim", "document")
    for claim, document in rows:
        found[claim] = found.get(claim, frozenset()) | {document}
    return found
