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
    and_said,
    announced,
    said_after_source,
    said_at_sentence_end,
    said_by_participle,
    said_first,
    said_impersonally,
    said_last,
    said_with_infinitive,
    warned_of,
)
from claims.splitting.splitters.quotes import Quote, masked
from claims.splitting.splitters.sentences import segment
from claims.splitting.splitters.shapes import Span

DEEPEST = 4
LATEST_NAMED = 3  # sentence of a quotation in which its speaker may stand; whoever speaks later is spoken of
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
    and_said,
    said_first,
    said_with_infinitive,
    accused,
    warned_of,
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
    return [cut for part in parts for cut in _by_sentence(view, part, quotes, language)]


def _by_sentence(view: str, part: Part, quotes: list[Quote], language: str) -> list[Part]:
    """Each sentence of a quotation states something of its own, also where its speaker stands in another sentence."""
    low, high = part.pieces[0]
    is_said = part.chain or any(quote.inner[0] <= low and high <= quote.inner[1] for quote in quotes)
    if len(part.pieces) > 1 or not is_said:
        return [part]
    spans = [bare(view, low + a, low + b) for a, b in segment(view[low:high], language)]
    return [replace(part, pieces=(span,)) for span in spans if span[0] < span[1]]


def _spoken_inside(view: str, start: int, end: int, quotes: list[Quote], language: str) -> list[Part]:
    """`« La rivière est morte, dit Tove Lind. Rien n’y vit. »`: the speaker is named inside the quotation marks.

    What is said begins where the quotation does, so that its later sentences are quoted as directly as the first.
    """
    around = next((quote for quote in quotes if quote.start <= start + 1 and quote.end >= end - 2), None)
    if around is None:
        return []
    inner = max(around.inner[0], start), min(around.inner[1], end)  # one that is not closed may run on
    spans = [_unstopped(view, (inner[0] + a, inner[0] + b)) for a, b in segment(view[slice(*inner)], language)]
    cues = cues_for(language)
    sayings = (said_last(Region(view, *span, [], view[slice(*span)], cues)) for span in spans[:LATEST_NAMED])
    place, found = next(((n, saying) for n, saying in enumerate(sayings) if saying is not None), (0, None))
    if found is None:
        return []
    said = replace(found.saying, content=(around.start, inner[1]))
    told = [Part(tuple(piece for piece, _ in found.contents), (said,))]
    if not found.together:
        told = [Part((bare(view, *piece),), (said,)) for piece, _ in found.contents]
    before, after = ([Part((bare(view, *s),), (said,)) for s in some] for some in (spans[:place], spans[place + 1 :]))
    return [*before, *told, *after]


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
        parts = []
        for content, covered in found.contents:
            below = _parts(view, content, quotes, cues, depth + 1)
            parts += [part.said_by(found.saying) for part in below] if covered else below
        return parts
    piece = bare(view, low, high)
    return [Part((piece,))] if any(character.isalnum() for character in view[piece[0] : piece[1]]) else []
