"""Cues of more than one verb: `according to X`, `X quoted Y as saying`, `it is believed that`, `the claim is that`."""

from __future__ import annotations

import re
from dataclasses import replace

from claims.splitting.splitters.chains import Found, Saying
from claims.splitting.splitters.english.region import Region
from claims.splitting.splitters.english.sources import is_noun_phrase, source_before
from claims.splitting.splitters.english.speech import NOT_CONTENT, second_saying
from claims.splitting.splitters.english.words import first_finite, grammar, words_in
from claims.splitting.splitters.shapes import Span

_SAYING = re.compile(
    r"(?:,?\s(saying)|,\s(adding))\s+(?:that\s+)?(?=\S)"
    r"|,\s(stating|claiming|arguing|insisting|warning|noting|explaining)\s+that\s+(?=\S)"
)
_AS_SAYING = re.compile(r"\s+(?P<source>[^,;\ue000]{2,90}?) as (?P<cue>saying|stating|telling|writing)\b(?: that)?:?,?")
_ACCORDING_END = re.compile(r",?\s+(?P<cue>according to)\s+(?P<source>[^\ue000]{2,200})$", re.IGNORECASE)
_ACCORDING_MIDDLE = re.compile(
    r",?\s+(?P<cue>according to)\s+(?P<source>[^,;–—\ue000]{2,120}?)(?:,\s|\s(?:--|[–—])\s)", re.IGNORECASE
)
_IMPERSONAL = re.compile(
    r"(?:^|\b)It (?:is|was|has been|had been) (?:\w+ly |long |also )?"
    r"(?P<cue>believed|thought|reported|said|alleged|assumed"
    r"|rumoured|rumored|claimed|understood|expected|feared|estimated|known|suggested) that\s",
    re.IGNORECASE,
)
_NOUN_CUE = re.compile(
    r"^(?:One of|Among|Some of)?\s*(?P<source>(?:[Tt]he |[Aa] )?[^,;]{2,60}?|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er)(?:['’]s?)? "
    r"(?:\w[\w-]* ){0,4}?(?P<cue>claims?|findings?|allegations?|conclusions?|arguments?|accusations?|assertions?) "
    r"(?:is|are|was|were) that\s"
)
_CITING = re.compile(r",\s+(?P<cue>citing|quoting)\s+(?P<source>[^,;:\ue000]{2,100})$", re.IGNORECASE)
_CITING_FIRST = re.compile(r"(?P<cue>citing|quoting)\s+(?P<source>[^,;:\ue000]{2,100}),\s+", re.IGNORECASE)
_IN_WORDS = re.compile(r"In\s+(?P<source>[^,;\ue000]{2,60}?['’]s?)\s+(?P<cue>words|view|opinion|account),?\s+")
_NAMED = re.compile(r"\s+(?P<what>(?!(?:for|on|in|off|out|up|by)\b)[^,;:.\ue000]{2,60}?\s+(?:as\s+)?[“\"‘«]\ue000)")
_AS = re.compile(r"(?:^|,\s)as\s", re.IGNORECASE)
_AS_REPORTED = re.compile(
    r"(?:^|,\s)as\s(?P<source>[^,;:\ue000]{2,80}?)(?:\s(?:has|have|had|first|also|previously|recently))*\s[a-z]+$",
    re.IGNORECASE,
)
_AS_REPORTED_BY = re.compile(
    r"(?:^|,\s)as (?:(?:first|previously|earlier|also|originally|\w+ly) )?(?P<cue>\w+ed) (?:\w+ly |earlier )?by "
    r"(?P<source>[^,;:\ue000]{2,80}?)(?:,\s|[.\s]*$)", re.IGNORECASE,
)  # fmt: skip
_AS_RESTED = re.compile(r"(?:\s(?:it|on|in|at|last|earlier|this|yesterday)\b[^,;:]{0,30})?(?:,\s|$)")
_CUELESS = re.compile(
    r"(?P<source>(?:[A-Z][\w.’'-]+ ){1,5}[A-Z][\w.’'-]+) that (?=(?:[A-Z]|the |it |he |she |they |there |his |her ))"
)


def announced(region: Region) -> Saying | None:
    """`On the cracks, the office said:` with nothing after it: who says what the next paragraphs hold."""
    for cue in region.cue_matches:
        source = source_before(region.text, cue.start())
        if (
            source is not None
            and not source.passive
            and re.fullmatch(r"[^,;:\ue000]{0,90}:\s*", region.text[cue.end() :])
        ):
            act = region.cues.act_of(cue.group())
            return Saying(region.placed(source.span), region.placed(cue.span()), act, (region.end, region.end))
    return None


def according_at_end(region: Region) -> Found | None:
    matches = [m for m in re.finditer(r"\baccording to\b", region.text, re.I) if m.start() > 3]
    if not matches:
        return None
    last = _ACCORDING_END.search(region.text, max(0, matches[-1].start() - 3))
    if (
        last is None
        or re.search(r"\s(?:--?|[–—])\s", last.group("source"))
        or not is_noun_phrase(last.group("source"), longest=24)
    ):
        return None
    content = (region.start, region.start + last.start())
    return region.found(last.span("source"), last.span("cue"), "statement", ((content, True),))


def according_in_the_middle(region: Region) -> Found | None:
    """`A, according to the bureau, and B`, also between dashes."""
    for match in _ACCORDING_MIDDLE.finditer(region.text):
        left, right = (region.start, region.start + match.start()), (region.start + match.end(), region.end)
        if region.states_something(*left) and is_noun_phrase(match.group("source"), longest=14):
            covers = NOT_CONTENT.match(region.view, right[0]) is None
            return region.found(match.span("source"), match.span("cue"), "statement", ((left, True), (right, covers)))
    return None


def citing(region: Region) -> Saying | None:
    """`X reported A, citing sources`, `Citing sources, X reported A`: who was behind it; `content` is the rest."""
    first = _CITING_FIRST.match(region.text)
    if first is not None and region.states_something(region.start + first.end(), region.end):
        content = (region.start + first.end(), region.end)
        return Saying(region.placed(first.span("source")), region.placed(first.span("cue")), "statement", content)
    match = _CITING.search(region.text)
    if match is None or not is_noun_phrase(match.group("source"), longest=14):
        return None
    content = (region.start, region.start + match.start())
    if match.start() < 4 or not region.states_something(*content):
        return None
    return Saying(region.placed(match.span("source")), region.placed(match.span("cue")), "statement", content)


def as_reported(region: Region) -> Found | None:
    """`As the Herald reported, …` and `…, as the Herald reported`."""
    if not _AS.search(region.text):
        return None
    passive = _as_reported_by(region)
    if passive is not None:
        return passive
    for cue in region.cue_matches:
        match = _AS_REPORTED.search(region.text, 0, cue.end())
        if match is None or match.end() != cue.end() or not is_noun_phrase(match.group("source"), longest=10):
            continue
        rest = _AS_RESTED.match(region.text, cue.end())
        before, after = match.start(), rest.end() if rest is not None else len(region.text)
        spans = ((region.start, region.start + before), (region.start + after, region.end))
        held = tuple((span, True) for span in spans if span[0] < span[1])
        if rest is not None and held and (len(held) == 1 or before == 0) and region.states_something(*held[-1][0]):
            return region.found(match.span("source"), cue.span(), region.cues.act_of(cue.group()), held)
    return None


def _as_reported_by(region: Region) -> Found | None:
    """`As first reported by the Herald, …` and `…, as reported by the Herald`."""
    match = _AS_REPORTED_BY.search(region.text)
    if match is None or match.group("cue").lower() not in region.cues.words:
        return None
    if not is_noun_phrase(match.group("source"), longest=12):
        return None
    spans = ((region.start, region.start + match.start()), (region.start + match.end(), region.end))
    held = tuple((span, True) for span in spans if region.states_something(*span))
    if len(held) != 1:
        return None
    return region.found(match.span("source"), match.span("cue"), region.cues.act_of(match.group("cue")), held)


def according_at_start(region: Region) -> Found | None:
    match = re.match(
        r"(?:(?:And|But|Yet|Now|However),? )?"
        r"(according to|in the words of|in the view of|(?:as )?per(?= (?:an?|the) | [A-Z]))\s+",
        region.text,
        re.I,
    )
    if match is None:
        return None
    for comma in re.finditer(",", region.text[match.end() : match.end() + 250]):
        stop = match.end() + comma.start()
        rest = words_in(region.text, stop, len(region.text))
        apposition = re.match(
            r",\s+(?:a|an|the|who|which|one|head|chief|director|citing|\w+ed|made|held|seen|led)\s[^,]*,",
            region.text[stop:],
        )
        if region.states_something(region.start + stop + 1, region.end) and apposition is None and rest:
            content = (region.start + stop + 1, region.end)
            return region.found((match.end(), stop), match.span(1), "statement", ((content, True),))
    return None


def in_the_words_of(region: Region) -> Found | None:
    """`In Moe's words, …`."""
    match = _IN_WORDS.match(region.text)
    if match is None or not is_noun_phrase(match.group("source"), longest=8):
        return None
    content = (region.start + match.end(), region.end)
    return region.found(match.span("source"), match.span("cue"), "statement", ((content, True),))


def named(region: Region) -> Found | None:
    """`The spokesman called the report “a pack of lies”`: what is called, and the words for it."""
    if region.cues.naming is None or "\ue000" not in region.text:
        return None
    for cue in region.cues.naming.finditer(region.text):
        match, source = _NAMED.match(region.text, cue.end()), source_before(region.text, cue.start())
        if match is not None and source is not None and not source.passive and source.is_free(region.text):
            quote = re.compile("\ue000+.?").search(region.text, match.end() - 1)
            stop = quote.end() if quote is not None else len(region.text)
            content, rest = (region.start + match.start("what"), region.start + stop), (region.start + stop, region.end)
            second = second_saying(region, source, stop)
            is_more = second is None and (region.states_something(*rest) or "\ue000" in region.text[stop:])
            more = ((rest, False),) if is_more else ()
            found = region.found(source.span, cue.span(), "statement", ((content, True), *more))
            return replace(found, also=second[1] if second is not None else None)
    return None


def quoted_as_saying(region: Region) -> Found | None:
    for cue in region.cue_matches:
        if cue.group().lower() not in region.cues.quoting:
            continue
        match = _AS_SAYING.match(region.text, cue.end())
        source = source_before(region.text, cue.start())
        if match is None or source is None:
            continue
        by = re.match(r"\s*by\s+", match.group("source")) if source and source.passive else None
        if by is not None:  # `He was quoted by the Herald as saying`
            named = match.start("source") + by.end(), match.end("source")
            outer = Saying(region.placed(named), region.placed(cue.span()), "statement", (region.start, region.end))
            content = (region.start + match.end(), region.end)
            inner = Saying(region.placed(source.span), region.placed(match.span("cue")), "statement", content)
            return Found(outer, ((content, True),), inner=inner)
        outer = Saying(region.placed(source.span), region.placed(cue.span()), "statement", (region.start, region.end))
        rest = region.text[match.end() :].strip(" .,")
        span = (region.start + match.end(), region.end) if rest else (region.start, region.start + source.start)
        inner = Saying(region.placed(match.span("source")), region.placed(match.span("cue")), "statement", span)
        return Found(outer, ((span, True),), inner=inner)
    return None


def impersonal(region: Region) -> Found | None:
    match = _IMPERSONAL.match(region.text)
    if match is None:
        return None
    saying = Saying(
        None, region.placed(match.span("cue")), "belief", (region.start + match.end(), region.end), vague=True
    )
    return Found(saying, ((saying.content, True),))


def noun_cue(region: Region) -> Found | None:
    """`One of the report's findings is that …`."""
    match = _NOUN_CUE.match(region.text)
    if match is None:
        return None
    content = (region.start + match.end(), region.end)
    if match.group("source").lower() in {"its", "their", "his", "her"}:
        return region.found(match.span("source"), match.span("cue"), "statement", ((content, False),))
    return region.found(match.span("source"), match.span("cue"), "statement", ((content, True),))


def and_saying(region: Region) -> Found | None:
    """`calls from owners, saying that …`: the last giver named says it, or the subject."""
    match = _SAYING.search(region.text)
    if match is None or not region.states_something(region.start, region.start + match.start()):
        return None
    before = words_in(region.text, 0, match.start())
    small = grammar().auxiliaries | grammar().prepositions | grammar().pronouns
    if not before or (before[-1].lower in small and not match.group().startswith(",")):
        return None  # `what she is saying`, `without saying`
    left = region.text[: match.start()]
    giver = list(re.finditer(r"\b(?:from|by)\s+", left))
    words = words_in(left, 0, len(left))
    verb = first_finite(words, 0, len(words))
    span: Span | None = None
    if giver and is_noun_phrase(left[giver[-1].end() :], longest=8):
        span = (giver[-1].end(), match.start())
    elif verb and (subject := source_before(left, words[verb].start)) is not None:
        span = subject.span
    content = (region.start + match.end(), region.end)
    cue = region.placed(match.span(match.lastindex or 0))
    saying = Saying(region.placed(span) if span else None, cue, "statement", content)
    return Found(saying, (((region.start, region.start + match.start()), False), (content, True)))


def cueless(region: Region) -> Found | None:
    """`President Jane Roe that her country mulls …`: broken text; the source is named, the verb is missing."""
    match = _CUELESS.match(region.text)
    if match is None:
        return None
    content = (region.start + match.end(), region.end)
    return Found(Saying(region.placed(match.span("source")), None, "statement", content), ((content, True),))
