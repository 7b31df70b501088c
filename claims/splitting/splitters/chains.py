"""What the attribution rules hand on: a span of the text with the chain of those who say it, innermost first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from claims.splitting.splitters.quotes import MARKS
from claims.splitting.splitters.shapes import Act, Span

_FINAL = frozenset(" \n\t,;:.!?…–—-。，、；：！？։՝،؛؟।")
_CLOSING = frozenset("”’»›\"'」』")
_OPENING = frozenset("“‘«„‚‹\"'「『")
_CLOSERS_TOO = {"«": "»", "“": "„", "‘": "‚"}  # closing marks of »German« and „German“, and what opens each


@dataclass(frozen=True)
class Saying:
    """One hop as found: where source and cue stand, what the cue does, and which span it is about."""

    source: Span | None
    cue: Span | None
    act: Act
    content: Span
    vague: bool = False
    block: bool = False  # announced in an earlier paragraph, without quotation marks


@dataclass(frozen=True)
class Found:
    """`contents` are spans still to be looked into; the flag says whether the saying covers them."""

    saying: Saying
    contents: tuple[tuple[Span, bool], ...]
    together: bool = False  # the contents are pieces of one proposition
    inner: Saying | None = None  # a saying inside this one, about the same span
    contrast: bool = False  # `A, but B says …`: what stands round A does not cover B
    reported: bool = False  # what is said is a that-clause
    also: Found | None = None  # `X said A but warned that B`: the second saying


@dataclass(frozen=True)
class Part:
    """A proposition with its chain; `contrast` says that it stands against the clause before it (`but he says …`)."""

    pieces: tuple[Span, ...]
    chain: tuple[Saying, ...] = ()
    contrast: bool = False
    vague: bool = False

    def said_by(self, saying: Saying) -> Part:
        return replace(self, chain=(*self.chain, saying))


def bare(view: str, start: int, end: int) -> Span:
    """The span without outer blanks, final punctuation and quotation marks that belong to neither word of it.

    A closing mark goes when punctuation stands inside it (`a dam,”`) or when it has no partner in the span;
    a pair round the whole span goes too.
    """
    while start < end and view[start] in _FINAL:
        start += 1
    while end > start and view[end - 1] in _FINAL:
        end -= 1
    if end - start > 2 and view[start] == "„" and view[end - 1] == "“":
        return bare(view, start + 1, end - 1)
    if end - start > 2 and view[end - 1] in _CLOSING and (view[end - 2] in ",.!?;" or _lonely(view, start, end)):
        return bare(view, start, end - 1)
    if end - start > 2 and _closes_in_german(view, start, end):
        return bare(view, start, end - 1)
    if end - start > 2 and view[start] in "”»" and view[start + 1].isalnum() and _never_opened(view, start, end):
        return bare(view, start + 1, end)  # ”…” in Swedish, »…« in German
    if end - start > 2 and view[start] in _OPENING and _encloses(view, start, end):
        return bare(view, start + 1, end - 1) if view[end - 1] in _CLOSING else bare(view, start + 1, end)
    return start, end


def _closes_in_german(view: str, start: int, end: int) -> bool:
    mark = view[end - 1]
    return mark in _CLOSERS_TOO and not view[end - 2].isspace() and _CLOSERS_TOO[mark] not in view[start : end - 1]


def _never_opened(view: str, start: int, end: int) -> bool:
    """Whether the mark at `start`, which closes in most languages, has no partner but perhaps at the end."""
    return not any(mark in view[start + 1 : end - 1] for mark in ("”" if view[start] == "”" else "»«"))


def _lonely(view: str, start: int, end: int) -> bool:
    if view[end - 1] in "'’" and view[end - 2 : end - 1] in "sz" and not any(c in "‘'" for c in view[start : end - 1]):
        return False
    return not any(character in _OPENING for character in view[start : end - 1])


def _encloses(view: str, start: int, end: int) -> bool:
    inside = view[start + 1 : end - 1] if view[end - 1] in _CLOSING else view[start + 1 : end]
    marks = {"“": "”", "‘": "’", "«": "»", "„": "“", '"': '"', "'": "'", "‹": "›", "‚": "‘", "「": "」", "『": "』"}
    closer = marks[view[start]]
    if closer in "’'":
        return not any(c == closer and not inside[i + 1 : i + 2].isalnum() for i, c in enumerate(inside[:-1]))
    return closer not in inside


def is_quoted(view: str, start: int, end: int) -> bool:
    """Whether quotation marks stand at both ends of the span."""
    return end - start > 1 and view[start] in MARKS and view[end - 1] in MARKS
