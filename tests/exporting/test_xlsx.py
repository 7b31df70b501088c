"""Workbooks are read back with openpyxl, an implementation of its own."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from claims.exporting.writers import WRITERS, Column, Writer, xlsx

COLUMNS = (
    Column("words", "text"),
    Column("n", "whole"),
    Column("share", "number"),
    Column("sound", "yes_no"),
    Column("at", "time"),
    Column("kinds", "list"),
    Column("value", "value"),
)


def read(columns: tuple[Column, ...], *rows: tuple[Any, ...]) -> list[list[tuple[Any, ...]]]:
    """The sheets of a workbook of these rows."""
    writer = WRITERS["xlsx"]
    assert isinstance(writer, Writer)
    table = writer.begin(columns)
    content = table.head() + table.rows(rows) + table.end()
    book = load_workbook(io.BytesIO(content))
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


def test_it_works() -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    full = ("Brücke <zu> & 🧨", -3, 0.25, True, noon, ["a", "b"], "refuted")
    none = (None,) * 7
    [[names, first, second, third]] = read(COLUMNS, full, none, ("x", 1, 2.0, False, noon, [], -2))
    assert names == tuple(column.name for column in COLUMNS)
    assert first == (*full[:4], "2026-05-04T12:00:00.000000Z", '["a","b"]', "refuted")
    assert second == none
    assert third[-1] == -2


@pytest.mark.parametrize("text", ["=1+1", "@sum", "-2", "  two\n\tlines\r\n ", "_x0041_", "\x07bell", "", "007"])
def test_ex_01_text_is_text_and_stays_as_it_is(text: str) -> None:
    [[_, [cell]]] = read((Column("words", "text"),), (text,))
    assert unescape(cell or "") == text


def test_long_text_is_cut_and_says_so() -> None:
    [[_, [whole], [cut]]] = read((Column("words", "text"),), ("é" * 32_767,), ("🧨" * 20_000,))
    assert whole == "é" * 32_767
    assert cut.endswith("🧨… [cut: 20000 characters]")
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767


def test_rows_that_find_no_room_are_on_a_further_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS_A_SHEET", 3)
    sheets = read((Column("n", "whole"),), *((n,) for n in range(5)))
    assert sheets == [[("n",), (0,), (1,)], [("n",), (2,), (3,)], [("n",), (4,)]]
