"""Parquet with an Arrow schema: whole numbers, floats, times in UTC, and dictionaries for columns of codes.

Parquet has one type a column. A `list` column is JSON text. A `value` column holds a choice code as it is and anything
else as JSON, and the column after it, `<name>_is_json`, says which of the two; so nothing is lost.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import NoneType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from claims.exporting.writers.jsonl import encode_json
from claims.exporting.writers.table import Column, by_column

ROWS_A_GROUP = 20_000
LETTERS_A_GROUP = 4_000_000  # articles are long: a group of them ends earlier
CODES = frozenset(
    [
        "question",
        "reviewer",
        "phase",
        "value",
        "missing",
        "outcome",
        "method",
        "reason_code",
        "kind",
        "segment_role",
        "attribution",
        "origin",
        "splitter",
        "relation",
        "strength",
        "source_kind",
        "independence",
        "language",
        "genre",
        "role",
        "decided_by",
        "published_how",
        "purpose",
        "unit_kind",
        "codebook",
        "state",
        "day",
    ]
)
TYPES = {
    "whole": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


class _Sink(io.RawIOBase):
    """Where Arrow writes: keeps the bytes until they are taken."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, part: Any) -> int:
        content = bytes(part)
        self._bytes += content
        self._position += len(content)
        return len(content)

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


def _field(column: Column) -> pa.Field:
    text = pa.dictionary(pa.int32(), pa.string()) if column.name in CODES else pa.string()
    about = {"kind": column.kind, "meaning": column.meaning}
    return pa.field(column.name, TYPES.get(column.kind, text), metadata=about)


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a table; a column's kind and meaning are its field's metadata."""
    fields = []
    for column in columns:
        fields.append(_field(column))
        if column.kind == "value":
            fields.append(pa.field(f"{column.name}_is_json", pa.bool_()))
    return pa.schema(fields)


class ParquetTable:
    """A table on its way: rows are kept until they make a row group."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._schema = schema_of(columns)
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._rows: list[Sequence[Any]] = []
        self._letters = 0
        self._wordy = [n for n, each in enumerate(columns) if each.kind == "text" and each.name not in CODES]

    def head(self) -> bytes:
        return self._sink.take()

    def rows(self, batch: Sequence[Sequence[Any]]) -> bytes:
        if self._wordy:
            for values in batch:
                self._add(values)
        else:
            self._rows.extend(batch)
            while len(self._rows) >= ROWS_A_GROUP:
                kept = self._rows[ROWS_A_GROUP:]
                self._write_group(self._rows[:ROWS_A_GROUP])
                self._rows = kept
        return self._sink.take()

    def _add(self, values: Sequence[Any]) -> None:
        self._rows.append(values)
        self._letters += sum(len(values[place] or "") for place in self._wordy)
        if len(self._rows) >= ROWS_A_GROUP or self._letters >= LETTERS_A_GROUP:
            self._write_group(self._rows)

    def end(self) -> bytes:
        if self._rows:
            self._write_group(self._rows)
        self._writer.close()
        return self._sink.take()

    def _write_group(self, rows: Sequence[Sequence[Any]]) -> None:
        arrays: list[pa.Array] = []
        for column, values in zip(self._columns, by_column(rows), strict=True):
            arrays += _arrays(column, values)
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._rows, self._letters = [], 0


def _arrays(column: Column, values: Sequence[Any]) -> list[pa.Array]:
    """The column, and for a `value` the column after it."""
    if column.kind == "list":
        return [pa.array([None if value is None else encode_json(value) for value in values], pa.string())]
    if column.kind == "value":
        if {*map(type, values)} <= {str, NoneType}:
            texts = _typed(column, values)
            return [texts, pc.if_else(texts.is_valid(), pa.scalar(False), pa.scalar(None, pa.bool_()))]
        words = [value if value is None or isinstance(value, str) else encode_json(value) for value in values]
        is_json = [None if value is None else not isinstance(value, str) for value in values]
        return [_typed(column, words), pa.array(is_json, pa.bool_())]
    return [_typed(column, values)]


def _typed(column: Column, values: Sequence[Any]) -> pa.Array:
    wanted = _field(column).type
    if pa.types.is_dictionary(wanted):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, wanted)
