"""How two claims differ and how alike they are: plain Python, no model.

Lexical likeness alone prefers the near-miss (a number, an actor or the polarity changed), so each of these differences
takes away from the score and is named, for a person to see.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from claims.values import Value, find_values
from claims.values.lists import words_of
from claims.values.mood import is_negated
from claims.values.numbers import DAYS

RELATIONS = ("same", "more_specific", "more_general", "conflicts_in_detail", "contradicts", "related_only", "unrelated")
WORDS = Path(__file__).with_name("words.toml")
LONGEST = 2_000  # code points of a claim that are compared
RELATED, SAME, NEAR_MISS = 0.22, 0.5, 0.7
_TOKEN = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*%?|%")
_CALENDAR = frozenset({*words_of("en")["months"], *words_of("en")["days"]})
_NAME = re.compile(r"(?<![.!?] )(?<!^)[^\W\d_a-z][\w.’'-]*|\b[A-Z]{2,}\b|\b[^\W\d_]\.(?:[^\W\d_]\.)+")


@dataclass(frozen=True)
class Difference:
    """One thing in which two claims differ; the spans say where in either text, in code points."""

    kind: str  # number, date, name, negation, opposite
    left: str
    right: str
    left_span: tuple[int, int] | None = None
    right_span: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "left": self.left,
            "right": self.right,
            "left_span": self.left_span,
            "right_span": self.right_span,
        }


@dataclass(frozen=True)
class Comparison:
    """What the system suggests of a pair; `score` 0 to 1 says how likely one check serves both."""

    score: float
    relation: str
    differences: tuple[Difference, ...]


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _aliases() -> tuple[dict[str, str], re.Pattern[str]]:
    first = {alias: group[0].replace(" ", "_") for group in _words()["aliases"] for alias in group}
    several = sorted((alias for alias in first if " " in alias), key=len, reverse=True)
    return first, re.compile("|".join(rf"(?<!\w){re.escape(alias)}(?!\w)" for alias in several))


@dataclass(frozen=True)
class Reading:
    """A claim as it is compared."""

    text: str
    stems: frozenset[str]
    forms: frozenset[str]  # words as they stand, in lower case
    trigrams: frozenset[str]
    names: dict[str, tuple[int, int]]
    values: tuple[Value, ...]
    negated: bool


@lru_cache(maxsize=1024)
def read(text: str, language: str = "en", published: str | None = None) -> Reading:
    text = text[:LONGEST].replace("\u00a0", " ")
    first, several = _aliases()
    lower = several.sub(lambda match: first[match.group()], text.lower())
    forms = [match.group().lower().replace("’", "'") for match in _TOKEN.finditer(text)]
    stems: set[str] = set()
    for token in re.findall(r"[^\W]+(?:[.'’-][^\W_]+)*%?|%", lower):
        word = re.sub(r"['’]s?$", "", token)
        if word == "is" and not re.search(r"\bIS\b", text):
            continue
        if word not in _words()["stop"]:
            stems.add(first.get(word, _stem(word)))
    squeezed = re.sub(r"\W+", " ", lower)
    names = _names(text)
    return Reading(
        text,
        frozenset(stems),
        frozenset(forms),
        frozenset(squeezed[i : i + 3] for i in range(len(squeezed) - 2)),
        names,
        tuple(find_values(text, language, published)),
        is_negated(text, language),
    )


def _names(text: str) -> dict[str, tuple[int, int]]:
    """Names with their places; those that news uses for one another count as one (`Ankara`, `Turkish`)."""
    first, several = _aliases()
    found: dict[str, tuple[int, int]] = {}
    lower = text.lower()
    taken = [match.span() for match in several.finditer(lower)] if len(lower) == len(text) else []
    for start, end in taken:
        found.setdefault(first[lower[start:end]], (start, end))
    for match in _NAME.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        word = re.sub(r"['’]s?$", "", match.group().lower())
        word = word.rstrip(".") if word.count(".") < 2 else word
        if word not in _CALENDAR and not any(character.isdigit() for character in word):
            found.setdefault(first.get(word, _stem(word)), match.span())
    return found


def _stem(word: str) -> str:
    return word if len(word) <= 5 or word[0].isdigit() else word[:5]


def same(left: str, right: str) -> float:
    """How likely one check serves both claims, 0 to 1."""
    return compare(left, right).score


def compare(
    left: str, right: str, *, language: str = "en", dates: tuple[str | None, str | None] = (None, None)
) -> Comparison:
    """Likeness, suggested relation, and what differs. `dates` are the days of the two articles, for relative dates."""
    a, b = read(left, language, dates[0]), read(right, language, dates[1])
    likeness = _likeness(a, b)
    differences = (*_of_values(a, b), *_of_names(a, b), *_of_polarity(a, b))
    kinds = {difference.kind for difference in differences}
    score = likeness
    score *= 0.65 if kinds & {"number", "date"} else 1.0
    score *= 0.5 if kinds & {"negation", "opposite"} else 1.0
    if "name" in kinds:  # a sentence that is all alike but for a name is about somebody else
        score *= 0.4 if likeness > NEAR_MISS else 0.75
    return Comparison(round(min(1.0, score), 4), _relation(a, b, likeness, kinds), differences)


def _likeness(a: Reading, b: Reading) -> float:
    """The better of the share of words in common (of the shorter claim, and of both) and of three-letter runs."""
    if not a.stems or not b.stems:
        return 1.0 if a.text.strip() == b.text.strip() else 0.0
    common = len(a.stems & b.stems)
    held, dice = common / min(len(a.stems), len(b.stems)), 2 * common / (len(a.stems) + len(b.stems))
    runs = 2 * len(a.trigrams & b.trigrams) / max(1, len(a.trigrams) + len(b.trigrams))
    few = min(1.0, common / 3)  # one word in common is not much, however short the claim
    whole = 0.45 * held * few + 0.3 * dice + 0.25 * runs
    # Names alone make no claim: what is said of them has to be alike too.
    told_a, told_b = a.stems - a.names.keys(), b.stems - b.names.keys()
    told = len(told_a & told_b) / max(1, min(len(told_a), len(told_b)))
    return 0.65 * whole + 0.35 * told


def _of_values(a: Reading, b: Reading) -> Iterable[Difference]:
    """Values of one kind that no value of the other claim agrees with."""
    for kinds, word in ((("number", "percent", "money", "duration", "quantity"), "number"), (("date",), "date")):
        ours = [value for value in a.values if value.kind in kinds]
        theirs = [value for value in b.values if value.kind in kinds]
        left = [value for value in ours if not any(agree(value, other) for other in theirs)]
        right = [value for value in theirs if not any(agree(other, value) for other in ours)]
        for x, y in zip(left, right, strict=False):
            yield Difference(word, x.text, y.text, (x.start, x.end), (y.start, y.end))


def agree(x: Value, y: Value) -> bool:
    """Whether two values can be of one thing: `less than two months` and `59 days`, `over 40,000` and `40,321`."""
    if x.kind == y.kind == "date":
        if x.first and y.first:
            return x.first <= y.last and y.first <= x.last
        return x.text.lower() == y.text.lower()
    if {x.kind, y.kind} & {"date"} or x.low is None or y.low is None or x.high is None or y.high is None:
        return False
    if x.unit != y.unit and not {x.unit, y.unit} <= set(DAYS):
        return False
    low_x, high_x = _bounds(x)
    low_y, high_y = _bounds(y)
    return low_x <= high_y and low_y <= high_x


def _bounds(value: Value) -> tuple[float, float]:
    factor = DAYS.get(value.unit, 1.0)
    low, high = (value.low or 0.0) * factor, (value.high or 0.0) * factor
    if value.limit == "less":
        return low * 0.5, high
    if value.limit == "more":
        return low, high * 2
    slack = 0.1 if value.limit == "about" else 0.001
    return low * (1 - slack), high * (1 + slack)


def _of_names(a: Reading, b: Reading) -> Iterable[Difference]:
    """Names that only one side has, where both have such: another actor."""
    left = [name for name in a.names if not _named_in(name, b)]
    right = [name for name in b.names if not _named_in(name, a)]
    if left and right:
        x, y = a.names[left[0]], b.names[right[0]]
        yield Difference("name", a.text[slice(*x)], b.text[slice(*y)], x, y)


def _named_in(name: str, other: Reading) -> bool:
    return name in other.names or name in other.stems or (len(name) > 2 and name in other.text.lower())


def _of_polarity(a: Reading, b: Reading) -> Iterable[Difference]:
    for one, other in _words()["opposites"]:
        for ours, theirs in ((one, other), (other, one)):
            x, y = a.forms & set(ours), b.forms & set(theirs)
            if x and y and not a.forms & set(theirs) and not b.forms & set(ours):
                yield Difference("opposite", min(x), min(y), _place(a.text, min(x)), _place(b.text, min(y)))
                return
    if a.negated != b.negated:
        yield Difference("negation", "negated" if a.negated else "", "negated" if b.negated else "")


def _place(text: str, word: str) -> tuple[int, int] | None:
    match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
    return match.span() if match else None


def _relation(a: Reading, b: Reading, likeness: float, kinds: set[str]) -> str:
    if likeness < SAME:
        return "unrelated" if likeness < RELATED else "related_only"
    if kinds:
        return "contradicts" if kinds & {"negation", "opposite"} else "conflicts_in_detail"
    more, less = len(a.stems - b.stems), len(b.stems - a.stems)
    details = len(a.values) - len(b.values)
    if less <= 1 and (more >= less + 3 or details > 0):
        return "more_specific"
    if more <= 1 and (less >= more + 3 or details < 0):
        return "more_general"
    return "same"
