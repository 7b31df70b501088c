"""Dates: full ones, months and years, weekdays and relative ones counted from the day of the article."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from claims.values.lists import words_of
from claims.values.numbers import DAYS, Value, find_numbers

_ISO = re.compile(r"(?<!\d)(?P<year>(?:1[5-9]|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_YEAR = re.compile(r"(?<![\d.,$€£-])(?P<year>(?:1[5-9]|20)\d\d)(?![\d%€]|[.,]\d|-\d)")


def find_dates(text: str, language: str = "en", published: str | None = None) -> list[Value]:
    """The dates in a text, in order. Without `published`, or where it is no day, relative ones have no day."""
    words, code = words_of(language), language.split("-", maxsplit=1)[0].lower()
    day = _day_of(published)
    found: list[Value] = []
    for match in _ISO.finditer(text):
        _add(found, match, _whole(int(match["year"]), int(match["month"]), int(match["day"])))
    if words.get("months"):
        for match in _named(code).finditer(text):
            _add(found, match, _from_names(match, words, day))
        for match in _relative(code).finditer(text):
            _add(found, match, _from_relative(match, words, day))
    _add_ago(found, text, code, words, day)
    for match in _YEAR.finditer(text):
        year = int(match["year"])
        _add(found, match, (f"{year}-01-01", f"{year}-12-31"))
    return sorted(found, key=lambda value: value.start)


def _add(found: list[Value], match: re.Match[str], days: tuple[str, str] | None) -> None:
    if days is not None and not any(one.start < match.end() and match.start() < one.end for one in found):
        found.append(Value("date", match.start(), match.end(), match.group(), first=days[0], last=days[1]))


def _day_of(published: str | None) -> date | None:
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None


def _whole(year: int, month: int, day: int) -> tuple[str, str] | None:
    try:
        return (found := date(year, month, day).isoformat()), found
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _named(language: str) -> re.Pattern[str]:
    months = "|".join(map(re.escape, words_of(language)["months"]))
    year = r"(?P<year>(?:1[5-9]|20)\d\d)"
    return re.compile(
        rf"(?<!\w)(?:(?P<day>\d{{1,2}})(?:\.|º|er|st|nd|rd|th)?\s+(?:de\s+|of\s+)?)?(?P<month>{months})(?!\w)"
        rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?=,?\s|$|[.;:)]))?(?:,?\s+(?:de\s+)?{year}(?!\d))?",
        re.IGNORECASE,
    )


def _from_names(match: re.Match[str], words: dict[str, Any], published: date | None) -> tuple[str, str] | None:
    month = words["months"].index(match["month"].lower()) + 1
    day = match["day"] or match["after"]
    if (
        not day
        and not match["year"]
        and (match["month"].islower() == (words is words_of("en")) or len(match["month"]) < 4)
    ):
        return None  # `may`, `march`: words of other kinds
    year = int(match["year"]) if match["year"] else _nearest_year(published, month)
    if year is None:
        partial = (
            f"--{month:02}-{int(day):02}" if day else f"--{month:02}"
        )  # a day of no known year, as ISO 8601 had it
        return partial, partial
    if day:
        return _whole(year, month, int(day))
    return f"{year}-{month:02}-01", (_month_after(year, month) - timedelta(days=1)).isoformat()


def _nearest_year(published: date | None, month: int) -> int | None:
    """News tells of what was: a month after that of the article is the year before's."""
    if published is None:
        return None
    return published.year if month <= published.month else published.year - 1


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


@lru_cache(maxsize=64)
def _relative(language: str) -> re.Pattern[str]:
    words = words_of(language)
    names = [*words.get("periods", ()), *words.get("relative", ()), *words.get("days", ())]
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?!\w)", re.IGNORECASE
    )


def _from_relative(match: re.Match[str], words: dict[str, Any], published: date | None) -> tuple[str, str]:
    word = match.group().lower()
    if published is None:
        return "", ""
    if word in words.get("periods", {}):
        return _period(published, *words["periods"][word])
    if word in words.get("relative", {}):
        day = (published + timedelta(days=words["relative"][word])).isoformat()
        return day, day
    back = (published.weekday() - words["days"].index(word)) % 7  # the last such day up to the article's
    day = (published - timedelta(days=back)).isoformat()
    return day, day


def _period(published: date, unit: str, step: int) -> tuple[str, str]:
    if unit == "week":
        monday = published - timedelta(days=published.weekday()) + timedelta(weeks=step)
        return monday.isoformat(), (monday + timedelta(days=6)).isoformat()
    if unit == "year":
        return f"{published.year + step}-01-01", f"{published.year + step}-12-31"
    months = published.year * 12 + published.month - 1 + step
    year, month = months // 12, months % 12 + 1
    return f"{year}-{month:02}-01", (_month_after(year, month) - timedelta(days=1)).isoformat()


def _add_ago(found: list[Value], text: str, code: str, words: dict[str, Any], published: date | None) -> None:
    """`three days ago`, `vor drei Tagen`."""
    after, before = words.get("ago", ()), words.get("before", ())
    if not after and not before:
        return
    for value in find_numbers(text, code):
        if value.kind != "duration" or value.unit not in DAYS or value.low is None:
            continue
        following = re.match(r"\s+([^\W\d_]+)", text[value.end :])
        leading = re.search(r"(\S+(?:\s\S+){0,2})\s$", text[: value.start].lower())
        is_after = following is not None and following.group(1).lower() in after
        is_before = leading is not None and any(leading.group(1).endswith(word) for word in before)
        if not is_after and not is_before:
            continue
        end = value.end + (following.end() if is_after and following else 0)
        found.append(
            Value(
                "date",
                value.start,
                end,
                text[value.start : end],
                "about",
                first=(day := _back(published, value)),
                last=day,
            )
        )


def _back(published: date | None, value: Value) -> str:
    if published is None or value.low is None:
        return ""
    try:
        return (published - timedelta(days=round(value.low * DAYS[value.unit]))).isoformat()
    except OverflowError:
        return ""
