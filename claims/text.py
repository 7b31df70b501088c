"""The one gate for text, bytes and JSON that come from outside. What passes here is safe to store and to count in."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, NoReturn

from charset_normalizer import from_bytes

from claims.errors import Refused, Sentence

ARTICLE_CHARS = 1_000_000
_PLACES = 1_000  # of the same words in a text that are looked at
_CONTEXT = 64  # characters on either side by which a place is known again
JSON_DEPTH = 32
JSON_CHARS = 8_000_000
# Below this share of certainty a guessed encoding is not used: a wrong guess would be stored for ever.
ENCODING_CONFIDENCE = 0.6

# C0, DEL and C1 without tab and line feed, and the surrogates, which no UTF-8 can hold.
_REMOVED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESS_FROM = 65_536
# The legacy encodings of the web (WHATWG Encoding Standard) without those hardly in use.
LEGACY_ENCODINGS = (
    *("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "cp866"),
    *("iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_15"),
    *("koi8_r", "koi8_u", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
# Letters beyond a-z of languages in Latin script, as their orthographies list them.
_ALPHABETS = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüßé",  # German
    "áéíñóúüªº",  # Spanish
    "áâãàçéêíóôõúüªº",  # Portuguese
    "àèéìíòóùú",  # Italian
    "éèëïöüóáç",  # Dutch
    "åäöé",  # Swedish, Finnish
    "æøåéòóô",  # Danish, Norwegian
    "áæðéíóöúýþ",  # Icelandic
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíľňóôšťúýž",  # Slovak (ĺ and ŕ are too rare to tell it by)
    "áéíóöőúüű",  # Hungarian
    "ăâîşţșț",  # Romanian
    "çğıöşüâîûi̇",  # Turkish
    "čćđšž",  # Croatian, Slovene
    "äõöüšž",  # Estonian
    "āčēģīķļņšūž",  # Latvian
    "ąčęėįšųūž",  # Lithuanian
    "àçèéíïòóúü",  # Catalan
)


@dataclass(frozen=True)
class CleanText:
    """Text that may be stored; `control_chars_removed` counts what was taken out (line ends are not counted)."""

    text: str
    control_chars_removed: int = 0


@dataclass(frozen=True)
class Decoded:
    """Text read from bytes, the Python name of its encoding, and how sure that is (0 to 1; 1 is declared or proven)."""

    text: str
    encoding: str
    confidence: float


def clean_text(raw: str, *, limit: int = ARTICLE_CHARS, code: str = "text_too_long") -> CleanText:
    """Return `raw` with LF line ends and without control characters and lone surrogates; nothing else is changed.

    There is no Unicode normalisation: offsets into this text hold for ever. `limit` counts code points after cleaning.
    Raises Refused with `code` when the text is longer.
    """
    text, removed = _REMOVED.subn("", _LINE_END.sub("\n", raw))
    if len(text) > limit:
        raise Refused(
            code,
            Sentence(
                "The text has {n} characters; at most {limit} are taken. Split it into several texts.",
                n=f"{len(text):,}",
                limit=f"{limit:,}",
            ),
        )
    return CleanText(text, removed)


def clean_line(raw: str) -> str:
    """A short field (name, title, reason): control characters and line breaks out, white space at the ends off."""
    return " ".join(_REMOVED.sub("", raw).split("\n")).strip()


def decode_bytes(data: bytes, *, encoding: str | None = None) -> Decoded:
    """Decode bytes by their mark, as UTF-8, as UTF-16 without a mark, or by a guess that must be good enough.

    `encoding` is a person's answer and is then the only one tried. Raises Refused `encoding_unknown`.
    """
    name, confidence = detect_encoding(data) if encoding is None else (check_encoding(encoding), 1.0)
    mark = next((mark for mark, marked in _BOMS if data.startswith(mark) and marked == name), b"")
    try:
        return Decoded(data[len(mark) :].decode(name), name, confidence)
    except UnicodeDecodeError as error:
        raise Refused(
            "encoding_unknown",
            f"The bytes are not valid {name} (at byte {error.start:,}). Save the file as UTF-8, or name its encoding.",
        ) from error


def check_encoding(name: str) -> str:
    """Return Python's name of a text encoding; raise Refused `encoding_unknown` when there is none."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise Refused(
            "encoding_unknown", f"There is no encoding “{name[:40]}”. Use a name such as utf-8 or windows-1251."
        ) from error
    if not found._is_text_encoding:
        raise Refused("encoding_unknown", f"“{name[:40]}” is not a text encoding. Use utf-8 or windows-1251, say.")
    return "utf-8" if found.name == "utf-8-sig" else found.name


def detect_encoding(data: bytes) -> tuple[str, float]:
    """Return (encoding, confidence) of these bytes; raise Refused `encoding_unknown` below ENCODING_CONFIDENCE."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name, 1.0
    if wide := _unmarked_utf16(data):
        return wide, 0.9
    if is_utf8(data):
        return "utf-8", 1.0
    return guess_encoding(data)


def is_utf8(data: bytes, *, whole: bool = True) -> bool:
    """Say whether the bytes are UTF-8; `whole=False` forgives a character that is cut off at the very end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_utf16(data: bytes) -> str | None:
    """Tell UTF-16 of Latin text by its zero bytes, which stand nearly always on one side."""
    sample = data[:_GUESS_FROM]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half >= 4 and odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if half >= 4 and even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def guess_encoding(data: bytes) -> tuple[str, float]:
    """Guess a legacy encoding from the bytes' look; the guess counts only while no other reading is as good.

    Readings that are equally free of disorder are told apart by how well they look like a language: the share of
    frequent letters (coherence) and whether all accented letters belong to one alphabet.
    """
    sample = _sample_round_odd_bytes(data)
    readings = list(from_bytes(sample, cp_isolation=list(LEGACY_ENCODINGS), preemptive_behaviour=False))
    if not readings:
        _refuse_encoding("nothing fits")
    calm = min(reading.chaos for reading in readings) + 0.02
    scores: dict[str, tuple[float, str, float]] = {}
    for reading in readings:
        if reading.chaos <= calm and (text := str(reading)) not in scores:
            scores[text] = (reading.coherence + _alphabet_share(text), reading.encoding, reading.chaos)
    (score, encoding, chaos), *rivals = sorted(scores.values(), reverse=True)
    lead = score - rivals[0][0] if rivals else 0.2
    confidence = round(min(0.99, (1 - chaos) * (0.5 + 2.5 * lead)), 2)
    if confidence < ENCODING_CONFIDENCE:
        _refuse_encoding(f"the best guess is {encoding} with {confidence:.0%} certainty")
    return encoding, confidence


def _sample_round_odd_bytes(data: bytes) -> bytes:
    """Cut whole lines round the first byte beyond ASCII, so that no character of several bytes is torn."""
    if len(data) <= _GUESS_FROM:
        return data
    odd = next((at for at, byte in enumerate(data) if byte > 127), 0)
    start = data.rfind(b"\n", max(0, odd - _GUESS_FROM // 4), odd) + 1 or odd
    end = data.rfind(b"\n", start, start + _GUESS_FROM)
    return data[start : end if end > odd else start + _GUESS_FROM]


def _alphabet_share(text: str) -> float:
    """Return the share of accented Latin letters (with repeats) that the best fitting alphabet holds; 1 without any."""
    letters = Counter(letter for letter in text.lower() if "\xaa" <= letter <= "\u024f" and letter.isalpha())
    if not letters:
        return 1.0
    best = max(sum(letters[letter] for letter in alphabet) for alphabet in _ALPHABETS)
    return best / letters.total()


def _refuse_encoding(found: str) -> NoReturn:
    raise Refused(
        "encoding_unknown",
        f"The encoding of this file is not certain: {found}. Save it as UTF-8, or name its encoding.",
    )


def strict_json(raw: str | bytes, *, max_chars: int = JSON_CHARS, max_depth: int = JSON_DEPTH) -> Any:
    """Read one JSON value as RFC 8259 says and no further.

    Raises Refused: `too_large`, `invalid_json`, `json_too_deep`, `duplicate_key`, `invalid_json_number` (NaN, Infinity,
    1e400, whole numbers outside 64 bits).
    """
    text = _json_text(raw)
    if len(text) > max_chars:
        raise Refused(
            "too_large", f"The JSON has {len(text):,} characters; at most {max_chars:,} are read.", status=413
        )
    check_json_depth(text, max_depth)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_without_doubles,
            parse_constant=_refuse_number,
            parse_int=_whole_number,
            parse_float=_finite_number,
        )
    except json.JSONDecodeError as error:
        raise Refused(
            "invalid_json",
            f"This is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
        ) from error


def _json_text(raw: str | bytes) -> str:
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("invalid_json", f"JSON must be UTF-8; byte {error.start:,} is not.") from error


# A string that never ends is taken up to the end at once, so that its quotes are not tried one by one.
_JSON_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def check_json_depth(text: str, limit: int = JSON_DEPTH) -> None:
    """Raise Refused `json_too_deep` before a parser goes down that far."""
    if text.count("[") + text.count("{") <= limit:
        return
    depth = 0
    for found in _JSON_BRACKET.finditer(text):
        if (bracket := found.group())[0] in "[{":
            depth += 1
            if depth > limit:
                raise Refused("json_too_deep", f"The JSON is nested more than {limit} levels deep. Flatten it.")
        elif bracket in "]}":
            depth -= 1


def _object_without_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) != len(listed):
        name = next(name for name, count in Counter(name for name, _ in listed).items() if count > 1)
        raise Refused("duplicate_key", f"The key “{name[:80]}” stands twice in one object. Keep one of them.")
    return found


def _refuse_number(literal: str) -> NoReturn:
    shown = literal if len(literal) <= 24 else f"{literal[:20]}… ({len(literal):,} characters)"
    raise Refused("invalid_json_number", f"{shown} is not a number JSON can carry. Write it as text, or leave it out.")


def _whole_number(literal: str) -> int:
    if len(literal) > 20 or not -(2**63) <= (number := int(literal)) < 2**64:
        _refuse_number(literal)
    return number


def _finite_number(literal: str) -> float:
    number = float(literal)
    if number in (float("inf"), float("-inf")):
        _refuse_number(literal)
    return number


def find_again(old: str, new: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the words `old[start:end]` stand in another version of the text, None when they do not.

    White space may differ. Where the words stand several times, the place counts whose neighbourhood is likest, then
    the nearest (quote and position selectors of the W3C Web Annotation Data Model).
    """
    words = old[start:end]
    places = _all_places(words, new)
    if not places:
        loose = re.compile(r"\s+".join(map(re.escape, words.split())) or r"(?!)")
        places = [found.span() for found in islice(loose.finditer(new), _PLACES)]
    if not places:
        return None
    before, after = old[max(0, start - _CONTEXT) : start], old[end : end + _CONTEXT]

    def likeness(place: tuple[int, int]) -> tuple[int, int]:
        left = _common(reversed(before), reversed(new[max(0, place[0] - _CONTEXT) : place[0]]))
        right = _common(iter(after), iter(new[place[1] : place[1] + _CONTEXT]))
        return left + right, -abs(place[0] - start)

    return max(places, key=likeness)


def _all_places(words: str, text: str) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    at = text.find(words) if words else -1
    while at >= 0 and len(places) < _PLACES:
        places.append((at, at + len(words)))
        at = text.find(words, at + 1)
    return places


def _common(one: Iterator[str], other: Iterator[str]) -> int:
    """How many characters two sequences begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
