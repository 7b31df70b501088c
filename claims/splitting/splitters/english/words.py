"""English words with their places, and a guess which of them are finite verbs. No tagger: lists and neighbours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from claims.splitting.splitters.lexicon import tables_for

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*|[,;:–—()\"“”«»‘’]|\ue000+")


class Word(NamedTuple):
    """A tuple, since every sentence makes hundreds of them."""

    start: int
    end: int
    text: str
    lower: str
    is_word: bool


@dataclass(frozen=True)
class Grammar:
    """Word classes of English that the guess rests on, from languages/en.toml."""

    auxiliaries: frozenset[str]
    pasts: frozenset[str]
    ambiguous_pasts: frozenset[str]
    modals: frozenset[str]
    verbs: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    pronouns: frozenset[str]
    stops: frozenset[str]
    rather_nouns: frozenset[str]
    also_nouns: frozenset[str]
    time_words: frozenset[str]
    listeners: frozenset[str]
    clause_takers: frozenset[str]

    @cached_property
    def never_before_verb(self) -> frozenset[str]:
        small = {"and", "or", "but", "to", "newly", "well", "so", "very"}
        return self.determiners | self.prepositions | self.auxiliaries | small

    @cached_property
    def third_persons(self) -> frozenset[str]:
        """What an -s makes a verb form of."""
        return self.verbs | self.rather_nouns

    @cached_property
    def verb_forms(self) -> frozenset[str]:
        return self.auxiliaries | self.pasts | self.ambiguous_pasts | self.verbs


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    table = tables_for("en")["clauses"]
    return Grammar(
        auxiliaries=frozenset(table["auxiliaries"]),
        pasts=frozenset(table["pasts"]),
        ambiguous_pasts=frozenset(table["pasts_or_participles"]),
        modals=frozenset(table["modals"]),
        verbs=frozenset(table["verbs"]),
        determiners=frozenset(table["determiners"]),
        prepositions=frozenset(table["prepositions"]),
        pronouns=frozenset(table["pronouns"]),
        stops=frozenset(table["stops"]),
        rather_nouns=frozenset(table["rather_nouns"]),
        also_nouns=frozenset(table["also_nouns"]),
        time_words=frozenset(table["time_words"]),
        listeners=frozenset(table["listeners"]),
        clause_takers=frozenset(table["clause_takers"]),
    )


def words_in(view: str, start: int, end: int) -> list[Word]:
    """Words and the punctuation that matters, with offsets into the view."""
    return list(_words(view[start:end], start)) if end > start else []


@lru_cache(maxsize=64)
def _words(text: str, offset: int) -> tuple[Word, ...]:
    """One sentence is looked at by many rules: its words are found once."""
    words: list[Word] = []
    for match in _WORD.finditer(text):
        word = match.group()
        start = offset + match.start()
        words.append(Word(start, start + len(word), word, word.lower().replace("’", "'"), word[0].isalnum()))
    return tuple(words)


_NOT_ADVERBS = frozenset(
    {
        "ally", "anomaly", "assembly", "belly", "bully", "butterfly", "family", "fly", "italy", "jelly", "july",
        "monopoly", "rally", "reply", "sicily", "supply",
    }
)  # fmt: skip
ADVERB = rf"(?-i:(?!(?:{'|'.join(sorted(_NOT_ADVERBS))})\b)[a-z]+ly)"  # as part of a pattern


def is_adverb(lower: str) -> bool:
    """`badly`, `widely`; not `family`, `assembly`, `Italy`."""
    return lower.endswith("ly") and lower not in _NOT_ADVERBS


# After a verb in -s; a noun in -s has none of these right behind it.
OBJECTS = frozenset({"him", "her", "them", "us", "me", "it", "itself", "themselves", "himself", "herself"})


def base_of_third_person(word: str) -> str | None:
    """`carries` -> `carry`, when the result is a verb we know."""
    verbs = grammar().third_persons
    candidates = [word[:-1]] if word.endswith("s") else []
    if word.endswith("es"):
        candidates.append(word[:-2])
    if word.endswith("ies"):
        candidates.append(word[:-3] + "y")
    return next((candidate for candidate in candidates if candidate in verbs), None)


def finite_strength(words: list[Word], i: int) -> int:
    """2: surely a finite verb; 1: likely; 0: no. An -ed form before a preposition may be a participle: 1."""
    g, word = grammar(), words[i]
    if (word.text.isupper() and len(word.text) > 1) or (i and word.text[0].isupper()):
        return 0  # IS, US: an acronym; May, Will: a name
    if word.lower in g.auxiliaries:
        return 0 if i and words[i - 1].lower == "to" else 2
    if word.lower in g.pasts:
        return 2
    return _ambiguous_strength(words, i) if i and _may_precede_verb(words, i) else 0


def _ambiguous_strength(words: list[Word], i: int) -> int:
    """Forms that are also participles (`recovered`), nouns (`plans`) or infinitives (`reflect`)."""
    g, word = grammar(), words[i]
    after = words[i + 1].lower if i + 1 < len(words) else ""
    if word.lower in g.ambiguous_pasts or _is_ed(word.lower):
        weak = after in g.prepositions and words[i - 1].lower not in g.pronouns
        return 0 if after == "by" else 2 - weak
    subject = words[i - 1] if not is_adverb(words[i - 1].lower) or i < 2 else words[i - 2]
    if word.lower == "close" and after == "to":
        return 0  # sources close to the talks
    if base_of_third_person(word.lower) is None:
        return 2 if word.lower in g.verbs and _is_plural_subject(subject) else 0
    if subject.lower.endswith("s") and not subject.lower.endswith(("ss", "us", "is")) and not subject.text[0].isupper():
        return 0
    if not after or not after[0].isalnum():
        return 1
    is_noun_too = word.lower in g.also_nouns or base_of_third_person(word.lower) in g.rather_nouns
    return 1 if is_noun_too and after not in OBJECTS else 2


def is_verb_form(lower: str) -> bool:
    """Whether a word right after a comma that closes an aside can be the main verb."""
    return lower in grammar().verb_forms or _is_ed(lower) or base_of_third_person(lower) is not None


def _is_ed(lower: str) -> bool:
    return (
        len(lower) > 3
        and lower.endswith("ed")
        and not lower.endswith("eed")
        and "-" not in lower
        and lower != "hundred"
    )


def _may_precede_verb(words: list[Word], i: int) -> bool:
    g, before = grammar(), words[i - 1]
    if not before.is_word:
        return before.text in ',)”»–—"'
    if before.lower in g.pronouns:
        return before.lower not in {"this", "these", "those"}
    if is_adverb(before.lower) and i > 1:
        return words[i - 2].lower not in g.determiners and _may_precede_verb(words, i - 1)
    if before.lower in {"also", "then", "often", "never", "always", "still", "now", "first", "later", "both", "twice"}:
        return True
    return before.lower not in g.never_before_verb


def _is_plural_subject(word: Word) -> bool:
    if word.lower in {"they", "we", "i", "you", "who", "which", "people", "officials", "police", "others"}:
        return True
    return (
        word.is_word
        and len(word.lower) > 2
        and word.lower.endswith("s")
        and not word.lower.endswith(("ss", "us", "is", "'s"))
    )


def first_finite(words: list[Word], start: int, end: int, least: int = 1) -> int | None:
    """The place of the first finite verb of the main clause in words[start:end]: relative clauses are passed over."""
    g = grammar()
    i = start
    while i < end:
        if words[i].lower in g.stops and i > start and words[i].lower not in {"to", "since", "before", "if"}:
            return _after_relative(words, i, end, least)
        if words[i].is_word and finite_strength(words, i) >= least:
            return i
        i += 1
    return None


def _after_relative(words: list[Word], i: int, end: int, least: int) -> int | None:
    """A restrictive relative holds one finite verb; the next one after it is the main verb."""
    seen = 0
    for j in range(i + 1, end):
        if words[j].is_word and finite_strength(words, j) >= least:
            if words[j - 1].is_word and seen and finite_strength(words, j - 1):
                continue
            seen += 1
            if seen == 2:
                return j
    return None


def has_main_verb(words: list[Word], start: int, end: int, least: int = 1) -> bool:
    return first_finite(words, start, end, least) is not None


def is_clause(view: str, start: int, end: int) -> bool:
    """Whether view[start:end] has a subject and a finite verb, or a verb and its object."""
    words = words_in(view, start, end)
    if len(words) == 2 and words[0].text[0].islower() and is_verb_form(words[0].lower):
        return not is_adverb(words[1].lower)
    return bool(first_finite(words, 0, len(words)))
