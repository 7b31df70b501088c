"""Which edition of the program wrote a release.

The same release gives the same bytes for as long as what writes it stays the same. EDITION is raised with every change
that gives other bytes for the same rows: a table more, other words in a card, other groups of rows in a file. Versions
of the libraries that write bytes of their own count as well. A release keeps what it was started with, holds the tables
that there were then, and is verified row by row where its bytes are no longer those that this edition writes.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from claims.models import Release

EDITION = 6
SAYS_WHAT_CHANGED = 3  # from this edition on a manifest does
LIBRARIES = ("pyarrow", "openpyxl")
FIRST = {"edition": 1}  # before editions were kept


def made_with() -> dict[str, Any]:
    """What writes releases now."""
    return {"edition": EDITION} | {name: version(name) for name in LIBRARIES}


def made_with_of(release: Release) -> dict[str, Any]:
    made: dict[str, Any] = release.filter.get("made_with", FIRST)
    return made


def is_of_this_edition(release: Release) -> bool:
    return made_with_of(release) == made_with()
