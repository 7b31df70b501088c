"""The one gate for text and JSON that come from outside. What passes here is safe to store and to count in."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, NoReturn

from claims.errors import Refused, Sentence

ARTICLE_CHARS = 1_000_000
_PLACES = 1_000  # of the same words in a text that are looked at
_CONTEXT = 64  # characters on either side by which a place is known again
JSON_DEPTH = 32
JSON_CHARS = 8_000_000

# C0, DEL and C1 without tab and line feed, and the surrogates, which no UTF-8 can hold.
_REMOVED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")


@dataclass(frozen=True)
class CleanText:
    """Text that may be stored; `control_chars_removed` counts what was taken out (line ends are not counted)."""

    text: str
    control_chars_removed: int = 0


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


def check_left(raw: str, cleaned: CleanText, empty: str) -> None:
    """Raise Refused where nothing of a text is left: `empty`, with that sentence, or `invalid_characters`, with the
    first character that was taken out."""
    if cleaned.text.strip():
        return
    if (found := _REMOVED.search(_LINE_END.sub("\n", raw))) is None:
        raise Refused("empty", empty)
    raise Refused(
        "invalid_characters",
        f"The text holds nothing but characters that cannot be stored: U+{ord(found.group()):04X} at character "
        f"{found.start() + 1:,}, and {cleaned.control_chars_removed - 1:,} others. Send the words themselves.",
    )


def clean_line(raw: str) -> str:
    """A short field (name, title, reason): control characters and line breaks out, white space at the ends off."""
    return " ".join(_REMOVED.sub("", raw).split("\n")).strip()


def clean_name(raw: str) -> str:
    """As `clean_line`, with each run of white space as one space and letters composed (NFC): what people write down for
    the same thing is compared."""
    return unicodedata.normalize("NFC", clean_line(" ".join(raw.split())))


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
