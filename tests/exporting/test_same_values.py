"""Every format of tables holds the same rows and values, whatever is in them: one canonical hash over all of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from claims.exporting.writers import CARDS, DOCUMENTS, TABULAR, WRITERS, Column
from claims.exporting.writers.csv import strip_guard
from claims.exporting.writers.table import plain

COLUMNS = (
    Column("words", "text"),
    Column("n", "whole"),
    Column("share", "number"),
    Column("at", "time"),
    Column("kinds", "list"),
    Column("value", "value"),
)
AWKWARD = (
    'He said "no", twice',
    "two\nlines\r\nand\ttab",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@sum",
    "'quoted",
    "''twice",
    "＝full width",
    " blank around ",
    "",
    "null",
    "NaN",
    "true",
    "007",
    "1e5",
    "🛢️👩‍🔬 é e\u0301",
    "نص عربي \u202e right to left",
    "\u2028separator\u2029",
    "\x01\x0b control _x0041_",
    "back\\slash \\u0041 \\N",
    ",;|",
    "\ufeffmark",
)
NOON = datetime(2026, 5, 4, 12, 0, 0, 5, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [
    *((text, n - 3, n / 7, NOON, [text, {"a": text}], text) for n, text in enumerate(AWKWARD)),
    (None, None, None, None, None, None),
    ("values", 2**53, 1e-9, NOON, [], True),
    ("values", -(2**53), -0.5, NOON, [None], 1),
    ("values", 0, 1.0, NOON, [[]], ["a", "b"]),
    ("values", 0, 0.1, NOON, ["x"], {"start": 1, "end": 2}),
]


def canonical(rows: list[tuple[Any, ...]]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([plain(value) for value in row], ensure_ascii=True, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def from_jsonl(raw: bytes) -> list[tuple[Any, ...]]:
    read = [json.loads(line) for line in raw.decode().split("\n") if line]
    return [tuple(row[column.name] for column in COLUMNS) for row in read]


def from_parquet(raw: bytes) -> list[tuple[Any, ...]]:
    def value(row: dict[str, Any], column: Column) -> Any:
        is_json = column.kind == "list" or (column.kind == "value" and row["value_is_json"])
        return json.loads(row[column.name]) if is_json and row[column.name] is not None else row[column.name]

    return [tuple(value(row, column) for column in COLUMNS) for row in pq.read_table(io.BytesIO(raw)).to_pylist()]


def from_csv(raw: bytes, *, guarded: bool) -> list[tuple[Any, ...]]:
    """An empty cell without quotes is no value; the csv module cannot tell, so `plainly` compares without that."""
    lines = list(csv.reader(io.StringIO(raw.decode(), newline="")))[1:]
    return [tuple(strip_guard(cell) if guarded else cell for cell in line) for line in lines]


def from_xlsx(raw: bytes) -> list[tuple[Any, ...]]:
    """Texts are inline; what XML has no place for is escaped by the rule of the format (ECMA-376, ST_Xstring)."""
    lines = list(load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows(values_only=True))[1:]
    return [tuple(unescape(cell) if isinstance(cell, str) else cell for cell in line) for line in lines]


def in_csv(value: Any, kind: str) -> str:
    """A value as a cell of CSV means it."""
    if value is None:
        return ""
    if kind in ("text", "time") or (kind == "value" and isinstance(value, str)):
        return str(plain(value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def written(format_: str) -> bytes:
    table = TABULAR[format_].begin(COLUMNS)
    return table.head() + table.rows(ROWS[:9]) + table.rows(ROWS[9:]) + table.end()


@pytest.mark.parametrize(("format_", "read"), [("jsonl", from_jsonl), ("parquet", from_parquet)])
def test_ex_03_formats_with_types_give_every_value_back(
    format_: str, read: Callable[[bytes], list[tuple[Any, ...]]]
) -> None:
    assert canonical(read(written(format_))) == canonical(ROWS)


@pytest.mark.parametrize("format_", ["csv", "csv_raw"])
def test_ex_03_csv_gives_every_value_back_as_text(format_: str) -> None:
    wanted = [tuple(in_csv(value, c.kind) for value, c in zip(row, COLUMNS, strict=True)) for row in ROWS]
    assert canonical(from_csv(written(format_), guarded=format_ == "csv")) == canonical(wanted)
    last = written(format_).decode().split("\r\n")
    assert ",,,,," in last, "no value is a bare empty cell"


def test_ex_03_spreadsheets_hold_the_same_texts_and_numbers() -> None:
    for row, found in zip(ROWS, from_xlsx(written("xlsx")), strict=True):
        words, n, share, at, kinds, value = found
        assert (words or None, n, share) == (row[0] or None, row[1], row[2])
        assert at == (None if row[3] is None else plain(row[3]))
        assert (None if kinds is None else json.loads(kinds)) == row[4]
        is_bare = isinstance(row[5], str | int) or row[5] is None
        assert (value or None if is_bare else json.loads(value)) == (row[5] or None)


def test_every_format_is_compared_or_read_by_a_tool_of_its_own() -> None:
    # Documents: tests/exporting/test_documents.py; cards: tests/exporting/test_cards.py
    assert set(TABULAR) == {"jsonl", "csv", "csv_raw", "parquet", "xlsx"}
    assert set(WRITERS) == {*TABULAR, *DOCUMENTS, *CARDS}
    told = "".join(Path(__file__).with_name(name).read_text() for name in ("test_documents.py", "test_cards.py"))
    assert [name for name in (*DOCUMENTS, *CARDS) if f'"{name}"' not in told] == []
