"""What kind of claim it is, which words hedge it, and how much it matters to check: a heuristic that shows its reasons.

The weights are ours: figures, names, dates and words of harm or public office raise the score; opinion, prediction
and vagueness lower it. Check-worthiness says nothing about truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from claims.splitting.splitters.chains import Part
from claims.splitting.splitters.lexicon import tables_for
from claims.splitting.splitters.shapes import Span

_TOKEN = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*|[%‰€$£¥]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?|millions?|billions?|half|third"
    r"|quarter|percent|per cent|zwei|drei|vier|Millionen|Milliarden|Prozent|milliards?|millones|milioni|miliardi"
    r"|milhões)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?“\"«„] )(?<!^)\b[^\W\d_a-z][^\W\d_]+")

LONGEST = 3_000  # code points of a claim that are looked at
BASE = 0.25
WEIGHTS = {
    "number": 0.2,
    "date": 0.08,
    "named": 0.1,
    "harm": 0.15,
    "public_interest": 0.1,
    "surprising": 0.08,
    "disputed": 0.1,
    "attributed": 0.04,
    "causal": 0.05,
    "opinion": -0.2,
    "prediction": -0.12,
    "vague": -0.06,
    "hedged": -0.04,
    "short": -0.12,
}
_LISTS = {
    "harm": "harm",
    "public_interest": "public",
    "surprising": "surprising",
    "disputed": "disputed",
    "causal": "causal",
    "opinion": "opinion",
    "prediction": "prediction",
}


@dataclass(frozen=True)
class Weight:
    """Kinds (codes of the codebook's claim_kind), hedges as spans of the article, score 0 to 1 with its reasons."""

    kinds: tuple[str, ...]
    hedges: tuple[Span, ...]
    checkworthiness: float
    reasons: tuple[str, ...]


@lru_cache(maxsize=512)
def _pattern(language: str, key: str) -> re.Pattern[str] | None:
    words: Iterable[str] = tables_for(language).get("weight", {}).get(key, ())
    if not words:
        return None
    spaced = tables_for(language).get("attribution_phrases", {}).get("spaced", True)
    body = "|".join(sorted(words, key=len, reverse=True))  # the lists may hold patterns such as `by 20\d\d`
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)" if spaced else body, re.IGNORECASE)


@lru_cache(maxsize=512)
def _first_words(language: str, key: str) -> frozenset[str] | None:
    """The words that entries of a list begin with; None where words are not parted by blanks. A set is asked ten
    times quicker than a pattern, so a text without any of them needs no pattern."""
    if not tables_for(language).get("attribution_phrases", {}).get("spaced", True):
        return None
    words = tables_for(language).get("weight", {}).get(key, ())
    return frozenset(first.group() for word in words if (first := _TOKEN.match(word.lower())) is not None)


def _may_have(language: str, key: str, text: str) -> bool:
    first = _first_words(language, key)
    return first is None or not first.isdisjoint(_tokens(text))


def _has(language: str, key: str, text: str) -> bool:
    if not _may_have(language, key, text):
        return False
    pattern = _pattern(language, key)
    return pattern is not None and pattern.search(text) is not None


@lru_cache(maxsize=8)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(text.lower()))


def weigh(view: str, sentence: Span, part: Part, language: str, *, is_quoted: bool) -> Weight:
    """The weight of one proposition; `is_quoted`: somebody's words are given in quotation marks.

    Hedges are looked for in the claim and in what opens its sentence (`If so, …`).
    """
    language = language.split("-", maxsplit=1)[0].lower()
    text = " ".join(view[start:end] for start, end in part.pieces)[:LONGEST]
    hedges = _hedges(view, sentence, part, language)
    reasons = _reasons(text, part, language, hedged=bool(hedges))
    score = BASE + sum(WEIGHTS[reason] for reason in reasons)
    return Weight(
        _kinds(text, part, language, is_quoted=is_quoted), hedges, round(min(1.0, max(0.0, score)), 2), reasons
    )


def _reasons(text: str, part: Part, language: str, *, hedged: bool) -> tuple[str, ...]:
    present = {reason: _has(language, key, text) for reason, key in _LISTS.items()}
    present["number"] = _has_number(text)
    present["date"] = bool(_YEAR.search(text))
    present["named"] = bool(_NAME.search(text))
    present["attributed"] = bool(part.chain) and not part.vague
    present["disputed"] = present["disputed"] or any(saying.act == "denial" for saying in part.chain)
    present["vague"], present["hedged"] = part.vague or _has_vague(language, text), hedged
    present["short"] = len(text) < 25
    return tuple(reason for reason in WEIGHTS if present[reason])


@lru_cache(maxsize=8)
def _has_number(text: str) -> bool:
    return bool(_NUMBER.search(_YEAR.sub("", text)) or _NUMBER_WORD.search(text))


def _has_vague(language: str, text: str) -> bool:
    words = tables_for(language).get("attribution_phrases", {}).get("vague", ())
    lower = f" {text.lower()} "
    return any(f" {word.lower()} " in lower for word in words)


def is_vague(view: str, part: Part, language: str) -> bool:
    """Whether the claim itself says `reportedly` and the like, or stands behind `it is believed that`."""
    text = " ".join(view[start:end] for start, end in part.pieces)
    return part.vague or _has_vague(language.split("-", maxsplit=1)[0].lower(), text)


def _hedges(view: str, sentence: Span, part: Part, language: str) -> tuple[Span, ...]:
    pattern = _pattern(language, "hedges")
    if pattern is None or not _may_have(language, "hedges", view[slice(*sentence)]):
        return ()
    opening = (sentence[0], part.pieces[0][0])
    spans = [opening, *part.pieces] if 0 < opening[1] - opening[0] <= 20 else part.pieces
    return tuple(match.span() for start, end in spans for match in pattern.finditer(view, start, end))


def _kinds(text: str, part: Part, language: str, *, is_quoted: bool) -> tuple[str, ...]:
    acts = {saying.act for saying in part.chain}
    found = {
        "numerical": _has_number(text),
        "causal": _has(language, "causal", text),
        "quote": is_quoted,
        "position": _has(language, "position", text) or bool(acts & {"denial", "intention", "decree"}),
        "rule": _has(language, "rule", text),
        "prediction": _has(language, "prediction", text),
        "media": _has(language, "media", text),
    }
    kinds = tuple(kind for kind, is_there in found.items() if is_there)
    return kinds if set(kinds) - {"numerical", "quote"} else ("event_property", *kinds)
