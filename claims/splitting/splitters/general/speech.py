"""`X sagte, dass …`, `…, sagte X`, `قال X إن …`, `X, … bildirdi`: source, verb and what is said, in any order."""

from __future__ import annotations

import re
from dataclasses import replace

from claims.splitting.splitters.chains import Found, Saying
from claims.splitting.splitters.general.region import COMMA, OPENING, WORDS, Region, is_source
from claims.splitting.splitters.shapes import Span

_BARE_CLAUSE = re.compile(
    r"[^,:;]{0,60}(?P<comma>,)\s+(?!(?:dass|daß|ob|um|ohne|wie|weil|wenn|während|obwohl|nachdem|bevor|als|aber|sondern|wo|was|wer|und|oder)\b)"
    r"(?=(?:[^\W_][^,]*\s){2})"
)
_RELATIVE = re.compile(r"(?:der|die|das|den|dem|deren|dessen)\b")
_REPORTED = re.compile(r"\b(?:sei|seien|habe|hätten?|werde|würden?|könne|müsse|solle|wolle|gebe|dürfe)\b")
_QUOTED_NAME = re.compile(r"\s+((?:[^\W\d_]+\s+)?[«“„\"‘]\ue000{2,40}[»”“\"’])\s*[.!]?$")
_FEWEST_BEFORE_JOINED = 4  # words before the verb in `X did so and said`: fewer hold no subject with a verb
_FEWEST_OF_CLAUSE = 2  # words behind a conjunction; fewer name a second speaker
_LONGEST_WARNED = 4  # words for whom somebody warns, and when
_LONGEST_LISTENER = 30  # code points between a verb of saying and the comma after it
_BREAK = r"[,،，、:：;]"


def _says_something(text: str) -> bool:
    return "\ue000" in text or len(WORDS.findall(text)) > 1 or len(text.strip()) > 6


def announced(region: Region) -> Saying | None:
    for cue in region.verbs:
        source = region.span(0, cue.start())
        rest = region.text[cue.end() :]
        if len(WORDS.findall(rest)) <= 8 and is_source(region.view[slice(*source)], spaced=True):
            span = (region.start + cue.start(), region.start + cue.end())
            return Saying(source, span, region.cues.act_of(cue.group()), (region.end, region.end))
    return None


def said_last(region: Region) -> Found | None:
    """`…, sagte X` and `…, X said` order, from the last cue on; also in the middle (`…, sagte X, …`)."""
    for cue in reversed(region.verbs):
        before = region.text[: cue.start()].rstrip()
        if not before or before[-1] not in ",،，—–-" + '”’»"“」』' or not _says_something(before):
            continue
        if before[-1] == "’" and "‘" not in before:
            continue
        named = _quoted_name(region, cue.end())
        if named is not None and "\ue000" not in before and not _is_subject(before):
            return region.found(named, cue.span(), ((0, cue.start()),), region.cues.act_of(cue.group()))
        comma = re.search(rf"{_BREAK}|[{OPENING}]", region.text[cue.end() :])
        stop = cue.end() + comma.start() if comma else len(region.text)
        if "\ue000" not in before and not _is_whole(region, cue, stop):
            continue
        source_end = _without_particle(region, cue.end(), stop)
        contents = ((0, cue.start()), (stop + 1, len(region.text))) if comma else ((0, cue.start()),)
        joined = _joined_clause(region, stop) if comma else 0
        if joined:
            contents = ((0, cue.start()), (joined, len(region.text)))
        elif comma and _is_short(region.text[stop:]) and not _is_subject(before):
            contents, source_end = ((0, cue.start()),), stop  # an apposition to the source, or where it was said
        pronoun = re.search(r"-(?:ils?|elles?|on)$", cue.group()) or re.search(r"-(?:ils?|elles?|on)\b", cue.group())
        source = (
            (cue.start() + pronoun.start() + 1, cue.start() + pronoun.end()) if pronoun else (cue.end(), source_end)
        )
        found = region.found(source, cue.span(), contents, region.cues.act_of(cue.group()))
        if found is not None and comma and not joined and len(contents) == 2 and _is_subject(before):
            found = replace(found, together=True)
        if found is not None and not _opens_clause(region, cue.end()):
            return found
    return None


def _joined_clause(region: Region, stop: int) -> int:
    """`…, dit X, et personne ne vient`: where that begins which is said besides, behind its conjunction; else 0."""
    table = region.cues.table
    words = list(WORDS.finditer(region.text, stop))
    conjunctions = {*table.get("coordinators", ()), *table.get("adversatives", ())}
    return words[0].end() if len(words) > _FEWEST_OF_CLAUSE and words[0].group().lower() in conjunctions else 0


def _quoted_name(region: Region, at: int) -> Span | None:
    """`…, пишет «Коммерсантъ»`: a paper's name in quotation marks, with at most a word before it and nothing after."""
    match = _QUOTED_NAME.match(region.text, at)
    return match.span(1) if match is not None else None


def _is_short(text: str) -> bool:
    """An apposition (`, a former judge`) or a paper's name in quotation marks, rather than more of what is said."""
    return len(WORDS.findall(text)) <= 8 and text.count("\ue000") <= 25


def _is_subject(text: str) -> bool:
    return "\ue000" not in text and len(WORDS.findall(text)) <= 3


def _opens_clause(region: Region, at: int) -> bool:
    complementiser = region.cues.complementiser
    return complementiser is not None and complementiser.match(region.text[at:].lstrip(" ,")) is not None


def _without_particle(region: Region, start: int, stop: int) -> int:
    """`teilte die Polizei mit`: the separable prefix at the end belongs to the verb, not to the source."""
    words = list(WORDS.finditer(region.text, start, stop))
    if len(words) > 1 and words[-1].group() in region.cues.table.get("particles", ()):
        return words[-1].start()
    return stop


def said_first(region: Region) -> Found | None:
    """`X sagte am Montag, dass …`, `X сообщило, что …`, `X: «…»`; the source may follow the cue (`قال X إن …`)."""
    for cue in region.verbs:
        begin = _content_start(region, cue)
        if begin is None:
            continue
        after_cue = region.text[cue.end() : begin[0]]
        source = (0, cue.start())
        if region.cues.table.get("verb_first") and not region.text[: cue.start()].strip():
            source = (cue.end(), begin[0])
        elif COMMA.search(region.text[: cue.start()].rstrip(" ,")) and not region.text[: cue.start()].rstrip().endswith(
            ","
        ):
            source = (region.text[: cue.start()].rfind(",") + 1, cue.start())
        if len(WORDS.findall(after_cue)) > 10 or not _is_whole(region, cue, begin[0]):
            continue
        found = region.found(source, cue.span(), _that_clauses(region, begin[1]), region.cues.act_of(cue.group()))
        if found is not None:
            return found
    return None


def and_said(region: Region) -> Found | None:
    """`Die Polizei nahm zwei Männer fest und erklärte, …`: who did the first thing says the second."""
    table = region.cues.table
    joins = {*table.get("coordinators", ()), *table.get("adversatives", ())}
    for cue in region.verbs:
        words = list(WORDS.finditer(region.text, 0, cue.start()))
        if len(words) < _FEWEST_BEFORE_JOINED or words[-1].group().lower() not in joins:
            continue
        begin = _content_start(region, cue)
        if begin is None or begin[0] - cue.end() > _LONGEST_LISTENER or not _is_whole(region, cue, begin[0]):
            continue
        subject = _first_noun_phrase(words[:-1], set(table.get("determiners", ())))
        found = region.found(subject, cue.span(), _that_clauses(region, begin[1]), region.cues.act_of(cue.group()))
        if found is not None:
            done = region.span(0, words[-1].start())
            return replace(found, contents=((done, False), *found.contents))
    return None


def _first_noun_phrase(words: list[re.Match[str]], determiners: set[str]) -> Span:
    """The subject, without a grammar to find it by: an article and its noun, or the first word; then what else is
    written with a capital, as names are, and in German nouns."""
    last = 0
    if words[0].group().lower() in determiners:
        last = next((n for n, word in enumerate(words[1:4], 1) if word.group()[0].isupper()), 1)
    while last + 1 < len(words) and words[last + 1].group()[0].isupper() and _side_by_side(words[last : last + 2]):
        last += 1
    return words[0].start(), words[last].end()


def _side_by_side(words: list[re.Match[str]]) -> bool:
    return words[1].start() - words[0].end() == 1


def _is_whole(region: Region, cue: re.Match[str], stop: int) -> bool:
    """`stellt … fest`, `geeft … toe`: a verb that says something only with its particle has it before `stop`."""
    if cue.group().lower() not in region.cues.table.get("light_verbs", ()):
        return True
    text = region.text[cue.end() : stop].lower().rstrip(" ,:")
    return any(re.search(rf"\b{particle}$", text) for particle in region.cues.table.get("particles", ()))


def _that_clauses(region: Region, at: int) -> tuple[Span, ...]:
    """`… que el acuerdo se firmará y que entrará en vigor`: each that-clause is a claim."""
    complementiser, coordinators = region.cues.complementiser, region.cues.table.get("coordinators", ())
    spans: list[Span] = []
    for match in complementiser.finditer(region.text, at) if complementiser is not None else ():
        before = WORDS.findall(region.text[max(at, match.start() - 12) : match.start()])
        if before and before[-1].lower() in coordinators and match.start() - at > 12:
            spans.append((at, region.text.rindex(before[-1], at, match.start())))
            at = match.end()
    return (*spans, (at, len(region.text)))


def _content_start(region: Region, cue: re.Match[str]) -> Span | None:
    """(end of what belongs to the cue, start of what is said), or None when nothing said follows."""
    text, at = region.text, cue.end()
    places: list[Span] = []
    if region.cues.complementiser is not None:
        match = region.cues.complementiser.search(text, at)
        places += [match.span()] if match is not None else []
    colon = re.compile(rf"[:：]\s*|[,，、]?\s*(?=[{OPENING}])").search(text, at)
    places += [colon.span()] if colon is not None and (colon.end() > colon.start() or colon.end() < len(text)) else []
    if region.cues.table.get("bare_complement"):
        bare_clause = _BARE_CLAUSE.match(text, at)
        if bare_clause is not None and _may_follow_verb(region, cue, bare_clause):
            places.append((bare_clause.start("comma"), bare_clause.end()))
    if region.cues.table.get("spaced") is False:
        comma = re.compile(r"[，,]?").match(text, at)
        places += [comma.span()] if comma is not None and at + 2 < len(text) else []
    return min(places) if places else None


def _may_follow_verb(region: Region, cue: re.Match[str], clause: re.Match[str]) -> bool:
    """Whether the words between the verb and the comma say when, or to whom (`sagten dem Ausschuss, …`)."""
    between = region.text[cue.end() : clause.start("comma")]
    if _is_when(region, between):
        return True
    if len(between) > _LONGEST_LISTENER and not _is_reported(region, clause.end()):
        return False
    if _is_reported(region, clause.end()) and not region.verbs_between(cue.end(), clause.start("comma")):
        return True  # `wies Vorwürfe zurück, es habe …`: only reported speech has this mood
    words = WORDS.findall(between)
    listener = 0 < len(words) <= 4 and words[0] in region.cues.table.get("dative", ())
    return (
        listener
        and bool(WORDS.search(region.text[: cue.start()]))
        and all(word[0].isupper() or word in region.cues.table.get("linkers", ()) for word in words[1:])
        and (_RELATIVE.match(region.text, clause.end()) is None or _is_reported(region, clause.end()))
    )


def _is_reported(region: Region, at: int) -> bool:
    comma = COMMA.search(region.text, at)
    return _REPORTED.search(region.text, at, comma.start() if comma else len(region.text)) is not None


def _is_when(region: Region, text: str) -> bool:
    """Nothing, or only words that say when, between the verb and the comma after it (`erklärte am Montag, …`)."""
    keys = ("times", "time_prepositions", "particles")
    small = {word for key in keys for word in region.cues.table.get(key, ())}
    return all(word.lower() in small for word in WORDS.findall(text))


def said_with_infinitive(region: Region) -> Found | None:
    """`Le club nie avoir payé l’arbitre`, `dice haber visto`: who says it is who did it."""
    pattern = region.cues.infinitive
    for cue in region.verbs if pattern is not None else ():
        match = pattern.match(region.text, cue.end()) if pattern is not None else None
        if match is not None and WORDS.search(region.text, 0, cue.start()) is not None:
            at = (match.start("what"), len(region.text))
            found = region.found((0, cue.start()), cue.span(), (at,), region.cues.act_of(cue.group()))
            if found is not None:
                return found
    return None


def accused(region: Region) -> Found | None:
    """`La oposición acusa al Gobierno de mentir`, `Der Verband wirft der Firma Betrug vor`: whom, and of what."""
    if region.cues.accusing_of is None:
        return None
    for cue in region.verbs:
        if cue.group().lower() not in region.cues.accusing or not WORDS.search(region.text, 0, cue.start()):
            continue
        linked = region.cues.accusing_of.search(region.text, cue.end())
        if linked is None or len(WORDS.findall(region.text[cue.end() : linked.start()])) not in range(1, 9):
            continue
        end = len(region.text) if WORDS.search(region.text, linked.end()) else linked.start()  # `… Untätigkeit vor`
        return region.found((0, cue.start()), cue.span(), ((cue.end(), end),), region.cues.act_of(cue.group()))
    return None


def warned_of(region: Region) -> Found | None:
    """`Der Dienst warnt vor Sturmböen`, `waarschuwt voor hoge prijzen`: what is warned of has no verb."""
    if region.cues.of is None:
        return None
    for cue in region.verbs:
        if cue.group().lower() not in region.cues.takes_of or not WORDS.search(region.text, 0, cue.start()):
            continue
        opened = region.cues.of.search(region.text, cue.end())
        listener = WORDS.findall(region.text[cue.end() : opened.start()]) if opened is not None else ()
        if opened is None or len(listener) > _LONGEST_WARNED or COMMA.search(region.text, cue.end(), opened.start()):
            continue
        found = region.found(
            (0, cue.start()), cue.span(), ((opened.end(), len(region.text)),), region.cues.act_of(cue.group())
        )
        if found is not None:
            return found
    return None


def said_impersonally(region: Region) -> Found | None:
    """`…, hieß es aus Regierungskreisen`, `…, hieß es`: nobody is named, or only where it comes from."""
    pattern = region.cues.impersonal
    match = None if pattern is None else next((m for m in pattern.finditer(region.text) if m.start() > 3), None)
    if match is None or region.text[: match.start()].rstrip()[-1] not in ',“”«»"—–':
        return None
    act = region.cues.act_of(match.group())
    words = WORDS.findall(region.text[match.end() :])
    prepositions = region.cues.table.get("source_prepositions", ())
    if len(words) > 1 and words[0].lower() in prepositions:
        begin = region.text.index(words[0], match.end()) + len(words[0])
        return region.found((begin, len(region.text)), match.span(), ((0, match.start()),), act)
    content = region.span(0, match.start())
    saying = Saying(None, (region.start + match.start(), region.start + match.end()), act, content, vague=True)
    return Found(saying, ((content, True),)) if content[0] < content[1] else None


def said_by_participle(region: Region) -> Found | None:
    """Turkish: `“…” diyen kaptan, …`: the speaker follows a participle of saying."""
    for word in region.cues.table.get("participles_after_quote", ()):
        match = re.search(rf"[”»\"]\s+(?P<cue>{word})\s+(?P<source>[^,;:.]{{2,60}}?)(?=[,;:.]|$)", region.text)
        if match is not None and len(match.group("source").split()) <= 5:
            return region.found(match.span("source"), match.span("cue"), ((0, match.start("cue")),), "statement")
    return None


def said_at_sentence_end(region: Region) -> Found | None:
    """Turkish: `X, fabrikanın kapandığını bildirdi`, `X, “…” dedi`, `“…” diyen X`."""
    if not region.cues.table.get("verb_final"):
        return None
    matches = [match for match in region.verbs if not region.text[match.end() :].strip(" .!")]
    if not matches:
        return None
    cue = matches[0]
    opened = next((i for i, c in enumerate(region.text[: cue.start()]) if c in OPENING), -1)
    comma = region.text.find(",", 0, cue.start())
    cut = opened if opened > 0 and (comma < 0 or opened < comma) else comma
    act = region.cues.act_of(cue.group())
    if cut <= 0 and (when := _time_after_source(region, cue.start())) is not None:
        return region.found((0, when[0]), cue.span(), ((when[1], cue.start()),), act)
    if cut <= 0:  # who says it cannot be told from what is said without a parser
        content = region.span(0, _without_time(region, 0, cue.start()))
        said = Saying(None, (region.start + cue.start(), region.start + cue.end()), act, content)
        return Found(said, ((content, True),)) if content[0] < content[1] else None
    return region.found((0, cut), cue.span(), ((cut, _without_time(region, cut, cue.start())),), act)


def _time_after_source(region: Region, end: int) -> Span | None:
    """`Bakan dün köprünün … söyledi`: a time after at most four words parts the source from what is said."""
    times = region.cues.table.get("times", ())
    for n, word in enumerate(list(WORDS.finditer(region.text, 0, end))[:5]):
        if n and word.group().lower() in times:
            following = WORDS.search(region.text, word.end())
            stop = following.end() if following is not None and following.group().lower() in times else word.end()
            return word.start(), stop
    return None


def _without_time(region: Region, start: int, end: int) -> int:
    """`… kapandığını salı günü bildirdi`, `… eridiği konusunda uyardı`: the end belongs to the saying."""
    words = list(WORDS.finditer(region.text, start, end))
    small = {word for key in ("times", "content_tails") for word in region.cues.table.get(key, ())}
    while len(words) > 2 and words[-1].group().lower() in small:
        end = words.pop().start()
    return end


def said_after_source(region: Region) -> Found | None:
    """`“…”部长说`, `「…」漁民說`: source and cue stand last, after a quotation."""
    for cue in region.verbs:
        quote = max(region.text.rfind(mark, 0, cue.start()) for mark in "”」』")
        if quote > 0 and not region.text[cue.end() :].strip() and cue.start() - quote <= 30:
            return region.found(
                (quote + 1, cue.start()), cue.span(), ((0, quote + 1),), region.cues.act_of(cue.group())
            )
    return None
