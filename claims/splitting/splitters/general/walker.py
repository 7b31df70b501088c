"""From a sentence in any language to its propositions, each with the chain of those who say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from claims.splitting.splitters.chains import Found, Part, bare
from claims.splitting.splitters.cues import Cues, cues_for
from claims.splitting.splitters.general.phrases import according_to, after_source, for_person, like_reported
from claims.splitting.splitters.general.region import Region
from claims.splitting.splitters.general.speech import (
    accused,
    announced,
    said_after_source,
    said_at_sentence_end,
    said_by_participle,
    said_first,
    said_impersonally,
    said_last,
    said_with_infinitive,
)
from claims.splitting.splitters.quotes import Quote, masked
from claims.splitting.splitters.sentences import segment
from claims.splitting.splitters.shapes import Span

DEEPEST = 4
_STOPS = " .!?。！？…։؟।"
RULES: tuple[Callable[[Region], Found | None], ...] = (
    said_by_participle,
    said_at_sentence_end,
    like_reported,
    according_to,
    for_person,
    after_source,
    said_after_source,
    said_impersonally,
    said_last,
    said_first,
    said_with_infinitive,
    accused,
)


def general_parts(view: str, start: int, end: int, quotes: list[Quote], language: str) -> list[Part]:
    """The propositions of one sentence, each with its chain; one without pieces announces what follows (`X sagte:`)."""
    cues = cues_for(language)
    spoken = _spoken_inside(view, start, end, quotes, language)
    if spoken:
        return spoken
    if view[end - 1] in ":：":
        region = Region(view, start, end, quotes, masked(view, start, end, quotes), cues)
        saying = announced(region)
        if saying is not None:
            return [Part((), (saying,))]
    parts = _parts(view, (start, end), quotes, cues, 0)
    return [cut for part in parts for cut in _by_sentence(view, part, language)]


def _by_sentence(view: str, part: Part, language: str) -> list[Part]:
    """Each sentence of a quotation states something of its own."""
    low, high = part.pieces[0]
    if len(part.pieces) > 1 or not part.chain:
        return [part]
    spans = [bare(view, low + a, low + b) for a, b in segment(view[low:high], language)]
    return [replace(part, pieces=(span,)) for span in spans if span[0] < span[1]]


def _spoken_inside(view: str, start: int, end: int, quotes: list[Quote], language: str) -> list[Part]:
    """`« La rivière est morte, dit Tove Lind. Rien n’y vit. »`: the speaker is named inside the quotation marks."""
    around = next((quote.inner for quote in quotes if quote.start <= start + 1 and quote.end >= end - 2), None)
    if around is None:
        return []
    inner = max(around[0], start), min(around[1], end)  # a quotation may run on: what is not closed, to the end
    parts: list[Part] = []
    for a, b in segment(view[slice(*inner)], language):
        span = _unstopped(view, (inner[0] + a, inner[0] + b))
        found = None if parts else said_last(Region(view, *span, [], view[slice(*span)], cues_for(language)))
        if found is not None:
            parts = [Part((bare(view, *content),), (found.saying,)) for content, _ in found.contents]
        elif not parts:
            return []
        else:
            parts.append(Part((bare(view, *span),), (replace(parts[0].chain[0], content=span),)))
    return parts


def _unstopped(view: str, span: Span) -> Span:
    low, high = span
    while high > low and view[high - 1] in _STOPS:
        high -= 1
    return low, high


def _parts(view: str, span: Span, quotes: list[Quote], cues: Cues, depth: int) -> list[Part]:
    low, high = _unstopped(view, span)
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
