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

    def span(self, start: int, end: int) -> Span:
        """The trimmed span of the article for a span of this region's text."""
        return bare(self.view, self.start + start, self.start + end)

    def found(self, source: Span, cue: Span, contents: tuple[Span, ...], act: Act) -> Found | None:
        held = tuple(self.span(*content) for content in contents if self.span(*content)[0] < self.span(*content)[1])
        who = _tight_source(self, self.span(*source))
        if not held or not is_source(self.view[who[0] : who[1]], spaced=bool(self.cues.table.get("spaced", True))):
            return None
        whole = (min(span[0] for span in held) - 1, max(span[1] for span in held) + 1)
        saying = Saying(who, (self.start + cue[0], self.start + cue[1]), act, whole)
        return Found(saying, tuple((span, True) for span in held))


def _tight_source(region: Region, span: Span) -> Span:
    """Without a time or a determiner that was left hanging at the end (`die Ministerin am Montag`)."""
    start, end = span
    words = list(WORDS.finditer(region.view, start, end))
    times, small = set(region.cues.table.get("times", ())), set(region.cues.table.get("determiners", ()))
    small |= set(region.cues.table.get("time_prepositions", ()))
    dropped = False
    while len(words) > 1 and (words[-1].group().lower() in times or (words[-1].group().lower() in small)):
        words.pop()
        dropped = True
    return (start, words[-1].end()) if dropped else span


def is_source(text: str, *, spaced: bool) -> bool:
    if not any(character.isalnum() for character in text) or "\ue000" in text:
        return False
    return len(WORDS.findall(text)) <= _LONGEST_SOURCE if spaced else len(text) <= 30
