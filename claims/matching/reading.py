"""A claim as it is compared: its names, values and words by sense, in the order of the text. Plain Python, no model."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from claims.values import Value, find_values, mood_of
from claims.values.lists import words_of
from claims.values.mood import is_negated

WORDS = Path(__file__).with_name("words.toml")
LONGEST = 2_000  # code points of a claim that are compared
_TOKEN = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*%?|%")
_CALENDAR = frozenset({*words_of("en")["months"], *words_of("en")["days"]})
_NAME = re.compile(r"(?<![.!?] )(?<!^)[^\W\d_a-z][\w.’'-]*|\b[A-Z]{2,}\b|\b[^\W\d_]\.(?:[^\W\d_]\.)+")
_PASSIVE = re.compile(r"\bby\b|\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?\w+(?:ed|en|ld|ught|de|id|ilt)\b")
_DOUBLED = re.compile(r"([bdfgklmnprtvz])\1$")

FEW_CONSONANTS = 3
# Transliterations differ in these; longer ones first.
_SOUNDS = (
    ("tsch", "ch"), ("tch", "ch"), ("shch", "sh"), ("sch", "sh"), ("ch", "c"), ("sh", "s"), ("kh", "h"), ("zh", "z"),
    ("gh", "g"), ("dj", "j"), ("ph", "f"), ("ı", "i"), ("ø", "o"), ("ß", "ss"), ("đ", "d"), ("ł", "l"), ("x", "ks"),
    ("q", "g"), ("k", "c"), ("v", "w"), ("z", "s"),
)  # fmt: skip

Place = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """`words` runs from a word's sense to its places; numbers and dates stand in `values` only."""

    text: str
    language: str
    words: dict[str, tuple[Place, ...]]
    stems: frozenset[str]  # of every word, before senses, stop words included
    trigrams: frozenset[str]
    names: dict[str, Place]
    values: tuple[Value, ...]
    negations: int
    tense: str
    turned: bool  # a passive, or a cause named last: the order of the words tells nothing


@lru_cache(maxsize=1)
def word_lists() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def stem(word: str, language: str = "en") -> str:
    """The word without its ending: English by rules, other languages by their first five letters."""
    word = re.sub(r"['’]s?$", "", word)
    if language != "en":
        return word if len(word) <= 5 or word[0].isdigit() else word[:5]
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) > 2 and re.search("[aeiouy]", word[: -len(ending)]):
            word = _DOUBLED.sub(r"\1", word[: -len(ending)])
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


@lru_cache(maxsize=1)
def _senses() -> tuple[dict[str, str], re.Pattern[str]]:
    """Sense by stem (or by phrase), and a pattern for the phrases."""
    sense: dict[str, str] = {}
    for group in (*word_lists()["names"], *word_lists()["senses"]):
        key = group[0].replace(" ", "_")
        for word in group:
            sense.setdefault(word if " " in word else stem(word), key)
            sense.setdefault(word, key)
    phrases = sorted((word for word in sense if " " in word), key=len, reverse=True)
    return sense, re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in phrases))


def senses_of(word: str, language: str = "en") -> tuple[str, ...]:
    """What a word stands for: a body named without its country is both what it is and whose."""
    institution = word_lists()["institutions"].get(re.sub(r"['’]s?$", "", word))
    return tuple(institution) if institution else (sense_of(word, language),)


def sense_of(word: str, language: str = "en") -> str:
    sense, _ = _senses()
    short = stem(word, language)
    return sense.get(word) or sense.get(short) or short


@lru_cache(maxsize=1024)
def read(text: str, language: str = "en", published: str | None = None) -> Reading:
    text = text[:LONGEST].replace("\u00a0", " ").replace("’", "'")
    lower = text.lower() if len(text.lower()) == len(text) else text
    values = tuple(find_values(text, language, published))
    words, stems = _words(text, lower, values, language)
    squeezed = re.sub(r"\W+", " ", lower)
    return Reading(
        text=text,
        language=language,
        words={word: tuple(places) for word, places in words.items()},
        stems=frozenset(stems),
        trigrams=frozenset(squeezed[i : i + 3] for i in range(len(squeezed) - 2)),
        names=_names(text, lower),
        values=values,
        negations=_negations(lower, stems, language),
        tense=mood_of(text, language).tense,
        turned=_PASSIVE.search(lower) is not None or "cause" in words,
    )


def _words(text: str, lower: str, values: tuple[Value, ...], language: str) -> tuple[dict[str, list[Place]], set[str]]:
    sense, phrases = _senses()
    words: dict[str, list[Place]] = {}
    taken = [(value.start, value.end) for value in values]
    stems: set[str] = set()
    inside: list[Place] = []  # of phrases: `not pass` holds no opposite of `fail`
    for match in phrases.finditer(lower):
        words.setdefault(sense[match.group()], []).append(match.span())
        stems.add(match.group())
        inside.append(match.span())
    taken += inside
    stop = frozenset(word_lists()["stop"])
    for match in _TOKEN.finditer(lower):
        word = re.sub(r"'s?$", "", match.group())
        if not any(start <= match.start() < end for start, end in inside):
            stems |= {stem(word, language), word}
        if any(start <= match.start() < end for start, end in taken):
            continue
        is_name = word == "is" and text[match.start() : match.end()] == "IS"
        if is_name or word not in stop:
            for sense_ in senses_of(word, language):
                words.setdefault(sense_, []).append(match.span())
    return words, stems


def _negations(lower: str, stems: set[str], language: str) -> int:
    """How often the sense is turned round; what counts as lost power (`left without`) is no negation."""
    if language != "en":
        return int(is_negated(lower, language))
    sense, phrases = _senses()
    found = [match.group() for match in phrases.finditer(lower)]
    negators = {stem(word) for word in word_lists()["negators"]}
    turned = negators - {word for phrase in found for word in phrase.split()}
    denials = sum(sense[phrase] in negators for phrase in found)  # `rejected allegations` is to deny
    return len(turned & stems) + denials + len(re.findall(r"n't\b", lower))


@lru_cache(maxsize=4096)
def sound_of(name: str) -> str:
    """A name without what differs from one way of writing it to another: marks on letters, doubled letters, most
    vowels, and letters that stand for one sound (`Erdoğan` and `Erdogan`, `Zelenskyy` and `Selenskyj`)."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    for spelling, sound in _SOUNDS:
        plain = plain.replace(spelling, sound)
    plain = re.sub(r"[^a-z]", "", plain)
    bare = plain[:1] + re.sub(r"[aeiouyjwh]", "", plain[1:])
    sound = re.sub(r"(.)\1+", r"\1", bare)
    # Few consonants are those of many names (`Sudan`, `Sweden`): these keep their vowels, too.
    return sound if len(sound) > FEW_CONSONANTS else sound + re.sub(r"(.)\1+", r"\1", plain)


def _names(text: str, lower: str) -> dict[str, Place]:
    """Names with their places; those that news uses for one another count as one (`Ankara`, `Turkish`)."""
    sense, phrases = _senses()
    found: dict[str, Place] = {}
    taken = [match.span() for match in phrases.finditer(lower)]
    for start, end in taken:
        if text[start].isupper():
            found.setdefault(sense[lower[start:end]], (start, end))
    for match in _NAME.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        word = re.sub(r"'s?$", "", match.group().lower())
        word = word.rstrip(".") if word.count(".") < 2 else word
        if word in _CALENDAR or any(character.isdigit() for character in word):
            continue
        if word in word_lists()["institutions"]:
            found.setdefault(senses_of(word)[1], match.span())
            continue
        found.setdefault(sense.get(word) or sense.get(stem(word), stem(word)), match.span())
    opening = re.match(r"[^\W\d_]+", text)
    key = sense.get(opening.group().lower()) if opening is not None and opening.group()[0].isupper() else None
    if opening is not None and key in {group[0].replace(" ", "_") for group in word_lists()["names"]}:
        found.setdefault(str(key), opening.span())
    return found
