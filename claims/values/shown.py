"""Where something about an outlet is seen, and on which day: read from what a reviewer wrote."""

from __future__ import annotations

import re
from datetime import date, timedelta

SHOWN = "_shown"  # a text question of this ending holds what shows the answer to the question before it
ADDRESS = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:)]", re.IGNORECASE)
DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def read_shown(written: str, on: date = date.max) -> tuple[str, date | None]:
    """The first address and the first day (YYYY-MM-DD) in a text.

    A day that has come nowhere on earth when it was written (`on`) is none: nobody looked on it.
    """
    address, day = ADDRESS.search(written), DAY.search(written)
    try:
        seen_on = date(*map(int, day.groups())) if day else None
    except ValueError:
        seen_on = None
    if seen_on is not None and (seen_on - on) > timedelta(days=1):
        seen_on = None
    return (address[0] if address else ""), seen_on
