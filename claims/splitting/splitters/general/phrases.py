"""`Laut X …`, `…, selon X`, `Wie X meldet, …`, `X zufolge …`: who says it stands in a phrase of its own."""

from __future__ import annotations

import re

from claims.splitting.splitters.chains import Found
from claims.splitting.splitters.cues import Cues
from claims.splitting.splitters.general.region import COMMA, WORDS, Region
from claims.splitting.splitters.shapes import Span

_LONGEST_AFTER_DASH = 9  # words of a source that nothing ends
_LONGEST_PERSON = 80  # code points
_QUOTED_NAME = re.compile(r"\s+(?:(\w+)\s+)?[„“”\"«»‘‚]\s?\ue000{1,25}\s?[“”\"»«’‘]")
_CLITIC = re.compile(r"\s(?:l[’']?|lo|le)\s*$")  # `comme l’AFP l’a rapporté`


def like_reported(region: Region) -> Found | None:
    """`Wie die dpa meldet, …`, `Как сообщает ТАСС, …`, also at the end."""
    if region.cues.like is None:
        return None
    for match in region.cues.like.finditer(region.text):
        before = region.text[: match.start()].rstrip()
        if before and before[-1] not in ",،—–":
            continue
        comma = COMMA.search(region.text, match.end())
        stop = comma.start() if comma else len(region.text)
        verb = next((v for v in region.verbs if match.end() <= v.start() < stop), None)
        if verb is None or (not before and comma is None):
            continue
        adjacent = not region.text[match.end() : verb.start()].strip()
        source = (verb.end(), stop) if adjacent else (match.end(), verb.start())
        cue = (match.start(), verb.end()) if adjacent else verb.span()
        clitic = None if adjacent else _CLITIC.search(region.text, *source)
        source = (source[0], clitic.start()) if clitic else source
        contents = tuple(span for span in ((0, match.start()), (stop + 1, len(region.text))) if span[0] < span[1])
        found = region.found(source, cue, contents, region.cues.act_of(verb.group()))
        if found is not None:
            return found
    return None


def according_to(region: Region) -> Found | None:
    """`Selon le ministère, …` and `…, de acuerdo con la policía`."""
    if region.cues.prefix is None:
        return None
    for match in region.cues.prefix.finditer(region.text):
        before = region.text[: match.start()].rstrip()
        after_comma = match.group().lower() in region.cues.table.get("only_after_comma", ())
        if after_comma and not (before.endswith(",") and _opens_source(region, match.end())):
            continue
        cue, end = _with_verb(region, match) or _without_determiner(region, match)
        if not before:
            found = _according_first(region, cue, end)
        elif before[-1] in ",،，—–" and not COMMA.search(region.text, match.end()):
            if before[-1] in "—–" and len(WORDS.findall(region.text[match.end() :])) > _LONGEST_AFTER_DASH:
                continue
            found = region.found((end, len(region.text)), cue, ((0, match.start()),), "statement")
        elif before[-1] in ",،，":
            comma = COMMA.search(region.text, match.end())
            stop = comma.start() if comma else len(region.text)
            contents = ((0, match.start()), (stop + 1, len(region.text)))
            found = region.found((end, stop), cue, contents, "statement")
        else:
            found = None
        if found is not None:
            return found
    return None


def for_person(region: Region) -> Found | None:
    """`Pour le ministre, la réforme est nécessaire`: `for` opens an opinion only before a person and a comma."""
    match = region.cues.prefix_person.match(region.text) if region.cues.prefix_person is not None else None
    comma = COMMA.search(region.text, match.end()) if match is not None else None
    if match is None:
        return None
    stop = begin = comma.start() if comma is not None else 0
    if not comma or stop - match.end() > _LONGEST_PERSON:  # `Per il ministro la riforma è necessaria`
        stop = begin = noun_phrase_end(region.text, match.end(), region.cues)
    named = WORDS.findall(region.text[match.end() : stop])
    while named and named[0].lower() in region.cues.table.get("determiners", ()):
        named.pop(0)
    people = region.cues.table.get("people", ())
    if not named or len(named) > 9 or not (named[0].lower() in people or _is_full_name(named)):
        return None
    return region.found((match.end(), stop), match.span(), ((begin, len(region.text)),), "belief")


def _is_full_name(words: list[str]) -> bool:
    return len(words) > 1 and all(word[0].isupper() and word[1:].islower() for word in words[:2])


def _with_verb(region: Region, match: re.Match[str]) -> tuple[Span, int] | None:
    """`según informó` la policía: a verb of saying right after belongs to the cue. The cue, and its end."""
    verb = next((verb for verb in region.verbs if verb.start() >= match.end()), None)
    if verb is None or region.text[match.end() : verb.start()].strip() or not region.cues.table.get("spaced", True):
        return None
    return (match.start(), verb.end()), verb.end()


def _without_determiner(region: Region, match: re.Match[str]) -> tuple[Span, int]:
    """`nach Angaben der` Feuerwehr: the determiner belongs to the source. The cue, and where the source begins."""
    head, _, last = match.group().rpartition(" ")
    if head and last.lower() in region.cues.table.get("determiners", ()):
        return (match.start(), match.start() + len(head)), match.start() + len(head)
    return match.span(), match.end()


def _opens_source(region: Region, at: int) -> bool:
    word = WORDS.search(region.text, at)
    return word is not None and (word.group()[0].isupper() or word.group() in region.cues.table.get("determiners", ()))


def _according_first(region: Region, cue: Span, at: int) -> Found | None:
    comma = COMMA.search(region.text, at)
    if (
        comma is not None
        and region.cues.table.get("no_comma")
        and noun_phrase_end(region.text, at, region.cues) < comma.start()
    ):
        comma = None  # `Zdaniem ministra most jest bezpieczny, ale drogi`
    if comma is not None and len(WORDS.findall(region.text[at : comma.start()])) <= 9:
        stop, begin = comma.start(), comma.end()
    else:
        stop = begin = noun_phrase_end(region.text, at, region.cues)
    named = stop
    if region.cues.table.get("spaced") is False:  # 据新华社报道: the verb is no part of the name
        named = next((verb.start() for verb in region.verbs if verb.end() == stop and verb.start() > at), stop)
    return region.found((at, named), cue, ((begin, len(region.text)),), "statement")


def noun_phrase_end(text: str, at: int, cues: Cues) -> int:
    """Where a source without a comma ends: determiners, a noun, then names, and genitives after a linking word."""
    determiners, linkers = set(cues.table.get("determiners", ())), set(cues.table.get("linkers", ()))
    named = _past_quoted_name(text, at, cues)
    if named > at:
        return named
    words = list(WORDS.finditer(text, at))
    i = 0
    while i < len(words) - 1 and words[i].group().lower() in determiners:
        i += 1
    if i >= len(words):
        return len(text)
    while i + 1 < len(words):
        following = words[i + 1].group()
        capital = following[0].isupper() or (cues.table.get("nouns_capitalised") and words[i].group()[0].islower())
        if capital or _is_genitive(words[i].group().lower(), following, cues):
            i += 1
        elif following.lower() in cues.table.get("genitives", ()) and i + 2 < len(words) - 1:
            i += 2
            while i + 1 < len(words) - 1 and words[i].group().lower() in determiners:
                i += 1
        elif following.lower() in linkers and _links_on(words, i + 1, determiners | linkers):
            i += 2
            while i + 1 < len(words) and words[i].group().lower() in determiners | linkers:
                i += 1
        else:
            break
    return _past_quoted_name(text, words[i].end(), cues)


def _past_quoted_name(text: str, at: int, cues: Cues) -> int:
    """`einem Bericht des „Spiegel“`: a name in quotation marks goes on with the source."""
    match = _QUOTED_NAME.match(text, at)
    if match is None:
        return at
    small = {word for key in ("determiners", "genitives", "linkers") for word in cues.table.get(key, ())}
    return match.end() if match[1] is None or match[1].lower() in small else at


def _is_genitive(before: str, following: str, cues: Cues) -> bool:
    """`rzecznika policji`: after a word for an office, a word in the genitive is its name."""
    heads, endings = cues.table.get("genitive_heads", ()), tuple(cues.table.get("genitive_endings", ()))
    return bool(endings) and before in heads and following.lower().endswith(endings)


def _links_on(words: list[re.Match[str]], i: int, small: set[str]) -> bool:
    k = i + 1
    while k < len(words) and words[k].group().lower() in small:
        k += 1
    return k < len(words) and words[k].group()[0].isupper()


def after_source(region: Region) -> Found | None:
    """`Der Polizei zufolge …`, `Bakanlığa göre …`."""
    if region.cues.after_source is None:
        return None
    for match in region.cues.after_source.finditer(region.text):
        before = region.text[: match.start()]
        comma = before.rfind(",")
        rest = region.text[match.end() :]
        if rest.strip() and comma < 0:
            return region.found((0, match.start()), match.span(), ((match.end(), len(region.text)),), "statement")
        if not rest.strip() and comma > 0:
            return region.found((comma + 1, match.start()), match.span(), ((0, comma),), "statement")
    return None
