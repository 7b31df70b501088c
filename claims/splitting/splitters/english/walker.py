"""From an English sentence to its propositions, each with the chain of those who say it, original speaker first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from claims.splitting.splitters.chains import Found, Part, Saying, bare
from claims.splitting.splitters.cues import cues_for
from claims.splitting.splitters.english.clauses import split_clauses
from claims.splitting.splitters.english.phrases import (
    according_at_end,
    according_at_start,
    according_in_the_middle,
    and_saying,
    announced,
    as_reported,
    citing,
    cueless,
    impersonal,
    in_the_words_of,
    named,
    noun_cue,
    quoted_as_saying,
)
from claims.splitting.splitters.english.region import Region
from claims.splitting.splitters.english.speech import (
    and_said,
    said_at_end,
    said_at_start,
    said_before_source,
    said_in_the_middle,
)
from claims.splitting.splitters.quotes import Quote, find_quotes
from claims.splitting.splitters.sentences import segment
from claims.splitting.splitters.shapes import Span

DEEPEST = 6
MOST_JOINTS = 30
MOST_CUES = 7
LONGEST_UNCHECKED = 80  # code points that cannot hold many cues
_JOINT = re.compile(r"\b(?:and|but|or|so|while|though|although|as|after|which|who|that)\b", re.IGNORECASE)
# From the outside in: `A, B said, according to C` gives B before C.
RULES: tuple[Callable[[Region], Found | None], ...] = (
    according_at_end,
    quoted_as_saying,
    said_before_source,
    said_at_end,
    and_saying,
    cueless,
    impersonal,
    noun_cue,
    as_reported,
    in_the_words_of,
    according_at_start,
    according_in_the_middle,
    said_in_the_middle,
    named,
    and_said,
    said_at_start,
)
_LEADING = re.compile(
    r"(?:and|but|or|so|yet|nor|while|whereas|though|although|as|after|that|then)\b,?\s+", re.IGNORECASE
)
_JOINED = re.compile(r"(?:and|but|or|so|yet|while|whereas|though|although)\b,?\s+", re.IGNORECASE)
_DATELINE = re.compile(
    r"(?:[A-ZÀ-Þ][\w.’'-]*,? ){0,4}(?:[A-ZÀ-Þ][\w.’'-]*,?)(?: \([A-Z][\w. ]{1,30}\))? ?[-–—]{1,2} (?=[A-Z“\"])"
)
_OPENING = re.compile(
    r"(?:And|But|Yet|So|Or),?\s+|If so,? (?:then )?|No doubt,?\s+"
    r"|(?:It is|It['’]s) worth (?:mentioning|noting|remembering) that\s+"
)


def english_parts(view: str, start: int, end: int, quotes: list[Quote]) -> list[Part]:
    """The propositions of one sentence. `quotes` are the quotations of its paragraph.

    A sentence that only announces what follows (`The office said:`) gives one part without pieces.
    """
    if view[end - 1] == ":":
        saying = announced(Region.of(view, start, end, quotes))
        if saying is not None:
            return [Part((), (saying,))]
    if _is_tangled(view, start, end):
        return [Part((bare(view, start, end),))]
    return [part for part in _parts(view, start, end, quotes, 0) if _holds_words(view, part)]


def _is_tangled(view: str, start: int, end: int) -> bool:
    """No prose has so many joints in one sentence; the rules would take a time that grows with their square."""
    return sum(1 for _ in _JOINT.finditer(view, start, end)) > MOST_JOINTS or (
        end - start > LONGEST_UNCHECKED and len(cues_for("en").verbs_in(view[start:end])) > MOST_CUES
    )


def _holds_words(view: str, part: Part) -> bool:
    return all(any(c.isalnum() for c in view[a:b]) for a, b in part.pieces)


def _parts(view: str, start: int, end: int, quotes: list[Quote], depth: int, *, reported: bool = False) -> list[Part]:
    inner = _inside_quote(view, start, end, quotes)
    if inner is not None:
        return _quoted_parts(view, *inner, depth)
    start, end = _stripped(view, start, end)
    opening = None if depth else _OPENING.match(view, start, end) or _DATELINE.match(view, start, end)
    if opening is not None:
        start = opening.end()
    if start >= end:
        return []
    region = Region.of(view, start, end, quotes)
    if depth < DEEPEST:
        cited = citing(region)
        if cited is not None:
            return [_from_cited(part, cited) for part in _parts(view, *cited.content, quotes, depth + 1)]
        for rule in RULES:
            found = rule(region)
            if found is not None:
                return _follow(view, found, quotes, depth)
    return _clauses(view, start, end, quotes, depth, reported=reported)


def _stripped(view: str, start: int, end: int) -> Span:
    while start < end and view[start] in " \n,;:–—-":
        start += 1
    while end > start and view[end - 1] in " \n,;:.!?–—":
        end -= 1
    return start, end


def _inside_quote(view: str, start: int, end: int, quotes: list[Quote]) -> Span | None:
    """The inside of a quotation that is the whole span (but for punctuation), else None."""
    low, high = _stripped(view, start, end)
    for quote in quotes:
        if quote.start == low and quote.end >= high - 1 and quote.inner[1] <= high + 1:
            return quote.inner[0], min(quote.inner[1], high if not quote.closed else quote.inner[1])
    return None


def _quoted_parts(view: str, start: int, end: int, depth: int) -> list[Part]:
    nested = find_quotes(view, start, end)
    parts: list[Part] = []
    for a, b in segment(view[start:end], "en"):
        opening = _OPENING.match(view, start + a, start + b) or (
            _JOINED.match(view, start, start + b) if not a else None
        )
        parts += _parts(view, opening.end() if opening else start + a, start + b, nested, depth + 1)
    return parts


def _follow(view: str, found: Found, quotes: list[Quote], depth: int) -> list[Part]:
    if found.together:
        pieces = tuple(bare(view, *span) for span, _ in found.contents)
        return [Part(pieces, (found.saying,))]
    parts: list[Part] = []
    for n, (span, covered) in enumerate(found.contents):
        inside = _without(view, _JOINED, span) if n else span
        below = _parts(view, *inside, quotes, depth + 1, reported=covered and found.reported)
        if found.inner is not None and covered:
            below = [part.said_by(found.inner) for part in below]
        below = [_said(part, found.saying) for part in below] if covered else below
        parts += [replace(part, contrast=True) for part in below] if covered and found.contrast else below
    return parts + _follow(view, found.also, quotes, depth) if found.also is not None else parts


def _from_cited(part: Part, cited: Saying) -> Part:
    """`X reported A, citing Y`: Y said it first. A part that nobody passes on is told by the author after Y."""
    return replace(part, chain=(replace(cited, content=(part.pieces[0][0], part.pieces[-1][1])), *part.chain))


def _without(view: str, opening: re.Pattern[str], span: Span) -> Span:
    start, end = _stripped(view, *span)
    match = opening.match(view, start, end)
    return (match.end() if match else start), end


def _said(part: Part, saying: Saying) -> Part:
    if part.contrast and part.chain and not saying.vague:
        return part
    return replace(part.said_by(saying), vague=part.vague or saying.vague)


def _clauses(view: str, start: int, end: int, quotes: list[Quote], depth: int, *, reported: bool) -> list[Part]:
    clauses = split_clauses(view, start, end, reported=reported)
    if len(clauses) == 1 and len(clauses[0]) == 1:
        return [Part((bare(view, start, end),))]
    parts: list[Part] = []
    for n, pieces in enumerate(clauses):
        first = _without_leader(view, pieces[0], n)
        if len(pieces) > 1 or depth >= DEEPEST:
            parts.append(Part(tuple(bare(view, *piece) for piece in (first, *pieces[1:]))))
            continue
        contrast = re.match(r"\s*(?:but|while|whereas)\b", view[pieces[0][0] : pieces[0][1]], re.IGNORECASE) is not None
        below = _parts(view, *first, quotes, depth + 1)
        parts += [replace(part, contrast=contrast) for part in below]
    return parts


def _without_leader(view: str, piece: Span, n: int) -> Span:
    start, end = _stripped(view, *piece)
    leader = _LEADING.match(view, start, end)
    if leader is None:
        return start, end
    again = _LEADING.match(view, leader.end(), end) if n else None
    return (again or leader).end(), end
