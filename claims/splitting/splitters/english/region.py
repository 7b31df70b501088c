"""The span of English text that a rule looks at: quoted words masked, cue verbs found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from claims.splitting.splitters.chains import Found, Saying
from claims.splitting.splitters.cues import Cues, cues_for
from claims.splitting.splitters.english.words import grammar, has_main_verb, words_in
from claims.splitting.splitters.quotes import Quote, masked
from claims.splitting.splitters.shapes import Act, Span

LONGEST_NAME = 12  # code points; what is longer in quotation marks is speech
_IN_PHRASE = re.compile(r"\b(?:an?|the|this|another|each|every|one|its|his|her|their)(?: [\w’'&.-]+){0,4} $", re.I)
_AFTER_SINGULAR = re.compile(
    r"(?:^|[,;:—–-] |\b(?:that|and|but|while|as) )(?:an?|this|another|each|every)"
    r"(?: (?!(?:and|or|of|in|for) )[\w’'&.-]+){0,3}(?<![a-rt-z]s) $", re.I,
)  # fmt: skip
_QUOTED_BEFORE = re.compile(r"\ue000[^\w\s]{1,3} (?:[^\ue000]{1,80} )?$")
_QUOTED = re.compile(r"[,:]? [“«\"‘']\ue000")
_HEARING = frozenset({"briefed", "informed", "notified"})
_BY_ASKING = re.compile(r" (?:on|by|about)\b")
_PARTING = frozenset(",.!?…")
_NEXT = re.compile(r" (\w+)")


def _is_past(word: str) -> bool:
    return word.endswith("ed") or word in grammar().pasts | grammar().ambiguous_pasts


@dataclass(frozen=True)
class Region:
    """A span to look at, with its text in which quoted words are masked."""

    view: str
    start: int
    end: int
    quotes: list[Quote]
    text: str
    cues: Cues

    @classmethod
    def of(cls, view: str, start: int, end: int, quotes: list[Quote]) -> Region:
        return cls(view, start, end, quotes, masked(view, start, end, quotes), cues_for("en"))

    def states_something(self, start: int, end: int, least: int = 1) -> bool:
        """Whether the span holds a quotation of some length or a clause."""
        held = (quote for quote in self.quotes if quote.start >= start - 1 and quote.end <= end + 1)
        if any(self._is_speech(quote) for quote in held):
            return True
        words = words_in(self.text, start - self.start, end - self.start)
        return has_main_verb(words, 0, len(words), least)

    def _is_speech(self, quote: Quote) -> bool:
        """A quotation that is long, is a clause, or that a mark parts from what follows: `“Never,” said the mayor`."""
        inner = quote.inner
        parted = self.view[inner[1] - 1 : inner[1]] in _PARTING or self.view[quote.end : quote.end + 1] == ","
        if inner[1] - inner[0] > LONGEST_NAME or (parted and inner[0] < inner[1]):
            return True
        words = words_in(self.view, *inner)
        return has_main_verb(words, 0, len(words), least=2)

    @cached_property
    def cue_matches(self) -> list[re.Match[str]]:
        """The cue verbs; a capital inside the sentence is a name (`State`, `Claims Court`)."""
        found = [match for match in self.cues.verbs_in(self.text) if not (match.group()[0].isupper() and match.start())]
        return [match for match in found if not self._is_noun(match)]

    def _is_noun(self, match: re.Match[str]) -> bool:
        """`a police report said`, `the UN report published`: the bare form of a verb where only a noun can stand.
        Or what describes listeners: `two people briefed on the talks`."""
        cue = match.group().lower()
        if cue in self.cues.tones and not _QUOTED.match(self.text, match.end()):
            return _QUOTED_BEFORE.search(self.text, 0, match.start()) is None
        if cue in _HEARING and _BY_ASKING.match(self.text, match.end()):
            return True
        if f"{cue}s" not in self.cues.words or not _IN_PHRASE.search(self.text, 0, match.start()):
            return False
        after = _NEXT.match(self.text, match.end())
        follows = after is not None and (after[1] in self.cues.words or _is_past(after[1]))
        return follows or _AFTER_SINGULAR.search(self.text, 0, match.start()) is not None

    def placed(self, span: Span) -> Span:
        """A span of the region's text as a span of the article."""
        return self.start + span[0], self.start + span[1]

    def found(self, source: Span, cue: Span, act: Act, contents: tuple[tuple[Span, bool], ...]) -> Found:
        """What a rule found: source and cue as spans of the region's text, contents as spans of the article."""
        covered = [span for span, covers in contents if covers] or [(self.start, self.end)]
        whole = (min(span[0] for span in covered), max(span[1] for span in covered))
        return Found(Saying(self.placed(source), self.placed(cue), act, whole), contents)
