"""What a table of a release is to a writer: columns with a kind, and rows of plain values in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

KINDS = ("text", "whole", "number", "yes_no", "time", "list", "value")


@dataclass(frozen=True)
class Column:
    """One column. `kind` is a word of KINDS; `value` holds a choice code, or a list or number where the question asks
    for one; `list` holds lists and tables, which formats without them carry as JSON. `meaning` goes to the manifest."""

    name: str
    kind: str
    meaning: str = ""


@dataclass(frozen=True)
class Writer:
    """A format: `head` gives the bytes before the first row, `row` those of a row."""

    extension: str
    title: str
    head: Callable[[Sequence[Column]], bytes]
    row: Callable[[Sequence[Column], Sequence[Any]], bytes]


def plain(value: Any) -> Any:
    """A value as JSON knows it: times become ISO 8601 in UTC, with a Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value
