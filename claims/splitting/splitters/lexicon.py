"""What a language brings to the rules: abbreviations, cue words, hedges. One TOML file a language, beside this file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = Path(__file__).parent / "languages"


@dataclass(frozen=True)
class Lexicon:
    """The words that decide where a sentence ends. All in lower case but `starters`, which open sentences."""

    abbreviations: frozenset[str]
    abbreviations_unless_starter: frozenset[str]
    abbreviations_before_number: frozenset[str]
    ends_after_number: frozenset[str]
    months: frozenset[str]
    starters: frozenset[str]
    ordinal_dot: bool
    ordinal_contexts: frozenset[str]
    single_letter_words: frozenset[str]
    starters_pattern: re.Pattern[str] | None


def languages() -> tuple[str, ...]:
    """The codes of the languages that have a file of their own."""
    return tuple(sorted(path.stem for path in LANGUAGES.glob("*.toml")))


@lru_cache(maxsize=256)
def tables_for(language: str) -> dict[str, Any]:
    """The raw tables of a language's file; empty for a language that has none."""
    code = language.split("-", maxsplit=1)[0].lower()
    if code not in languages():
        return {}
    return tomllib.loads((LANGUAGES / f"{code}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def lexicon_for(language: str) -> Lexicon:
    """The sentence lexicon of a language; an empty one where we have no file."""
    table = tables_for(language).get("sentences", {})

    def words(key: str) -> frozenset[str]:
        return frozenset(table.get(key, ()))

    starters = sorted(words("starters"))
    return Lexicon(
        abbreviations=words("abbreviations"),
        abbreviations_unless_starter=words("abbreviations_unless_starter"),
        abbreviations_before_number=words("abbreviations_before_number"),
        ends_after_number=words("ends_after_number"),
        months=words("months"),
        starters=frozenset(starters),
        ordinal_dot=bool(table.get("ordinal_dot", False)),
        ordinal_contexts=words("ordinal_contexts"),
        single_letter_words=words("single_letter_words"),
        starters_pattern=re.compile(rf"\.\s(?=(?:{'|'.join(starters)})\b)") if starters else None,
    )
