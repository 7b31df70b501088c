"""Amounts: figures and number words with their unit, range and limit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from claims.values.lists import words_of

Limit = Literal["exact", "about", "less", "more", "range"]
# One hundred and more digits are no amount; int() of very long ones would take time with their square.
_FIGURE = r"\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d{1,15}(?:[.,]\d{1,6})?"
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₽": "RUB", "₺": "TRY"}
# How long a unit of time is in days, so that `59 days` and `two months` can be compared.
DAYS = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25, "decade": 3652.5, "hour": 1 / 24, "minute": 1 / 1440}


@dataclass(frozen=True)
class Value:
    """One value with its place in the text. A range has `low` < `high`; a limit (`less than two months`) keeps its
    number in both. For a date both are None and `first`, `last` are days as YYYY-MM-DD, or empty where not known."""

    kind: Literal["number", "percent", "money", "duration", "quantity", "date"]
    start: int
    end: int
    text: str
    limit: Limit = "exact"
    low: float | None = None
    high: float | None = None
    unit: str = ""
    first: str = ""
    last: str = ""

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value not in ("", None)}


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    words = words_of(language)
    number_words = _any([*words.get("numbers", ()), *words.get("scales", ())])
    number = rf"(?:{_FIGURE}|(?<!\w)(?:{number_words})(?:(?:[ -]|(?<=hundred) and )(?:{number_words}))*(?!\w))"
    scale = rf"(?:[ \u00a0-]?(?:{_any(words.get('scales', ()))})(?!\w)\.?)?"
    limits = "|".join(f"(?P<{name}>(?<!\\w)(?:{_any(words.get(name, ()))}))" for name in ("less", "more", "about"))
    linker = f"(?:\\s?(?:{_any(words.get('to', ()))})\\s?)"
    units = _any([*words.get("percent", ()), *words.get("units", ())])
    return re.compile(
        rf"(?:(?:{limits})[ \u00a0])?(?P<sign>[€$£¥₽₺]\s?)?(?<![\w.,])(?<!\w-)(?P<low>{number}){scale}"
        rf"(?:{linker}(?P<high>{number}){scale})?"
        rf"(?:[ \u00a0-]?(?P<unit>[%‰€$£¥₽₺]|(?:{units})(?!\w)))?(?!\d)",
        re.IGNORECASE,
    )


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or r"(?!)"


def find_numbers(text: str, language: str = "en") -> list[Value]:
    """The amounts in a text, in order."""
    words = words_of(language)
    found = []
    for match in _pattern(language.split("-", maxsplit=1)[0].lower()).finditer(text):
        value = _value(match, words)
        if value is not None:
            found.append(value)
    return found


def _value(match: re.Match[str], words: dict[str, Any]) -> Value | None:
    low_text, high_text = match.group("low"), match.group("high")
    unit_word = (match.group("unit") or "").lower()
    low = _number(low_text, words) * _scale_after(match, match.end("low"), words)
    if low == 1 and not low_text[0].isdigit() and unit_word in ("", "year", "day"):
        return None  # `one of them`, `a`: hardly an amount
    high = _number(high_text, words) * _scale_after(match, match.end("high"), words) if high_text else low
    if high_text and low < high and _scale_after(match, match.end("low"), words) == 1:
        factor = _scale_after(match, match.end("high"), words)
        low = low * factor if factor > 1 and low * factor < high else low  # `1.1 to 1.3 million`
    end = match.end()
    if high_text and high <= low:  # two numbers, no range
        high, end, unit_word = low, match.end("low"), ""
    kind, unit = _unit(unit_word, (match.group("sign") or "").strip(), words)
    limit: Limit = "exact"
    for name in ("less", "more", "about"):
        if match.group(name):
            limit = name
    if high_text and low < high:
        limit = "range"
    return Value(kind, match.start(), end, match.string[match.start() : end], limit, low, max(low, high), unit)


def _unit(word: str, sign: str, words: dict[str, Any]) -> tuple[Any, str]:
    if sign or word in _SYMBOLS:
        return "money", _SYMBOLS[sign or word]
    if word in ("%", "‰") or word in words.get("percent", ()):
        return "percent", "‰" if word == "‰" else "%"
    unit = words.get("units", {}).get(word, "")
    if not unit:
        return "number", ""
    return ("money" if unit.isupper() else "duration" if unit in DAYS or unit == "second" else "quantity"), unit


def _scale_after(match: re.Match[str], at: int, words: dict[str, Any]) -> float:
    if at < 0:
        return 1
    following = re.match(r"[ \u00a0-]?([^\W\d_]+)", match.string[at : match.end()])
    return float(words.get("scales", {}).get(following.group(1).lower(), 1)) if following else 1


def _number(text: str, words: dict[str, Any]) -> float:
    if text[0].isdigit():
        return _figure(text, words["decimal"])
    share = words.get("numbers", {}).get(text.lower())
    if share is not None:
        return float(share)  # `a third of`: several words with a value of their own
    total, current = 0.0, 0.0
    for word in re.split(r" and |[ -]", text.lower()):
        if word in words.get("scales", {}):
            current = (current or 1) * words["scales"][word]
            if current >= 1000:
                total, current = total + current, 0.0
        else:
            current += words.get("numbers", {}).get(word, 0)
    return total + current


def _figure(text: str, decimal: str) -> float:
    """`1,234.5`, `1.234,5`, `1 234`: a mark before exactly three digits groups them, unless it is the decimal mark
    of the language and stands once."""
    plain = re.sub(r"[ '\u00a0\u202f]", "", text)
    marks = [character for character in plain if character in ".,"]
    if len(set(marks)) == 2:
        last = plain[max(plain.rfind("."), plain.rfind(","))]
        return float(plain.replace("," if last == "." else ".", "").replace(last, "."))
    if not marks:
        return float(plain)
    tail = plain.rsplit(marks[0], 1)[1]
    if len(marks) > 1 or (len(tail) == 3 and marks[0] != decimal):
        return float(plain.replace(marks[0], ""))
    return float(plain.replace(marks[0], "."))
