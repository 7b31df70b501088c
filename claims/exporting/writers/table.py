"""What a table of a release is to a writer: columns with a kind, and rows of plain values in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

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
    """A format: `begin` starts one table of it."""

    extension: str
    title: str
    begin: Callable[[Sequence[Column]], Written]


class Written(Protocol):
    """A table on its way. Each call gives the bytes that are ready, often none; together they are the file."""

    def head(self) -> bytes: ...

    def row(self, values: Sequence[Any]) -> bytes: ...

    def end(self) -> bytes: ...


@dataclass(frozen=True)
class Lines:
    """A table of a format in which each row stands by itself."""

    columns: Sequence[Column]
    head_of: Callable[[Sequence[Column]], bytes]
    row_of: Callable[[Sequence[Column], Sequence[Any]], bytes]

    def head(self) -> bytes:
        return self.head_of(self.columns)

    def row(self, values: Sequence[Any]) -> bytes:
        return self.row_of(self.columns, values)

    def end(self) -> bytes:
        return b""


def line_writer(
    extension: str,
    title: str,
    *,
    head: Callable[[Sequence[Column]], bytes],
    row: Callable[[Sequence[Column], Sequence[Any]], bytes],
) -> Writer:
    return Writer(extension, title, lambda columns: Lines(columns, head, row))


def plain(value: Any) -> Any:
    """A value as JSON knows it: times become ISO 8601 in UTC, with a Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value
