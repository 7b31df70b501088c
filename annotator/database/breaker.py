"""While the database gives no answer, do not let every thread find that out by waiting."""

from __future__ import annotations

import time

REST = 1.0  # seconds until one request may try again

_closed_again = 0.0  # time.monotonic(); one float, so threads need no lock


def open_for_a_while() -> None:
    global _closed_again  # noqa: PLW0603 - the state of this process
    _closed_again = time.monotonic() + REST


def is_open() -> bool:
    """Whether the database was found silent a moment ago."""
    return time.monotonic() < _closed_again
