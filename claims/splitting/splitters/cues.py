"""The cue words of a language, ready to match: who says, believes, denies; `according to`; noun cues; vague words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from claims.splitting.splitters.lexicon import tables_for
from claims.splitting.splitters.shapes import Act

_TOKEN = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")
_INVERTED = re.compile(r"\b([^\W\d_]+)(?:-t)?-(?:ils?|elles?|on)\b")
_CLITIC = re.compile(r"\b(?:comme|que?|ainsi|tel)\b.{0,3}\s+l[’']$")
ACTS: tuple[Act, ...] = ("statement", "denial", "belief", "intention", "decree", "perception", "evidence")


@dataclass(frozen=True)
class Cues:
    """Patterns are None where the language has no such words; `acts` maps a cue in lower case to its act."""

    acts: dict[str, Act]
    words: frozenset[str]
    first_words: frozenset[str]  # of the phrases
    phrases: re.Pattern[str] | None
    is_spaced: bool
    prefix: re.Pattern[str] | None
    like: re.Pattern[str] | None
    after_source: re.Pattern[str] | None
    complementiser: re.Pattern[str] | None
    needs_that: frozenset[str]
    tones: frozenset[str]  # ways of speaking that are cues only beside a quotation: `grumbled`, `laughed`
    takes_object: frozenset[str]
    accusing: frozenset[str]
    quoting: frozenset[str]
    takes_gerund: frozenset[str]
    takes_of: frozenset[str]
    of: re.Pattern[str] | None  # what opens that which somebody warns of: `vor`, `contre`, `over`
    takes_infinitive: frozenset[str]
    infinitive: re.Pattern[str] | None  # right after a cue: `avoir payé`, `di aver pagato`
    impersonal: re.Pattern[str] | None
    accusing_of: re.Pattern[str] | None  # what opens that which somebody is accused of: `de`, `d’`, `vor`
    prefix_person: re.Pattern[str] | None  # `Pour le ministre, …`: only before a word for a person
    source_stops: re.Pattern[str] | None  # what no longer names the source: `nach der Sitzung`, `journalistes`
    naming: re.Pattern[str] | None
    table: dict[str, Any]

    def act_of(self, cue: str) -> Act:
        lower = cue.lower()
        return self.acts.get(lower) or self.acts.get(lower.rsplit(" ", maxsplit=1)[-1]) or "statement"

    def verbs_in(self, text: str) -> list[re.Match[str]]:
        """The cue verbs in a text, in order. Single words are looked up in a set: ten times quicker than a pattern."""
        if not self.is_spaced:
            pattern = self.phrases
            return [m for m in pattern.finditer(text) if self._is_a_word(m, text)] if pattern is not None else []
        tokens = _TOKEN.findall(text.lower())
        may_hold_phrase = self.phrases is not None and not self.first_words.isdisjoint(tokens)
        found = list(self.phrases.finditer(text)) if self.phrases is not None and may_hold_phrase else []
        if self.words.isdisjoint(tokens):
            return found
        if "-" in text:
            found += [match for match in _INVERTED.finditer(text) if match.group(1).lower() in self.words]
        taken = [match.span() for match in found]
        for match in _WORD.finditer(text):
            if match.group().lower() in self.words and not any(a <= match.start() < b for a, b in taken):
                found.append(match)
        if self.table.get("nouns_after_determiner"):
            found = [match for match in found if not self._is_noun(match, text)]
        return sorted(found, key=re.Match.start)

    def _is_a_word(self, match: re.Match[str], text: str) -> bool:
        """Chinese: no cue is what is part of another word (`小说`), nor a noun as often that no break follows."""
        cue = match.group()
        if cue in self.table.get("needs_break", ()) and text[match.end() : match.end() + 1] not in set('，,：:“「"『'):
            return False
        return text[match.start() - 1 : match.start()] not in set(self.table.get("not_after", {}).get(cue, ""))

    def _is_noun(self, match: re.Match[str], text: str) -> bool:
        """`la nota`, `L’analyse`: after a determiner it is no verb, but for the clitic of `comme l’explique`."""
        before = text[: match.start()].lower()
        if before.endswith(("l’", "l'", "d’", "d'")):
            return _CLITIC.search(before) is None
        return before[-1:] == " " and before.rstrip().rsplit(" ", 1)[-1] in self.table.get("determiners", ())


def alternatives(words: Iterable[str], *, spaced: bool = True) -> re.Pattern[str] | None:
    """One pattern for any of the words, longest first; None for no words. `spaced`: only whole words.

    A word that ends in an apostrophe or in a lone letter after a blank (`qu’`, Arabic `وفقا ل`) is tied to the next.
    """
    ordered = sorted(set(words), key=len, reverse=True)
    if not ordered:
        return None
    if not spaced:
        return re.compile("|".join(map(re.escape, ordered)))
    bodies = [
        re.escape(word).replace(r"\ ", r"\s+").replace("’", "[’']") + ("" if _is_tied(word) else r"(?![\w-])")
        for word in ordered
    ]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(bodies)})", re.IGNORECASE)


def _is_tied(word: str) -> bool:
    return word[-1] in "’'" or (len(word) > 2 and word[-2] == " ")


@lru_cache(maxsize=256)
def cues_for(language: str) -> Cues:
    """The cues of a language; one without any pattern where we have no file."""
    tables = tables_for(language)
    verbs, phrases = tables.get("attribution", {}), tables.get("attribution_phrases", {})
    acts: dict[str, Act] = dict.fromkeys(verbs.get("participles", ()), "statement")
    acts.update({word.lower(): act for act in ACTS for word in verbs.get(act, ())})
    spaced = bool(phrases.get("spaced", True))
    groups = (*ACTS, "accusing", "quoting", "tones")
    forms = {word.lower() for group in groups for word in verbs.get(group, ())}
    return Cues(
        acts=acts,
        words=frozenset(word for word in forms if not _is_of_several(word)),
        first_words=_first_words(forms, verbs),
        phrases=_phrases(forms, verbs) if spaced else _suffixed(forms, phrases.get("suffixes", ())),
        is_spaced=spaced,
        prefix=alternatives(phrases.get("prefix", []), spaced=spaced),
        like=alternatives(phrases.get("like", []), spaced=spaced),
        after_source=alternatives(phrases.get("after_source", []), spaced=spaced),
        complementiser=alternatives(verbs.get("complementisers", []), spaced=spaced),
        needs_that=frozenset(verbs.get("needs_that", ())),
        tones=frozenset(verbs.get("tones", ())),
        takes_object=frozenset(verbs.get("object", ())),
        accusing=frozenset(verbs.get("accusing", ())),
        quoting=frozenset(verbs.get("quoting", ())),
        takes_gerund=frozenset(verbs.get("takes_gerund", ())),
        takes_of=frozenset(verbs.get("takes_of", ())),
        of=alternatives(verbs.get("of", ())),
        takes_infinitive=frozenset(verbs.get("takes_infinitive", ())),
        infinitive=_infinitive(verbs),
        impersonal=alternatives(verbs.get("impersonal", ())),
        accusing_of=alternatives(verbs.get("accusing_of", ())),
        prefix_person=alternatives(phrases.get("prefix_person", ())),
        source_stops=alternatives(phrases.get("source_stops", []), spaced=spaced),
        naming=alternatives(verbs.get("naming", ())),
        table=phrases,
    )


def _infinitive(verbs: dict[str, Any]) -> re.Pattern[str] | None:
    patterns, marker = verbs.get("infinitives", ()), verbs.get("infinitive_marker", "")
    before = rf"\s+{marker}\s+" if marker else r"\s+"
    return re.compile(rf"{before}(?P<what>(?:{'|'.join(patterns)})\s+\S)", re.IGNORECASE) if patterns else None


def _suffixed(forms: set[str], suffixes: Iterable[str]) -> re.Pattern[str] | None:
    """Chinese: `警告说`, `解释称`: with `say` behind it, any cue is one verb."""
    plain = alternatives(forms, spaced=False)
    tail = alternatives(suffixes, spaced=False)
    return re.compile(f"(?:{plain.pattern})(?:{tail.pattern})?") if plain is not None and tail is not None else plain


def _is_of_several(word: str) -> bool:
    """`fait savoir`, `s’indigne`: no single run of letters."""
    return " " in word or "’" in word


def _first_words(forms: set[str], verbs: dict[str, Any]) -> frozenset[str]:
    several = [word for word in forms if _is_of_several(word)] + list(verbs.get("perfect_auxiliaries", ()))
    return frozenset(first.group() for word in several if (first := _TOKEN.match(word)) is not None)


def _phrases(forms: set[str], verbs: dict[str, Any]) -> re.Pattern[str] | None:
    """Cues of several words. `a déclaré`, `ha detto`: the auxiliary belongs to the cue where a file lists it."""
    several = alternatives(word for word in forms if _is_of_several(word))
    auxiliaries, participles = verbs.get("perfect_auxiliaries", ()), alternatives(verbs.get("participles", ()))
    if not auxiliaries or participles is None:
        return several
    perfect = (
        rf"(?<![\w-])(?:{'|'.join(auxiliaries)})(?:(?:-t)?-(?:ils?|elles?|on))?"
        rf"(?:\s+(?!que\b|che\b)[^\W\d_]+)?\s+{participles.pattern}"
    )
    return re.compile(f"{perfect}|{several.pattern}" if several is not None else perfect, re.IGNORECASE)
