"""Where that begins which is said, after a cue that stands before it."""

from __future__ import annotations

import re

from claims.splitting.splitters.chains import Saying
from claims.splitting.splitters.cues import cues_for
from claims.splitting.splitters.english.clauses import COORDINATORS, RELATIVES, starts_clause
from claims.splitting.splitters.english.region import Region
from claims.splitting.splitters.english.words import (
    finite_strength,
    first_finite,
    grammar,
    has_main_verb,
    is_verb_form,
    words_in,
)
from claims.splitting.splitters.shapes import Span

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TIME = re.compile(
    rf"\s+(?:(?:late |early |earlier )?(?:on|in|at|during) (?:\d{{1,2}} )?(?:[A-Z][a-z]+day|{_MONTHS}|\d{{4}})"
    r"(?: \d{1,2})?(?:,? \d{4})?"
    r"|(?:last|this|earlier this|next) (?:week|month|year|night)|[A-Z][a-z]+day|yesterday|today|recently|earlier"
    r"|in a (?:statement|report|letter|tweet|blog post|post|speech|memo))(?=[\s,:])"
)
_OBJECT = re.compile(
    r"\s+(?:him|her|them|us|me|it|you"
    r"|(?:[a-z]+ )?(?:reporters|journalists|lawmakers|parliament|investors|the court|the newspaper)"
    r"|(?:the )?[A-Z][\w.&'’-]*(?: (?:[A-Z][\w.&'’-]*|of|news|newspaper|radio|television))*)(?=[\s,:])"
)
_LISTENER = re.compile(
    r"\s+(?:(?:the|his|her|its|their|a|an)\s)?(?:[a-z-]+\s)??[a-z-]+"
    r"(?=\s+(?:that|he|she|they|it|we|you|there|the|his|her|its|their|this|these|no|an?)\s)"
)
_IN = re.compile(r"\s+in (?:the )?[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*(?=[\s,:])")
_TO = re.compile(r"\s+(?:to|at(?! (?:least|most|best)\b)|before) (?:the )?\w[\w'’-]*(?: [A-Z]\w*)*(?=[\s,:])")
_GERUND = re.compile(r"\s+(?:ever\s+)?(?P<what>(?!(?:any|every|no|some)thing\b)[a-z]{2,}ing\s+\S)")
_INFINITIVE = re.compile(r"\s+(?P<what>(?!to\b|that\b)[^,;:\ue000]{2,90}?\s+to\s+(?:be|have|\w+)\b)")
_OF = re.compile(r"\s+(?:of|about)\s+(?!(?:it|this|that|these|those|them|him|her|us|me|how|what)\b)(?=\S+\s+\S)")
_AND_OF = re.compile(r",?\s+(?:and|or)\s+(?:also\s+)?(?:of|about)\s+(?=\S)")
_THAT = re.compile(r"([^;:\ue000“«\"‘„]{0,90}?)(?:^|\s|,)that\s")
_CITING = re.compile(r"\s*,\s(?P<cue>citing|quoting)\s(?P<source>[^,;:\ue000]{2,90}),\s(?:that\s)?")
_ASIDE = re.compile(r",\s(?P<cue>citing|quoting)\s(?P<source>[^;:\ue000]{2,90})$")
_PLACING = frozenset({"after", "before", "following", "since", "when", "while"})
_COLON = re.compile(r"[^,;\ue000]{0,90}?:\s*(?=\S)")
_TO_QUOTE = re.compile(r"([^;:.\ue000]{0,60}?),?\s*(?=[“«\"‘„]|(?<=\s)')")


def content_after(region: Region, cue: re.Match[str]) -> int | None:
    """Where that which is said begins, after a cue that stands before it; None when nothing said follows."""
    text, at, lower = region.text, cue.end(), cue.group().lower()
    if lower in region.cues.accusing:
        return region.start + at if re.match(r"\s+[^,;]{2,80}? of\b", text[at:]) else None
    phrase = _without_verb(region, at, lower)
    if phrase is not None:
        return region.start + phrase
    cited = _CITING.match(text, at)
    if cited is not None and region.states_something(region.start + cited.end(), region.end):
        return region.start + cited.end()
    listener = _listener(text, at) if lower in region.cues.takes_object else None
    if listener is not None and text.startswith(" that ", listener.end()):
        return region.start + listener.end() + len(" that ")
    for skip in (_that, _colon, _quote):
        found = skip(text, at)
        if found is not None:
            return None if _passes_a_saying(region, at, found) else region.start + found
    return _zero_that(region, at, lower)


def _passes_a_saying(region: Region, at: int, stop: int) -> bool:
    """`rejected the offer and told reporters that …`: what follows is told, not rejected."""
    return any(
        at < cue.start() < stop
        and re.search(r"\s(?:and|but)\s(?:\w+ly\s|also\s|later\s)?$", region.text[at : cue.start()])
        for cue in region.cue_matches
    )


def _without_verb(region: Region, at: int, lower: str) -> int | None:
    """`expects growth to slow`, `denied taking money`, `warned of a storm`: what is said has no finite verb."""
    text = region.text
    if lower in region.cues.takes_infinitive and (infinitive := _INFINITIVE.match(text, at)):
        words = words_in(text, at, infinitive.end())
        if not any(finite_strength(words, i) == 2 for i in range(len(words)) if words[i].is_word):
            return infinitive.start("what")
    if lower in region.cues.takes_gerund and (gerund := _GERUND.match(text, at)):
        return gerund.start("what")
    of = _OF.match(text, at) if lower in region.cues.takes_of else None
    return of.end() if of is not None else None


def content_end(region: Region, at: int) -> int:
    """Where that ends which begins at `at`: in `warned of a storm, and the mayor left` the clause is not warned of."""
    words = words_in(region.text, at - region.start, len(region.text))
    for i in range(2, len(words) - 2):
        tied = words[i].text == "," and words[i + 1].lower in COORDINATORS | {"while", "whereas"}
        if tied and not has_main_verb(words, 0, i, least=2) and starts_clause(words, i + 2, least=1):
            return region.start + words[i].start
    return region.end


def warned_pieces(region: Region, at: int, stop: int, lower: str) -> list[Span]:
    """`warned of a storm, and of floods`: each thing warned of is one that can be checked."""
    pieces: list[Span] = []
    if lower in region.cues.takes_of:
        for joint in _AND_OF.finditer(region.text, at - region.start, stop - region.start):
            pieces.append((at, region.start + joint.start()))
            at = region.start + joint.end()
    return [*pieces, (at, stop)]


def citing_inside(region: Region, at: int) -> Saying | None:
    """`X reported, citing Y, that …`: Y behind X, for what begins at `at`."""
    match = next((m for m in _CITING.finditer(region.text) if region.start + m.end() == at), None)
    if match is None:
        return None
    return Saying(region.placed(match.span("source")), region.placed(match.span("cue")), "statement", (at, region.end))


def citing_before(region: Region, source: Span, at: int) -> tuple[Span, Saying | None]:
    """`X, citing Y, reported that …`: where the words before the cue are `source`, X alone and Y behind it."""
    match = _ASIDE.search(region.text, *source)
    if match is None:
        return source, None
    behind = region.placed(match.span("source")), region.placed(match.span("cue"))
    return (source[0], match.start()), Saying(*behind, "statement", (at, region.end))


def _that(text: str, at: int) -> int | None:
    match = _THAT.match(text[at : at + 110])
    if match is None or not _may_stand_before_that(re.findall(r"[\w’'-]+", match.group(1))):
        return None
    words = words_in(text, at, at + match.end())
    if any(finite_strength(words, i) == 2 for i in range(1, len(words) - 1) if words[i].is_word):
        return None
    return at + match.end()


def _listener(text: str, at: int) -> re.Match[str] | None:
    """`told analysts she …`, `told the city council it …`: common nouns that hold no verb."""
    match = _LISTENER.match(text, at)
    if match is None:
        return None
    words = words_in(text, at, match.end())
    small = grammar().pronouns | grammar().prepositions | {"that", "whether", "how", "not", "there"}
    if any(word.lower in small or is_verb_form(word.lower) for word in words):
        return None
    return match


def _may_stand_before_that(words: list[str]) -> bool:
    """A time, a listener, an adverb or a noun of saying; with another object, `that` opens a relative clause."""
    if not words or len(words) > 10:
        return not words
    g, first = grammar(), words[0].lower()
    adverbial = first in g.prepositions | g.time_words | _PLACING or first.endswith("ly") or words[0][0].isupper()
    return (
        adverbial
        or first in g.listeners
        or words[-1].lower() in cues_for("en").table["nouns"]
        or words[-1] in g.listeners
    )


def _colon(text: str, at: int) -> int | None:
    match = _COLON.match(text[at : at + 120])
    if match is None:
        return None
    words = words_in(text, at, at + match.end())
    return None if any(finite_strength(words, i) == 2 for i in range(1, len(words))) else at + match.end()


def _quote(text: str, at: int) -> int | None:
    match = _TO_QUOTE.match(text[at : at + 90])
    if match is None:
        return None
    skipped = match.group(1)
    if skipped.strip() and not _is_passed_over(text, at, at + len(skipped)):
        opened = text[at + match.end() : at + match.end() + 1]
        return (
            at
            if opened and re.fullmatch(r"\s+(?:it|he|she|they|there|this|the \w+|[A-Z]\w+)\b[^,]*", skipped)
            else None
        )
    return at + match.end()


def _is_passed_over(text: str, at: int, stop: int) -> bool:
    """Whether a listener, a time and a place, and nothing else, stand in text[at:stop]."""
    listener = _OBJECT.match(text, at)
    at = listener.end() if listener is not None and listener.end() <= stop else at
    while at < stop:
        more = next((m for rule in (_TIME, _TO, _IN) if (m := rule.match(text, at)) and m.end() <= stop), None)
        if more is None:
            return False
        at = more.end()
    return True


def _zero_that(region: Region, at: int, lower: str) -> int | None:
    text = region.text
    told = False  # a listener parts the verb from a subject without determiner: `told the Courier soldiers fired`
    takes_object = lower in region.cues.takes_object
    for pattern in (_OBJECT if takes_object else _TIME, _TIME, _TO):
        match = pattern.match(text, at)
        if match is None and takes_object and pattern is _OBJECT:
            match = _listener(text, at)
        if match is not None:
            at = match.end()
            told = told or (takes_object and pattern is _OBJECT)
    words = words_in(text, at, len(text))
    if not words or not words[0].is_word:
        return None
    opener = words[0].lower
    found_in = opener in grammar().prepositions and region.cues.act_of(lower) == "evidence"
    if opener == "whether" or found_in:
        return None  # `has not said whether he will run`, `the law found in the archive`
    is_clause_sure = told or opener in grammar().pronouns
    verb = first_finite(words, 0, min(len(words), 40), least=1 if is_clause_sure else 2)
    if not verb and lower in grammar().clause_takers:
        verb = first_finite(words, 0, min(len(words), 40))  # `say the plan hurts fishermen`: nobody says a thing
    if not verb or opener in (grammar().prepositions - {"in", "at", "by", "on", "despite", "like"}) | {
        "and",
        "or",
        "to",
    }:
        return None
    comma = next((i for i in range(verb) if words[i].text == ","), None)
    ending = {"after", "when", "as"}  # before its verb, the clause has none of these
    if region.cues.act_of(lower) in {"evidence", "perception"}:
        ending |= COORDINATORS  # `the jury found him guilty and the judge sentenced him`
    if (comma is not None and words[comma + 1].lower not in RELATIVES) or any(
        words[i].lower in ending for i in range(verb)
    ):
        return None
    if lower in region.cues.needs_that and opener not in grammar().pronouns - {
        "you",
        "i",
        "we",
        "who",
        "which",
        "those",
        "these",
    }:
        return None
    return region.start + words[0].start
