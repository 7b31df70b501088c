"""What is read off the words of a claim and kept beside them: numbers and dates as values, tense, modality."""

from __future__ import annotations

from typing import Any

from claims.models import Article
from claims.values import find_values, mood_of


def measures_of(verbatim: str, article: Article) -> dict[str, Any]:
    """Numbers and dates of a claim as values, its tense and modality: columns of its version."""
    published = article.published_at.date().isoformat() if article.published_at else None
    mood = mood_of(verbatim, article.language)
    values = find_values(verbatim, article.language, published)
    return {"measures": [value.as_json() for value in values], "tense": mood.tense, "modality": mood.modality}
