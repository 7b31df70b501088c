"""The word lists of a language, read once."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words.toml"


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, Any]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def words_of(language: str) -> dict[str, Any]:
    """The lists of a language; the English ones carry figures and symbols for a language without lists."""
    return _all().get(language.split("-", maxsplit=1)[0].lower(), _FALLBACK)


_FALLBACK: dict[str, Any] = {"decimal": "."}
