"""Candidates for the same claim elsewhere: PostgreSQL finds them by trigram and full-text index, we rank them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import connection, transaction

from claims.matching.comparing import RELATED, Comparison, Difference, compare
from claims.matching.embedding import closeness
from claims.models import AttributionHop, Claim, ClaimOccurrence, DocumentCitation

MATCHER = "lexical 2"
CANDIDATES = 40  # of each search
KEPT = 12  # suggestions a claim
RANKED = 400  # rows of a search that are ranked at all: thousands of lines that differ in a number would cost a second
# similarity() from which the trigram index answers; where that finds more than is ranked, only what is nearer
THRESHOLDS = (0.3, 0.6)
QUERY_WORDS = 12

# Both searches are one index scan each: the GIN index on (project, text) answers `%%`, the one on
# (project, to_tsvector('simple', text)) answers `@@`. tests/matching asserts it by EXPLAIN.
BY_TRIGRAM = """
SELECT id, text, count(*) OVER () FROM (
    SELECT id, text FROM claims_claim
    WHERE project_id = %(project)s AND text %% %(text)s AND retracted_at IS NULL AND id <> %(claim)s
    LIMIT %(ranked)s
) AS found ORDER BY similarity(text, %(text)s) DESC, id LIMIT %(most)s
"""
BY_WORDS = """
SELECT id, text FROM (
    SELECT id, text FROM claims_claim
    WHERE project_id = %(project)s AND to_tsvector('simple', text) @@ to_tsquery('simple', %(words)s)
        AND retracted_at IS NULL AND id <> %(claim)s
    LIMIT %(ranked)s
) AS found
ORDER BY ts_rank(to_tsvector('simple', text), to_tsquery('simple', %(words)s)) DESC, id LIMIT %(most)s
"""
# A limit tempts the planner to read the table from its start, which never ends where little is found.
BY_INDEX = """
SELECT set_config('pg_trgm.similarity_threshold', %(threshold)s, true),
       set_config('enable_seqscan', %(others)s, true), set_config('enable_indexscan', %(others)s, true)
"""


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be one claim; `left` has the lower id, and relation and differences read from it."""

    left: int
    right: int
    relation: str
    score: float
    likeness: float
    differences: tuple[Difference, ...]


def suggestions_for(claim: Claim) -> list[Suggestion]:
    """What the system suggests for a claim, the likeliest first; what is hardly related is left out."""
    return _likeliest(_compared(claim, candidates_for(claim)))


def suggestions_by_meaning(claim: Claim) -> list[Suggestion]:
    """The same, ranked by the mean of the likeness in words and the cosine of an embedding: for background jobs."""
    texts = candidates_for(claim)
    near = dict(zip(texts, closeness(claim.text, list(texts.values())), strict=True))
    found = []
    for one in _compared(claim, texts):
        likeness = round((one.likeness + near[one.right if one.left == claim.pk else one.left]) / 2, 4)
        share = likeness / one.likeness if one.likeness else 0.0
        found.append(replace(one, likeness=likeness, score=min(1.0, round(one.score * share, 4))))
    return _likeliest(found)


def _likeliest(found: list[Suggestion]) -> list[Suggestion]:
    related = [one for one in found if one.likeness >= RELATED]
    return sorted(related, key=lambda one: (-one.likeness, one.left, one.right))[:KEPT]


def _compared(claim: Claim, texts: Mapping[int, str]) -> list[Suggestion]:
    days, languages = _of_articles([claim.pk, *texts])
    cited, denials = _documents([claim.pk, *texts]), _denied([claim.pk, *texts])
    found: list[Suggestion] = []
    for other, text in texts.items():
        left, right = sorted((claim.pk, other))
        words = (claim.text, text) if left == claim.pk else (text, claim.text)
        language = languages.get(left, "en")
        result = compare(
            *words,
            language=language,
            dates=(days.get(left), days.get(right)),
            denied=(left in denials, right in denials),
        )
        found.append(_suggested(left, right, result, cited))
    return found


def _suggested(left: int, right: int, result: Comparison, cited: Mapping[int, frozenset[int]]) -> Suggestion:
    """Claims that go back to different documents are not the same, however alike they read."""
    relation, ours, theirs = result.relation, cited.get(left, frozenset()), cited.get(right, frozenset())
    if ours and theirs and ours.isdisjoint(theirs) and relation in ("same", "more_specific", "more_general"):
        relation = "related_only"
    return Suggestion(left, right, relation, result.score, result.likeness, result.differences)


def candidates_for(claim: Claim) -> dict[int, str]:
    """Claims of the project that share wording with this one: id -> text."""
    values: dict[str, int | str] = {
        "project": claim.project_id,
        "text": claim.text[:2_000],
        "claim": claim.pk,
        "most": CANDIDATES,
        "ranked": RANKED,
        "words": query_words(claim.text),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for threshold in THRESHOLDS:
            cursor.execute(BY_INDEX, {"threshold": str(threshold), "others": "off"})
            cursor.execute(BY_TRIGRAM, values)
            rows = cursor.fetchall()
            if not rows or rows[0][2] < RANKED:
                break
        found = {pk: text for pk, text, _ in rows}
        if values["words"]:
            cursor.execute(BY_WORDS, values)
            found |= dict(cursor.fetchall())
        cursor.execute(BY_INDEX, {"threshold": str(THRESHOLDS[0]), "others": "on"})
    return found


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


def _denied(claims: list[int]) -> frozenset[int]:
    """Those whose first speaker denies them wherever they occur: `his government had links` in a denial is no claim of
    links."""
    acts: dict[int, set[bool]] = {}
    rows = AttributionHop.objects.filter(occurrence_version__occurrence__claim__in=claims, n=0)
    for claim, act in rows.values_list("occurrence_version__occurrence__claim", "act"):
        acts.setdefault(claim, set()).add(act == "denial")
    return frozenset(claim for claim, found in acts.items() if found == {True})


def _documents(claims: list[int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    rows = DocumentCitation.objects.filter(occurrence__claim__in=claims).values_list("occurrence__claim", "document")
    for claim, document in rows:
        found[claim] = found.get(claim, frozenset()) | {document}
    return found
