"""Documents: formats of the field, made of joined records instead of tables. A document has one file or several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from claims.exporting.writers.jsonl import encode_json

Record = Mapping[str, Any]
CONTEXT = 32  # code points of prefix and suffix in a quote selector
CHECKED, JUDGED, TEXTS = "checked", "judged", "texts"  # see claims.exporting.joined


@dataclass(frozen=True)
class Part:
    """One file of a document: its name, the records it is made of, and a fresh writer of it; `before` are records of
    another source that it begins with."""

    name: str
    source: str
    begin: Callable[[], WrittenPart]
    before: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.before, self.source)))


@dataclass(frozen=True)
class Document:
    """A format that other tools read as it is."""

    title: str
    parts: tuple[Part, ...]


class WrittenPart(Protocol):
    """As a table on its way, but it takes a record, and counts what it wrote: some records have no place in it."""

    rows: int

    def head(self) -> bytes: ...

    def row(self, values: Record) -> bytes: ...

    def end(self) -> bytes: ...


@dataclass
class Entries:
    """A file that is a list of entries of text: none, one or several a record."""

    entries_of: Callable[[Record], Iterable[str]]
    opening: str = ""
    between: str = ""
    closing: str = ""
    rows: int = field(default=0, init=False)

    def head(self) -> bytes:
        return self.opening.encode()

    def row(self, values: Record) -> bytes:
        parts = []
        for entry in self.entries_of(values):
            parts.append((self.between if self.rows else "") + entry)
            self.rows += 1
        return "".join(parts).encode("utf-8", "backslashreplace")

    def end(self) -> bytes:
        return self.closing.encode()


def json_array(shape: Callable[[Record], Iterable[Any]]) -> Callable[[], Entries]:
    """A JSON array with one entry a line."""

    def entries(record: Record) -> Iterable[str]:
        return map(encode_json, shape(record))

    return lambda: Entries(entries, "[\n", ",\n", "\n]\n")


def json_lines(shape: Callable[[Record], Iterable[Any]]) -> Callable[[], Entries]:
    def entries(record: Record) -> Iterable[str]:
        return (encode_json(entry) + "\n" for entry in shape(record))

    return lambda: Entries(entries)


def json_object(shape: Callable[[Record], Iterable[tuple[str, Any]]]) -> Callable[[], Entries]:
    """One JSON object of (key, value), one a line; the caller sees to it that keys differ."""

    def entries(record: Record) -> Iterable[str]:
        return (f"{encode_json(key)}:{encode_json(value)}" for key, value in shape(record))

    return lambda: Entries(entries, "{\n", ",\n", "\n}\n")


def settled_value(record: Record, *questions: str) -> Any:
    """The settled answer to the first of these questions that has one; None where nobody could or would settle."""
    for question in questions:
        found = record["settled"].get(question)
        if found and found["outcome"] == "answer" and found["value"] is not None:
            return found["value"]
    return None


def rationale(record: Record, question: str) -> str:
    return str((record["settled"].get(question) or {}).get("rationale") or "")
