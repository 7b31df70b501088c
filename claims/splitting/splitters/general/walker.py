"""From a sentence in any language to its propositions, each with the chain of those who say it."""

from __future__ import annotations

from collections.abc import Callable

from claims.splitting.splitters.chains import Found, Part, bare
from claims.splitting.splitters.cues import Cues, cues_for
from claims.splitting.splitters.general.phrases import according_to, after_source, like_reported
from claims.splitting.splitters.general.region import Region
from claims.splitting.splitters.general.speech import (
    announced,
    said_after_source,
    said_at_sentence_end,
    said_by_participle,
    said_first,
    said_last,
)
from claims.splitting.splitters.quotes import Quote, masked
from claims.splitting.splitters.shapes import Span

DEEPEST = 4
RULES: tuple[Callable[[Region], Found | None], ...] = (
    said_by_participle,
    said_at_sentence_end,
    like_reported,
    according_to,
    after_source,
    said_after_source,
    said_last,
    said_first,
)


def general_parts(view: str, start: int, end: int, quotes: list[Quote], language: str) -> list[Part]:
    """The propositions of one sentence, each with its chain; one without pieces announces what follows (`X sagte:`)."""
    cues = cues_for(language)
    if view[end - 1] in ":：":
        region = Region(view, start, end, quotes, masked(view, start, end, quotes), cues)
        saying = announced(region)
        if saying is not None:
            return [Part((), (saying,))]
    return _parts(view, (start, end), quotes, cues, 0)


def _parts(view: str, span: Span, quotes: list[Quote], cues: Cues, depth: int) -> list[Part]:
    low, high = span
    while high > low and view[high - 1] in " .!?。！？…։؟।":
        high -= 1
    region = Region(view, low, high, quotes, masked(view, low, high, quotes), cues)
    for rule in RULES if depth < DEEPEST else ():
        found = rule(region)
        if found is None:
            continue
        if found.together:
            return [Part(tuple(content for content, _ in found.contents), (found.saying,))]
        parts = [part for content, _ in found.contents for part in _parts(view, content, quotes, cues, depth + 1)]
        return [part.said_by(found.saying) for part in parts]
    piece = bare(view, low, high)
    return [Part((piece,))] if any(character.isalnum() for character in view[piece[0] : piece[1]]) else []
