"""`X said that …`, `…, X said`, `…, said X`, and `…, X said, …`: a source, a verb of saying, and what is said."""

from __future__ import annotations

import re
from dataclasses import replace

from claims.splitting.splitters.chains import Found
from claims.splitting.splitters.english.clauses import RELATIVES, split_clauses
from claims.splitting.splitters.english.content import (
    citing_before,
    citing_inside,
    content_after,
    content_end,
    warned_pieces,
)
from claims.splitting.splitters.english.region import Region
from claims.splitting.splitters.english.sources import Source, is_noun_phrase, source_before
from claims.splitting.splitters.english.words import finite_strength, first_finite, grammar, is_verb_form, words_in
from claims.splitting.splitters.shapes import Span

_PARTICIPIAL = re.compile(
    r"\s*(?:referring|citing|speaking|quoting|describing|in|on|at|during|after|as|without|before|without)\b"
)
_LEADING_CLAUSE = re.compile(r"(?:when|if|because|since|before|until|once|unless)\b", re.IGNORECASE)
_JOINED_VERB = re.compile(r",?\s(?:and|but)\s(?:also\s|later\s|then\s|\w+ly\s)?$")
_CONTRAST = re.compile(r"\b(?:but|while|whereas|although|though)\s+$", re.IGNORECASE)
_PLACE_AND_TIME = re.compile(r",?\s(?:in an?|during|on [A-Z]\w+day|after|at a)\s|,\s(?:in|on|at)\s|\s[A-Z][a-z]+day$")
_PLACES_IN_TIME = re.compile(
    r"^(?:the|this|that|it|these|those)?\s*[\w’'-]*(?: \w+)? "
    r"(?:comes?|came|follows|followed|took place|happened|occurred|is|was)\b"
    r"[^,;]{0,60}\b(?:after|before|as|when|while)$", re.IGNORECASE,
)  # fmt: skip
_GOES_ON = re.compile(r",\s*(?=[“«\"‘])|,\s+(?:adding|and that)\s+(?:that )?")
_ADDING = re.compile(r"[^,\ue000]{0,60}, (?P<cue>adding) (?:that )?")
NOT_CONTENT = re.compile(r"\s*(?:but|while|whereas|although|though)\b", re.IGNORECASE)


def said_at_end(region: Region) -> Found | None:
    """`…, the ministry said on Monday`; the last such cue is the outermost."""
    for cue in reversed(region.cue_matches):
        source = source_before(region.text, cue.start())
        if source is None or source.passive or not _stands_apart(region.text, source.start):
            continue
        quoted = region.text[: source.start].rstrip()[-1] in '”»"'
        if not _may_end(region, cue.end(), longest=26 if quoted else 12):
            continue
        content = (region.start, region.start + source.start)
        if not region.states_something(*content):
            continue
        found = region.found(source.span, cue.span(), region.cues.act_of(cue.group()), ((content, True),))
        return replace(found, also=_added(region, source.span, cue.end()))
    return None


def _added(region: Region, source: Span, at: int) -> Found | None:
    """`A, X said, adding that B`: X says B as well, and another word says so."""
    more = _ADDING.match(region.text, at)
    if more is None:
        return None
    content = (region.start + more.end(), region.end)
    return region.found(source, more.span("cue"), "statement", ((content, True),))


def _stands_apart(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return bool(before) and (before[-1] in ",–—”’»\"'" or before.endswith(" -"))


def _may_end(region: Region, at: int, longest: int) -> bool:
    """What may follow a cue at the end: nothing, a time or place, `adding that …`."""
    rest = region.text[at:]
    if _ADDING.match(rest):
        return True
    head, _, after = rest.partition(",")
    if "\ue000" in head or re.match(r"\s*(?:that\b|:)", rest) or len(rest.split()) > 26:
        return False
    if after and not _PARTICIPIAL.match(after):
        return False
    words = words_in(rest, 0, len(head))
    return len(words) <= longest and not any(
        finite_strength(words, i) == 2 for i in range(len(words)) if words[i].is_word
    )


def said_before_source(region: Region) -> Found | None:
    """`“…,” said Maria Lopez, the mayor`."""
    for cue in reversed(region.cue_matches):
        before = region.text[: cue.start()].rstrip()
        if not before or before[-1] not in ",”’»\"'–—" or region.text[cue.end() : cue.end() + 1] != " ":
            continue
        if before[-1] == "," and cue.group().lower() in region.cues.takes_object | region.cues.needs_that:
            continue  # `Jane Roe, a judge, told the court`, `they met, agreed a truce`: what follows is its object
        rest = region.text[cue.end() :].strip()
        goes_on = _GOES_ON.search(region.text, cue.end())
        stop = goes_on.start() if goes_on else len(region.text)
        source_text = _PLACE_AND_TIME.split(region.text[cue.end() : stop], maxsplit=1)[0].strip(" .,")
        if not _may_open_source(source_text):
            continue
        if (
            not rest
            or not is_noun_phrase(source_text, longest=30)
            or source_text.lower().startswith(("to ", "that ", "in ", "by "))
        ):
            continue
        content = (region.start, region.start + cue.start())
        if not region.states_something(*content):
            continue
        begin = region.text.index(source_text, cue.end())
        span = (begin, begin + len(source_text))
        also = _added(region, span, stop)
        more = (((region.start + goes_on.end(), region.end), True),) if goes_on and also is None else ()
        found = region.found(span, cue.span(), region.cues.act_of(cue.group()), ((content, True), *more))
        return replace(found, also=also)
    return None


def _may_open_source(text: str) -> bool:
    first = text.split(" ", 1)[0]
    g = grammar()
    if not first or first[0].isdigit():
        return False
    return first[0].isupper() or first.lower() in g.determiners | g.pronouns | {"one"} or len(text.split()) <= 3


def said_in_the_middle(region: Region) -> Found | None:
    """`A, the mayor alleged, and B`; also `Tormo, officials said, will join` (one claim in two pieces)."""
    for cue in region.cue_matches:
        after = re.match(r"[^,\ue000]{0,40}?,\s*", region.text[cue.end() :])
        source = source_before(region.text, cue.start())
        if after is None or source is None or source.passive or not _stands_apart(region.text, source.start):
            continue
        if len(after.group().split()) > 6 or source.start < 3:
            continue
        left = (region.start, region.start + source.start)
        right = (region.start + cue.end() + after.end(), region.end)
        act = region.cues.act_of(cue.group())
        if _LEADING_CLAUSE.match(region.text) and region.states_something(*right):
            found = region.found(source.span, cue.span(), act, ((left, True), (right, True)))
            return Found(found.saying, found.contents, together=True)
        if region.states_something(*left):
            covers = NOT_CONTENT.match(region.view, right[0]) is None
            return region.found(source.span, cue.span(), act, ((left, True), (right, covers)))
        if len(region.view[left[0] : left[1]].split()) <= 8 and _goes_on_with_verb(region, right[0]):
            found = region.found(source.span, cue.span(), act, ((left, True), (right, True)))
            return Found(found.saying, found.contents, together=True)
    return None


def _goes_on_with_verb(region: Region, at: int) -> bool:
    words = [word for word in words_in(region.view, at, min(region.end, at + 30)) if word.is_word]
    return bool(words) and is_verb_form(words[0].lower)


def said_at_start(region: Region) -> Found | None:
    """`The ministry said on Monday that …`, `X told Y: “…”`, `X has accused Y of …`, `sites that he said were …`."""
    for cue in region.cue_matches:
        source = source_before(region.text, cue.start())
        if source is None or source.passive or not source.is_free(region.text):
            continue
        relative = _relative_content(region, source, cue)
        if relative is not None:
            return relative
        at = content_after(region, cue)
        if at is None or at >= region.end:
            continue
        before = _before_source(region, source)
        contents = ((before, False),) if before else ()
        act = region.cues.act_of(cue.group())
        second = second_saying(region, source, at - region.start)
        stop = second[0] if second is not None else content_end(region, at)
        rest = () if second is not None or stop == region.end else (((stop, region.end), False),)
        said = tuple((piece, True) for piece in warned_pieces(region, at, stop, cue.group().lower()))
        span, behind = citing_before(region, source.span, at)
        found = region.found(span, cue.span(), act, (*contents, *said, *rest))
        found = replace(
            found,
            also=second[1] if second is not None else None,
            inner=citing_inside(region, at) or behind,
            reported=True,
        )
        return replace(found, contrast=bool(before) and _CONTRAST.search(region.text[: source.start]) is not None)
    return None


def and_said(region: Region) -> Found | None:
    """`She toured the camp and said the wells were dry`: who did the first thing says the second."""
    for cue in region.cue_matches:
        joined = _JOINED_VERB.search(region.text[: cue.start()])
        if joined is None or joined.end() != cue.start():
            continue
        left = region.start, region.start + joined.start()
        source = _subject_of_last(region, left)
        at = content_after(region, cue) if source is not None else None
        if source is not None and at is not None and at < region.end:
            act = region.cues.act_of(cue.group())
            return region.found(source, cue.span(), act, ((left, False), ((at, region.end), True)))
    return None


def _subject_of_last(region: Region, left: Span) -> Span | None:
    """The subject of the last clause in `left` that has one, unless its verb is one of saying (those have a rule)."""
    if not region.states_something(*left):
        return None
    for pieces in reversed(split_clauses(region.view, *left)):
        low, high = pieces[0][0] - region.start, pieces[-1][1] - region.start
        words = words_in(region.text, low, high)
        verb = first_finite(words, 0, len(words))
        if words and words[0].lower in RELATIVES:
            continue
        said = next((cue for cue in region.cue_matches if verb is not None and cue.start() == words[verb].start), None)
        if verb is None or (said is not None and content_after(region, said) is not None):
            return None
        source = source_before(region.text[:high], words[verb].start) if verb else None
        if source is not None and source.start >= low:
            return source.span
    return None


def second_saying(region: Region, source: Source, at: int) -> tuple[int, Found] | None:
    """`X said A but warned that B`: where A ends, and what X warned of."""
    for cue in region.cue_matches:
        joined = re.search(r",?\s(?:and|but)\s(?:\w+ly\s|also\s|later\s)?$", region.text[at : cue.start()])
        begin = content_after(region, cue) if joined is not None and cue.start() > at else None
        if joined is None or begin is None or begin >= region.end:
            continue
        content = (begin, region.end)
        found = region.found(source.span, cue.span(), region.cues.act_of(cue.group()), ((content, True),))
        return region.start + at + joined.start(), found
    return None


def _relative_content(region: Region, source: Source, cue: re.Match[str]) -> Found | None:
    left = region.text[: source.start].rstrip()
    if not left.endswith((" that", " which", " who")) or region.text[: source.start].count(" ") < 4:
        return None
    words = words_in(region.text, cue.end(), len(region.text))
    if not words or words[0].lower not in grammar().auxiliaries:
        return None
    content = (region.start + words[0].start, region.end)
    before = (region.start, region.start + left.rfind(" "))
    return region.found(source.span, cue.span(), region.cues.act_of(cue.group()), ((before, False), (content, True)))


def _before_source(region: Region, source: Source) -> Span | None:
    """The clause that stands before the source, unless it only places the saying in time."""
    text = region.text[: source.start].rstrip(" ,")
    if not region.states_something(region.start, region.start + len(text), least=2) or _PLACES_IN_TIME.match(text):
        return None
    words = words_in(region.text, 0, len(text))
    while words and words[-1].lower in {
        "and",
        "but",
        "while",
        "as",
        "after",
        "although",
        "though",
        "whereas",
        "because",
        "when",
    }:
        words.pop()
    return (region.start, region.start + words[-1].end) if words else None
