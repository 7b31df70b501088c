"""Sentence boundaries: split by line, let sentencex cut, then join what it cut wrongly and cut what it left joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sentencex import get_sentence_boundaries

from claims.splitting.splitters.lexicon import Lexicon, lexicon_for
from claims.splitting.splitters.quotes import find_quotes
from claims.splitting.splitters.shapes import Span
from claims.splitting.splitters.view import matching_view, trimmed

LONGEST_PIECE = 5_000  # code points given to sentencex at once: on many quotation marks its time is quadratic
CLOSING = "”’»\"')]}›“"
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u1000-\u109f\u1200-\u137f\u0e00-\u0e7f]")
_LIST_MARKER = re.compile(r"[\W_]*(?:\d{1,3}|[A-Za-z]|[ivxlc]{1,5}|[IVXLC]{1,5})[.)）．]+", re.ASCII)
_NUMBERED_START = re.compile(r"\s*([^\w\s(]?)(\(?)(\d{1,3}|[a-z])([.)]{1,2})\s?(?=\S)")
_INITIAL = re.compile(r"(?:^|(?<![°º\d])[\s(\"“«'’-])([^\W\d_])\.$")
_GLUED_SENTENCE = re.compile(r"[a-zà-ÿа-яёіїєґұүқғңөәһı]{3,}[.!?]$")
_ADDRESS_END = re.compile(r"(?:com|net|org|info|io|[a-z]{2})\b(?!\s+[a-z])", re.IGNORECASE)
_LAST_WORD = re.compile(r"[^\s(\[«“\"'’/]*$")
_ACRONYM_END = re.compile(r"(?:^|[\s(])(?:[^\W\d_]\.){2,}$")
_AFTER_NOTE = re.compile(
    r"(?<=[^\W\d_\)\]][.!?])(\d{1,3}(?: \d{1,3})*) (?=[A-ZÀ-Þ])|(?<=[)\]][.!?])(\d{1,3}(?: \d{1,3})*) (?=[A-ZÀ-Þ])"
)
_AFTER_STROKE = re.compile(r"(?<=[\u17d4\u17d5\u0f0d\u0f0e])\s+(?=\S)")  # Khmer and Tibetan full stops
_BEFORE_SPEECH = re.compile(r"(?<=[^\W\d_]{3})[.!?] (?=[“„«][^\W\d_])")
_QUOTATIVE = re.compile(r"と|って|など|を|に|が|は|も|の|で")  # 「…。」と言った: the sentence goes on
_CASELESS = re.compile(r"[\u10d0-\u10ff]")  # Georgian: Unicode calls its letters small, but sentences begin with them
_LONG_WORD_END = re.compile(r"(?<=\s)([a-zß-ÿа-яёіїєґα-ωάέήίόύώ]{5,})\.\s(?=[A-ZÀ-ÞА-ЯЁІЇЄҐΑ-Ω][^\W\d_])")
_ENCLOSING = re.compile("[“„«»‘‚‹「『\"'(\\[]")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")
_COMMON_LOWER = re.compile(r"(?:[-–—]{1,2}\s*)?[^\W\d_]+")


def segment(text: str, language: str) -> list[Span]:
    """The sentences of a text, in order, without white space around them. `language` is an ISO 639-1 code.

    Every non-empty line starts a new sentence. Lines longer than LONGEST_PIECE are cut at a full stop or a blank
    before the rules are applied, so that time grows with the length of the text only.
    """
    view = matching_view(text)
    lexicon = lexicon_for(language)
    spans: list[Span] = []
    for start, end in _lines(view):
        spans += _in_line(view, start, end, language, lexicon)
    return spans


def _lines(view: str) -> Iterator[Span]:
    start = 0
    for line in view.split("\n"):
        end = start + len(line)
        yield from _pieces(view, start, end)
        start = end + 1


def _pieces(view: str, start: int, end: int) -> Iterator[Span]:
    while end - start > LONGEST_PIECE:
        window = start + LONGEST_PIECE // 2, start + LONGEST_PIECE
        cut = view.rfind(". ", *window) + 2 if view.rfind(". ", *window) > 0 else view.rfind(" ", *window) + 1
        cut = cut or start + LONGEST_PIECE
        yield start, cut
        start = cut
    yield start, end


def _in_line(view: str, start: int, end: int, language: str, lexicon: Lexicon) -> list[Span]:
    line = view[start:end]
    if not line.strip():
        return []
    cuts = _kept(line, _sentencex_cuts(line, language), _missed(line, lexicon), lexicon)
    edges = [0, *(cut for cut in cuts if 0 < cut < len(line)), len(line)]
    spans = (trimmed(line, a, b) for a, b in pairwise(edges))
    return [(start + a, start + b) for a, b in spans if a < b]


def _sentencex_cuts(line: str, language: str) -> list[int]:
    cuts = [int(boundary["end_index"]) for boundary in get_sentence_boundaries(language, line)]
    return [_past_closing(line, cut) for cut in cuts]


def _past_closing(line: str, cut: int) -> int:
    """A closing bracket or straight quotation mark that touches the full stop belongs to the sentence it closes."""
    if 1 < cut < len(line) and line[cut - 1] in '”"»' and line[cut - 2].isspace() and line[cut].isalnum():
        return cut - 1  # the mark opens what follows
    if cut >= len(line) or cut == 0 or line[cut - 1].isspace() or line[cut] not in ')]}）］』」"”»':
        return cut
    if line[cut] == '"' and line.count('"', 0, cut) % 2 == 0:
        return cut
    return cut + 1


def _kept(line: str, cuts: list[int], missed: list[int], lexicon: Lexicon) -> list[int]:
    kept: list[int] = []
    start = 0
    for cut in sorted({*cuts, *missed}):
        if cut in missed or not _is_wrong(line, start, cut, lexicon):
            kept.append(cut)
            start = cut
    return kept


def _is_wrong(line: str, start: int, cut: int, lexicon: Lexicon) -> bool:
    before, after = line[max(start, cut - 80) : cut].rstrip(), line[cut : cut + 80]
    spaced = line[cut - 1].isspace() or after[:1].isspace()
    after = after.lstrip()
    if not before or not after:
        return False
    if not spaced and _glued(before, after):
        return True
    if before[-1] in "」』" and _QUOTATIVE.match(after):
        return True
    if before.rstrip(CLOSING)[-1:] in (".", "?", "!", "") and _goes_on_in_lower_case(before, after):
        return True
    if cut - start <= 12 and (_LIST_MARKER.fullmatch(before.strip()) or _only_marks(before)):
        return not before.endswith(("…", "..."))
    return before.endswith(".") and _ends_in_abbreviation(before, after, lexicon)


def _ends_in_year(before: str, lexicon: Lexicon) -> bool:
    """`2021 г.`: a year or an amount with its abbreviation may end a sentence."""
    match = re.search(r"\d\s*([^\W\d_]+\.)$", before)
    return match is not None and match.group(1).lower() in lexicon.ends_after_number


def _only_marks(head: str) -> bool:
    return not any(character.isalnum() for character in head)


def _glued(before: str, after: str) -> bool:
    """`Net` in `Tidal.Net`, `5` in `3.5`: no white space, so no new sentence, except in scripts without blanks."""
    if _GLUED_SENTENCE.search(before) and after[0].isupper() and not _ADDRESS_END.match(after):
        return False
    return (
        after[0].isalnum() and not _UNSPACED.match(after) and not _UNSPACED.search(before[-2:]) and before[-1] in ".?!"
    )


def _goes_on_in_lower_case(before: str, after: str) -> bool:
    word = _COMMON_LOWER.match(after)
    if word is None:
        return False
    letters = word.group().lstrip("-–— ")
    if not letters.islower() or _CASELESS.match(letters) or (before.endswith("...") and len(before) < 5):
        return False
    if before[-1] == "”" and "“" not in before and before.count("”") % 2 == 0:
        return True  # ”Gå hem!” ropade han.
    if before[-1] in CLOSING and before[-1] not in ")]}" and after[0] not in "-–—":
        return False  # sentencex knows what may follow a closing quotation mark
    follows = after[word.end() : word.end() + 1]
    return follows not in (")", ".") or len(letters) > 2  # `b)` and `a.` open a list item


def _ends_in_abbreviation(before: str, after: str, lexicon: Lexicon) -> bool:
    match = _LAST_WORD.search(before)
    word = match.group().lower() if match is not None else ""
    opener = re.match(r"[^\W_]+", after)
    starts_sentence = opener is not None and opener.group() in lexicon.starters
    if _ends_in_year(before, lexicon):
        return False  # a capital follows: lower case was joined before
    if word in lexicon.abbreviations:
        return True
    if word in lexicon.abbreviations_before_number and after[0].isdigit():
        return True
    if word in lexicon.abbreviations_unless_starter and not starts_sentence:
        return True
    if _INITIAL.search(before) and word.rstrip(".") not in lexicon.single_letter_words:
        return after[0].isupper() and not starts_sentence
    return bool(_ORDINAL.search(before)) and _is_ordinal(before, after, lexicon)


def _is_ordinal(before: str, after: str, lexicon: Lexicon) -> bool:
    if not lexicon.ordinal_dot:
        return False
    opener = re.match(r"[^\W\d_]+", after)
    if opener is not None and opener.group().lower() in lexicon.months:
        return True
    words = before.lower().split()
    return len(words) > 1 and words[-2].strip("(„“\"'") in lexicon.ordinal_contexts


def _missed(line: str, lexicon: Lexicon) -> list[int]:
    cuts = [match.end() for match in _AFTER_NOTE.finditer(line)]
    cuts += [match.end() for match in _AFTER_STROKE.finditer(line)]
    cuts += _cuts_before_speech(line)
    cuts += _list_cuts(line)
    cuts += _cuts_after_long_words(line, lexicon)
    if lexicon.starters_pattern is not None:
        for match in lexicon.starters_pattern.finditer(line):
            before = line[max(0, match.start() - 12) : match.start() + 1]
            if _ACRONYM_END.search(before) or _ends_in_year(before, lexicon):
                cuts.append(match.end())
    return cuts


def _cuts_before_speech(line: str) -> list[int]:
    """`“…,” she said. “We will …”`: a full stop outside quotation marks, then an opening mark and a capital."""
    if not _BEFORE_SPEECH.search(line):
        return []
    quotes = find_quotes(line, 0, len(line))
    return [
        match.end()
        for match in _BEFORE_SPEECH.finditer(line)
        if any(quote.start == match.end() for quote in quotes) and any(quote.end <= match.start() for quote in quotes)
    ]


def _cuts_after_long_words(line: str, lexicon: Lexicon) -> list[int]:
    """`votó en contra. La ONU`: a long word in small letters is hardly an abbreviation, outside quotes and brackets."""
    known = lexicon.abbreviations | lexicon.abbreviations_unless_starter | lexicon.abbreviations_before_number
    cuts = [m.end() for m in _LONG_WORD_END.finditer(line) if f"{m.group(1)}." not in known] if known else []
    if not cuts or not _ENCLOSING.search(line):
        return cuts
    closed = [(quote.start, quote.end) for quote in find_quotes(line, 0, len(line))]
    closed += [match.span() for match in _BRACKETED.finditer(line)]
    return [cut for cut in cuts if not any(start < cut < end for start, end in closed)]


def _list_cuts(line: str) -> list[int]:
    """`1. First item 2. Second item`: a line that opens with a list marker is cut before each following marker."""
    first = _NUMBERED_START.match(line)
    if first is None or (first.group(3) not in ("1", "a", "A") and not first.group(1)):
        return []
    prefix, bracket, label, closer = first.groups()
    cuts: list[int] = []
    position = first.end()
    while (label := _next_label(label)) and (found := line.find(f" {prefix}{bracket}{label}{closer}", position)) >= 0:
        cuts.append(found)
        position = found + 1
    return cuts


def _next_label(label: str) -> str:
    if label.isdigit():
        return str(int(label) + 1)
    return chr(ord(label) + 1) if label != "z" else ""
