"""What was entered by hand as a text of its own: a statement with one claim, and rounds draw it like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from claims.models import (
    Anchor,
    Article,
    AttributionHop,
    ClaimOccurrence,
    ClaimSource,
    OccurrenceVersion,
    Segment,
    TextVersion,
    User,
)

RECIPE = "entered-1"


def place_entries(sources: Sequence[ClaimSource], texts: Sequence[str], *, by: User) -> list[ClaimOccurrence]:
    """Write, for every source and what was said there, the statement and its claim. To be called in a transaction."""
    articles = Article.objects.bulk_create([_article(*pair, by) for pair in zip(sources, texts, strict=True)])
    versions = TextVersion.objects.bulk_create(
        [
            TextVersion(article=article, n=1, text=text, sha256=_digest(text), length=len(text), recipe=RECIPE)
            for article, text in zip(articles, texts, strict=True)
        ]
    )
    Segment.objects.bulk_create(
        [Segment(text_version=one, n=0, start=0, end=one.length, role="body", decided_by="person") for one in versions]
    )
    occurrences = ClaimOccurrence.objects.bulk_create(
        [
            ClaimOccurrence(project_id=source.project_id, claim_id=source.claim_id, article=article, position=0)
            for source, article in zip(sources, articles, strict=True)
        ]
    )
    _judged(sources, occurrences, versions, by)
    return occurrences


def _article(source: ClaimSource, text: str, by: User) -> Article:
    """The statement. Its address is that of a page which may be imported too, so it is not what it is known by."""
    return Article(
        project_id=source.project_id,
        headline=text[:500],
        byline=source.speaker,
        url=source.url,
        published_at=source.said_at,
        published_how="stated" if source.said_at else "unknown",
        genre=source.kind,
        content_sha256=_digest(f"entered/{source.pk}/{text}"),  # the same words said twice are two statements
        state="split",
        extra={"place": source.place} if source.place else {},
        created_by=by,
    )


def _judged(
    sources: Sequence[ClaimSource],
    occurrences: Sequence[ClaimOccurrence],
    texts: Sequence[TextVersion],
    by: User,
) -> None:
    versions = OccurrenceVersion.objects.bulk_create(
        [
            OccurrenceVersion(
                occurrence=occurrence,
                n=1,
                verbatim=text.text,
                attribution="attributed" if source.speaker else "author_voice",
                origin="person",
                created_by=by,
            )
            for source, occurrence, text in zip(sources, occurrences, texts, strict=True)
        ]
    )
    Anchor.objects.bulk_create(
        [
            Anchor(occurrence_version=version, text_version=text, start=0, end=text.length, exact=text.text)
            for version, text in zip(versions, texts, strict=True)
        ]
    )
    AttributionHop.objects.bulk_create(
        [
            AttributionHop(occurrence_version=version, n=0, source_text=source.speaker, mode="direct_quote")
            for source, version in zip(sources, versions, strict=True)
            if source.speaker
        ]
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
