"""How an article's text is cut into claims. A splitter is a function; add one line here to add another."""

from __future__ import annotations

from claims.splitting.splitters.rules import split_by_rules
from claims.splitting.splitters.shapes import MOST_CLAIMS, Block, Hop, Span, SplitClaim, Splitter

SPLITTER_VERSION = "6"

SPLITTERS: dict[str, Splitter] = {
    "rules": split_by_rules,
}
DEFAULT_SPLITTER = "rules"

__all__ = [
    "DEFAULT_SPLITTER",
    "MOST_CLAIMS",
    "SPLITTERS",
    "SPLITTER_VERSION",
    "Block",
    "Hop",
    "Span",
    "SplitClaim",
    "Splitter",
]
