"""The span that a rule looks at: quoted words masked, the cue verbs of its language found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from claims.splitting.splitters.chains import Found, Saying, bare
from claims.splitting.splitters.cues import Cues
from claims.splitting.splitters.quotes import Quote
from claims.splitting.splitters.shapes import Act, Span

COMMA = re.compile(r"[,،，]")
OPENING = '“«"‘„「『‹'
WORDS = re.compile(r"[^\W_]+(?:[-’'.][^\W_]+)*")
_LONGEST_SOURCE = 16  # words


@dataclass(frozen=True)
class Region:
    """A span with quoted words masked, and the cues of its language."""

    view: str
    start: int
    end: int
    quotes: list[Quote]
    text: str
    cues: Cues

    @cached_property
    def verbs(self) -> list[re.Match[str]]:
        return self.cues.verbs_in(self.text)

    def verbs_between(self, start: int, end: int) -> bool:
        return any(start <= verb.start() < end for verb in self.verbs)

    def span(self, start: int, end: int) -> Span:
        """The trimmed span of the article for a span of this region's text."""
        return bare(self.view, self.start + start, self.start + end)

    def _named(self, start: int, end: int) -> Span:
        """The trimmed span of a source; the marks round a paper's name belong to it (`«Коммерсантъ»`)."""
        low, high = self.span(start, end)
        quoted = any(quote.inner == (low, high) for quote in self.quotes)
        return (low - 1, high + 1) if quoted else (low, high)

    def found(self, source: Span, cue: Span, contents: tuple[Span, ...], act: Act) -> Found | None:
        held = tuple(self.span(*content) for content in contents if self.span(*content)[0] < self.span(*content)[1])
        who = _tight_source(self, self._named(*source))
        if {word.lower() for word in WORDS.findall(self.view, *who)} <= set(self.cues.table.get("never_sources", ())):
            return None
        if not held or not is_source(self.view[who[0] : who[1]], spaced=bool(self.cues.table.get("spaced", True))):
            return None
        whole = (min(span[0] for span in held) - 1, max(span[1] for span in held) + 1)
        saying = Saying(who, (self.start + cue[0], self.start + cue[1]), act, whole)
        return Found(saying, tuple((span, True) for span in held))


def _tight_source(region: Region, span: Span) -> Span:
    """The source without what only says when or to whom: `die Ministerin am Montag`, `mercredi la police`."""
    start, end = span
    stop = region.cues.source_stops.search(region.view, start + 1, end) if region.cues.source_stops else None
    if stop is not None:
        end = len(region.view[: stop.start()].rstrip(" ,")) if region.view[start : stop.start()].strip() else end
    if region.cues.table.get("spaced") is False:
        return start, end
    words = list(WORDS.finditer(region.view, start, end))
    kept = _without_times(words, region.cues)
    if not kept or len(kept) == len(words):
        return start, end
    return kept[0].start() if kept[0] is not words[0] else start, kept[-1].end() if kept[-1] is not words[-1] else end


def _without_times(words: list[re.Match[str]], cues: Cues) -> list[re.Match[str]]:
    times, auxiliaries = set(cues.table.get("times", ())), set(cues.table.get("auxiliaries", ()))
    small = {word for key in ("determiners", "time_prepositions") for word in cues.table.get(key, ())}
    lower = [word.group().lower() for word in words]
    first, last = 0, len(words)
    while last > 1 and lower[last - 1] in times | auxiliaries:
        last -= 1
        while last > 1 and lower[last - 1] in small:
            last -= 1
    while (opened := next((i for i in range(first, last) if lower[i] not in small), last)) < last - 1:
        if lower[opened] not in times:
            break
        first = opened + 1
    return words[first:last]


def is_source(text: str, *, spaced: bool) -> bool:
    if not any(character.isalnum() for character in text) or "\ue000" in text:
        return False
    return len(WORDS.findall(text)) <= _LONGEST_SOURCE if spaced else len(text) <= 30
