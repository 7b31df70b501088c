"""Dates as datasets, pages and datelines state them. A date is never guessed where two readings are possible."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Before the first newspapers (1605) a date is a filler such as 0001-01-01.
_FIRST_YEAR = 1600
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio janeiro januari",
            "feb february februar février febrero febbraio fevereiro februari",
            "mar march märz mars marzo março maart",
            "apr april avril abril aprile",
            "may mai mayo maggio maio mei",
            "jun june juni juin junio giugno junho",
            "jul july juli juillet julio luglio julho",
            "aug august août agosto augustus",
            "sep sept september septembre septiembre settembre setembro",
            "oct october oktober octobre octubre ottobre outubro",
            "nov november novembre noviembre novembro",
            "dec december dezember décembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEK = re.compile(r"\d{4}-?W\d{2}")
_NUMERIC = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b|\b(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.|º)?\s+(?:de\s+)?([^\W\d_]{3,11})\.?,?\s+(?:de\s+)?(\d{4})\b")
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,11})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")


def parse_stated_date(value: str) -> datetime:
    """Read an ISO 8601 date or time, an RFC 2822 date, or a day as `find_date` reads it, as an aware datetime (no zone
    given: UTC).

    Raises ValueError for anything else and for days that do not exist.
    """
    stated = re.sub(r"\s+(?:UTC|GMT|Z)\Z", "+00:00", value.strip()) if value.strip()[:4].isdigit() else value.strip()
    if _WEEK.fullmatch(stated):
        raise ValueError("a week is not a day")
    try:
        found = datetime.fromisoformat(re.sub(r"^(\d{4})/(\d{2})/(\d{2})", r"\1-\2-\3", stated))
    except ValueError:
        if any(form.fullmatch(stated) for form in (_NUMERIC, _DAY_FIRST, _MONTH_FIRST)) and (day := find_date(stated)):
            return day
        if not re.match(r"[A-Za-z]{3},? |\d{1,2} [A-Za-z]{3} \d{4}", stated):
            raise
        found = parsedate_to_datetime(stated)
    if found.year < _FIRST_YEAR:
        raise ValueError(f"the year {found.year} is before the first newspapers")
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is outside the calendar") from error


def find_date(line: str) -> datetime | None:
    """Find the first date in a dateline, such as `19.01.2017`, `December 14, 2017` or `3 mars 2024`; else None.

    Forms whose day and month can be mistaken for each other (03/04/2017) are left alone.
    """
    if found := _NUMERIC.search(line):
        day, month, year = found.group(1, 2, 3) if found.group(3) else found.group(6, 5, 4)
        return _day(year, int(month), day)
    if (found := _DAY_FIRST.search(line)) and (number := _MONTHS.get(found.group(2).casefold())):
        return _day(found.group(3), number, found.group(1))
    if (found := _MONTH_FIRST.search(line)) and (number := _MONTHS.get(found.group(1).casefold())):
        return _day(found.group(3), number, found.group(2))
    return None


def _day(year: str, month: int, day: str) -> datetime | None:
    try:
        found = datetime(int(year), month, int(day), tzinfo=UTC)
    except ValueError:
        return None
    return found if found.year >= _FIRST_YEAR else None
