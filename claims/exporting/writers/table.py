"""What a table of a release is to a writer: columns with a kind, and rows of plain values in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from operator import itemgetter
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

    def rows(self, batch: Sequence[Sequence[Any]]) -> bytes: ...

    def end(self) -> bytes: ...


def by_column(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The columns of rows; for thousands of rows faster than zip, which holds an iterator a row."""
    return [list(map(itemgetter(n), rows)) for n in range(len(rows[0]))] if rows else []


CellText = Callable[[Column, Any], str]
KEPT_CELLS = 4_000
KEPT_LETTERS = 80
KEPT_KINDS = frozenset({"text", "whole", "time"})  # within these, equal values are written alike


class Cells(dict[Any, str]):
    """The cells of one column as they are written. Most columns say the same few things in every row, so what is short
    is written once and looked up from then on; how much is kept is bounded."""

    def __init__(self, column: Column, text_of: CellText, before: str, after: str) -> None:
        super().__init__()
        self._column, self._text_of, self._before, self._after = column, text_of, before, after

    def __missing__(self, value: Any) -> str:
        text = self._write(value)
        if len(text) <= KEPT_LETTERS:
            if len(self) >= KEPT_CELLS:
                self.clear()
            self[value] = text
        return text

    def _write(self, value: Any) -> str:
        return f"{self._before}{self._text_of(self._column, value)}{self._after}"

    def of(self, values: Sequence[Any]) -> Iterable[str]:
        if self._column.kind in KEPT_KINDS:
            return map(self.__getitem__, values)
        if self._column.kind == "value":  # true, 1 and 1.0 are equal, but not written alike
            return (self[value] if isinstance(value, str) else self._write(value) for value in values)
        return map(self._write, values)


class Lines:
    """A table of a format in which each row stands by itself: cells with something before, between and after them."""

    def __init__(self, columns: Sequence[Column], head: str, cells: Sequence[Cells]) -> None:
        self.columns, self._head, self._cells = columns, head, cells

    def head(self) -> bytes:
        return self._head.encode("utf-8", "backslashreplace")

    def rows(self, batch: Sequence[Sequence[Any]]) -> bytes:
        texts = [cells.of(values) for cells, values in zip(self._cells, by_column(batch), strict=bool(batch))]
        return "".join(chain.from_iterable(zip(*texts, strict=True))).encode("utf-8", "backslashreplace")

    def end(self) -> bytes:
        return b""


def plain(value: Any) -> Any:
    """A value as JSON knows it: times become ISO 8601 in UTC, with a Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value
