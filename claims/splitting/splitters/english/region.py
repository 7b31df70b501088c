"""The span of English text that a rule looks at: quoted words masked, cue verbs found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from claims.splitting.splitters.chains import Found, Saying
from claims.splitting.splitters.cues import Cues, cues_for
from claims.splitting.splitters.english.words import has_main_verb, words_in
from claims.splitting.splitters.quotes import Quote, masked
from claims.splitting.splitters.shapes import Act, Span

LONGEST_NAME = 12  # code points; what is longer in quotation marks is speech


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
        held = (q.inner for q in self.quotes if q.start >= start - 1 and q.end <= end + 1)
        if any(inner[1] - inner[0] > LONGEST_NAME or self._is_clause(inner) for inner in held):
            return True
        words = words_in(self.text, start - self.start, end - self.start)
        return has_main_verb(words, 0, len(words), least)

    def _is_clause(self, span: Span) -> bool:
        words = words_in(self.view, *span)
        return has_main_verb(words, 0, len(words), least=2)

    @cached_property
    def cue_matches(self) -> list[re.Match[str]]:
        """The cue verbs; a capital inside the sentence is a name (`State`, `Claims Court`)."""
        return [match for match in self.cues.verbs_in(self.text) if not (match.group()[0].isupper() and match.start())]

    def placed(self, span: Span) -> Span:
        """A span of the region's text as a span of the article."""
        return self.start + span[0], self.start + span[1]

    def found(self, source: Span, cue: Span, act: Act, contents: tuple[tuple[Span, bool], ...]) -> Found:
        """What a rule found: source and cue as spans of the region's text, contents as spans of the article."""
        covered = [span for span, covers in contents if covers] or [(self.start, self.end)]
        whole = (min(span[0] for span in covered), max(span[1] for span in covered))
        return Found(Saying(self.placed(source), self.placed(cue), act, whole), contents)
