"""What goes into a splitter and what comes out. All offsets are Unicode code points, end exclusive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Span = tuple[int, int]
Presence = Literal["author_voice", "attributed", "vague"]
Mode = Literal["direct_quote", "partial_quote", "block_quote", "indirect", "author_voice"]
Act = Literal["statement", "denial", "belief", "intention", "decree", "perception", "evidence"]

MOST_CLAIMS = 20_000  # an article with more is refused as a whole
CLAIM_ROLES = ("headline", "subheadline", "body", "caption")


@dataclass(frozen=True)
class Block:
    """A part of the page and what it is there; only the roles in CLAIM_ROLES carry claims of this article."""

    start: int
    end: int
    role: str


@dataclass(frozen=True)
class Hop:
    """One step of who says it. A span is None where the text has no such words (vague source, broken sentence)."""

    source_text: str
    source_span: Span | None
    cue_text: str
    cue_span: Span | None
    mode: Mode
    act: Act


@dataclass(frozen=True)
class SplitClaim:
    """One proposition, in one or more pieces of the text, with the sentence it stands in.

    `hops` run from the original speaker to the outlet's side. `reasons` are the stable codes behind `checkworthiness`.
    """

    pieces: tuple[Span, ...]
    sentence: Span
    role: str
    attribution_presence: Presence
    hops: tuple[Hop, ...]
    kinds: tuple[str, ...]
    hedges: tuple[Span, ...]
    checkworthiness: float
    reasons: tuple[str, ...]


class Splitter(Protocol):
    def __call__(self, text: str, language: str, blocks: Sequence[Block]) -> list[SplitClaim]: ...
