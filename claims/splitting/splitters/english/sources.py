"""Who stands before a cue: the noun phrase that is the source, with its appositions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from claims.splitting.splitters.english.words import (
    ADVERB,
    Word,
    finite_strength,
    grammar,
    is_adverb,
    is_verb_form,
    words_in,
)
from claims.splitting.splitters.shapes import Span

_AUXILIARIES = re.compile(
    r"(?:[\s,]+(?:has|have|had|is|was|were|been|being|also|then|later|earlier|already|still|never|did|does|do|not|yet"
    rf"|both|all|once|only|{ADVERB}"
    r"|(?-i:will|may)|would|could|might|previously|repeatedly|since"
    r"|often|now|first|long|always|ever|even|again|just|soon|twice|sometimes))+$", re.IGNORECASE,
)  # fmt: skip
_ALONE = re.compile(r"(?:[,;:]|\b(?:and|but|while|that|as))$", re.IGNORECASE)
_PRONOUN = re.compile(r"\s+(?:both|all)\b", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:is|was|were|are|been|being|be)\b(?: \w+ly)?\s*$", re.IGNORECASE)
_CONNECTORS = re.compile(
    r"\b(?:after|while|although|though|because|but|when|since|before|that|which|whether|as|if|where|so|yet|until|what|how|why)\s+",
    re.IGNORECASE,
)
_DELIMITERS = re.compile(
    r"[,;:”»\"\ue000](?=\s|$)|(?<=\s)[–—-](?=\s)|’(?=\s(?!\w+’))|(?<=[,.!?])['’](?=\s)|(?<=[a-z]{4})[.!?](?=\s+[A-Z“«])"
)
_WHEN = (
    r"(?-i:[A-Z][a-z]+day|January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: (?:morning|afternoon|evening|night|\d{1,2}|\d{4}))?|\d{4}"
)
_OPENERS = re.compile(
    r"^(?:(?:and|but|yet|so|or|however|meanwhile|still|also|then|now)\b[,\s]+)?"
    rf"(?:(?:(?:early |late )?(?:on|in|by|during) (?:early |late )?(?:{_WHEN})"
    r"|(?:earlier |later )?(?:last|this) (?:week|month|year|spring|summer|autumn|winter|[A-Z][a-z]+day))\s+(?=\S))?",
    re.IGNORECASE,
)
_NEVER_FIRST = frozenset(
    {
        "and",
        "or",
        "but",
        "to",
        "not",
        "it's",
        "there",
        "what",
        "how",
        "why",
        "when",
        "where",
        "if",
        "whether",
        "whose",
        "who",
        "which",
        "nothing",
        "little",
        "anything",
    }
)
_TIME_AT_END = re.compile(
    r"\s+(?:(?:late )?on [A-Z][a-z]+day|(?:earlier )?(?:last|this) (?:week|month|year)|yesterday)$"
)
_ASIDE = re.compile(r",\s(?:meanwhile|however|though|too|instead|in turn|by contrast|for (?:his|her|its|their) part),$")
_RELATIVE = re.compile(r"\s*(?:an?|the)(?: [\w’'-]+){1,3} (?:that|which|who) (?:has|have|had|is|are|was|were)\b", re.I)
_DAYS = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "yesterday", "today", "tomorrow"}
)
_NEVER_LAST = frozenset(
    {
        "the",
        "a",
        "an",
        "any",
        "no",
        "every",
        "its",
        "his",
        "her",
        "their",
        "our",
        "my",
        "your",
        "of",
        "in",
        "to",
        "and",
        "or",
    }
)


@dataclass(frozen=True)
class Source:
    """A source in a region's text: its span, and whether the verb after it is passive."""

    start: int
    end: int
    passive: bool

    @property
    def span(self) -> Span:
        return self.start, self.end

    def is_free(self, text: str) -> bool:
        """Whether no preposition or determiner right before makes the phrase part of something else."""
        before = text[: self.start].rstrip().rsplit(" ", 1)[-1].lower()
        return before not in {"of", "the", "a", "an", "by", "with", "for", "from", "in", "to"}


@lru_cache(maxsize=1)
def _never_first() -> frozenset[str]:
    """What no source opens with: a preposition, a small word, a verb (`said he`)."""
    g = grammar()
    return g.prepositions - {"like"} | _NEVER_FIRST | g.pasts | g.ambiguous_pasts


def is_noun_phrase(text: str, longest: int = 18) -> bool:
    """Whether the words can name a source: no finite verb of their own outside a relative clause, not too many."""
    words = words_in(text, 0, len(text))
    if not words or sum(word.is_word for word in words) > longest or not words[0].is_word:
        return False
    if words[0].lower in _never_first() or words[-1].lower in _NEVER_LAST:
        return False
    if len(words) == 1:
        return _is_name(words[0])
    if words[-1].lower in grammar().prepositions:
        return False
    relative = False
    for i, word in enumerate(words):
        relative = relative or word.lower in {"who", "which", "that", "whose", "where", "whom"}
        if word.is_word and not relative and finite_strength(words, i) == 2 and not _names(words, i):
            return False
    return True


def _is_name(word: Word) -> bool:
    """Of a single word: not a day (`since Sunday claims`), and written small, not a small word or a letter."""
    if word.text[0].isupper():
        return word.lower not in _DAYS
    small = grammar().auxiliaries | {"also", "then", "reportedly", "being"}
    return word.lower not in _DAYS | small and len(word.lower) > 1


def _names(words: list[Word], i: int) -> bool:
    """Whether what may be a verb is part of the name: `a police report`, `a post shared 3,000 times`, `a film widely
    seen`; a bare form is a noun where the verb comes after it, and with a number or adverb a participle has no object.
    """
    g, lower = grammar(), words[i].lower
    if words[0].lower not in g.determiners or i < 2:
        return False
    if lower in g.verbs and lower not in g.auxiliaries | g.pasts:
        return i == len(words) - 1
    after = words[i + 1].lower if i + 1 < len(words) else ""
    counted = after[:1].isdigit() or is_adverb(after) or after in {"hundreds", "thousands", "millions"}
    return lower.endswith("ed") and counted


def source_before(text: str, cue_start: int) -> Source | None:
    """The source that ends where the cue begins (auxiliaries and adverbs between them are passed over)."""
    left = text[:cue_start].rstrip()
    auxiliaries = _AUXILIARIES.search(left[-80:])
    middle = auxiliaries.group() if auxiliaries else ""
    passive = bool(_PASSIVE.search(middle.strip()))
    end = len(left) - len(middle)
    ends = [match.end() for match in _DELIMITERS.finditer(text, 0, end)]
    ends += [0] if not ends or ends[0] != 0 else []
    ends.sort()
    if not text[:end].strip():
        return None
    if _ALONE.search(text, 0, end) and (pronoun := _PRONOUN.match(middle)) is not None:
        end += pronoun.end()  # `…, but both say it exists`
    if ends[-1] >= end - 1 and text[end - 1 : end] == ",":
        aside = _ASIDE.search(text, 0, end)
        if aside is not None:
            opened = max(place for place in (0, *ends) if place <= aside.start())
            named = _with_apposition(text, ends, aside.start(), passive)
            return named or _plain(text, opened, aside.start(), passive)
        return _with_apposition(text, ends, end - 1, passive)
    if text[end - 1 : end] and _DELIMITERS.match(text, end - 1) and text[end - 1] not in "’":
        return None
    return _plain(text, ends[-1], end, passive)


def _plain(text: str, start: int, end: int, passive: bool) -> Source | None:
    connectors = [match.end() for match in _CONNECTORS.finditer(text, start, end)]
    source = _phrase(text, connectors[-1] if connectors else start, end, passive)
    return source or (_with_relative(text, start, end, passive) if len(connectors) > 1 else None)


def _with_relative(text: str, start: int, end: int, passive: bool) -> Source | None:
    """`A film that has been seen since Sunday`: what stands before the cue belongs to the relative clause."""
    opener = _RELATIVE.match(text, start, end)
    return _phrase(text, start, end, passive) if opener is not None else None


def _phrase(text: str, start: int, end: int, passive: bool) -> Source | None:
    start = _past_coordination(text, start, end)
    start, end = _tight(text, start, end)
    end = _without_time(text, start, end)
    if start >= end or text[start:end].endswith(("'s", "’s")) or not is_noun_phrase(text[start:end]):
        return None
    return Source(start, end, passive)


def _without_time(text: str, start: int, end: int) -> int:
    """`The ministry on Friday`, not `a report released on Friday`: where the source ends without the time."""
    match = _TIME_AT_END.search(text[start:end])
    if match is None or not match.start():
        return end
    before = words_in(text, start, start + match.start())
    return end if not before or is_verb_form(before[-1].lower) else start + match.start()


def _past_coordination(text: str, start: int, end: int) -> int:
    """`A happened and officials`: only the second half is the source when the first holds a verb."""
    at = text.rfind(" and ", start, end)
    if at > 0:
        words = words_in(text, start, at)
        if any(word.is_word and finite_strength(words, i) == 2 for i, word in enumerate(words)):
            return at + 5
    opener = _OPENERS.match(text[start:end].lstrip())
    return start + (len(text[start:end]) - len(text[start:end].lstrip())) + opener.end() if opener else start


def _tight(text: str, start: int, end: int) -> Span:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and text[end - 1] in " \n,":
        end -= 1
    return start, end


def _with_apposition(text: str, ends: list[int], comma: int, passive: bool) -> Source | None:
    """`Jane Roe, who heads the agency, said`: the source begins before the comma that opens the apposition."""
    openings = [place for place in ends if place <= comma]
    for back in range(len(openings) - 1, -1, -1):
        opened = openings[back]
        head_from = openings[back - 1] if back else 0
        if not opened:
            return None
        if text[opened - 1] != ",":
            return None
        head = _plain(text, head_from, opened - 1, passive)
        if head is not None and _names_somebody(text[head.start : head.end]):
            return Source(head.start, comma, passive)
        if len(openings) - back > 3:
            return None
    return None


def _names_somebody(text: str) -> bool:
    first = text.split(maxsplit=1)[0]
    return first[0].isupper() or first.lower() in grammar().determiners
