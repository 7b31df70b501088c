"""Tense and modality of a claim, from the small words that carry them; unknown where no such word stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from claims.values.lists import words_of

TENSES = ("past", "present", "future", "unknown")
MODALITIES = ("asserted", "possible", "likely", "necessary", "conditional", "negated")
_ED = re.compile(r"\b[a-z]{2,}ed\b")


@dataclass(frozen=True)
class Mood:
    """`modality` is the weakest that is found; `is_negated` stands apart, since what is denied may also be possible."""

    tense: str
    modality: str
    is_negated: bool


@lru_cache(maxsize=256)
def _pattern(language: str, key: str) -> re.Pattern[str] | None:
    words = words_of(language).get(key, ())
    if not words:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def _has(language: str, key: str, text: str) -> bool:
    pattern = _pattern(language, key)
    return pattern is not None and pattern.search(text) is not None


def mood_of(text: str, language: str = "en") -> Mood:
    language = language.split("-", maxsplit=1)[0].lower()
    modality = next(
        (key for key in ("conditional", "possible", "likely", "necessary") if _has(language, key, text)), ""
    )
    return Mood(_tense(text, language), modality or "asserted", is_negated(text, language))


def is_negated(text: str, language: str = "en") -> bool:
    return _has(language, "not", text) or (language == "en" and re.search(r"n['’]t\b", text) is not None)


def _tense(text: str, language: str) -> str:
    if not words_of(language).get("past"):
        return "unknown"
    if _has(language, "future", text):
        return "future"
    if _has(language, "past", text) or (language == "en" and _ED.search(text)):
        return "past"
    return "present"
