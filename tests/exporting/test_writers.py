from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.exporting.writers import WRITERS, Column
from claims.exporting.writers.csv import strip_guard
from claims.exporting.writers.table import KEPT_CELLS

TEXT = (Column("words", "text"),)
NUMBERS = (Column("n", "whole"), Column("share", "number"))


def written(format_: str, columns: tuple[Column, ...], *rows: tuple[Any, ...]) -> bytes:
    table = WRITERS[format_].begin(columns)
    return table.head() + table.rows(rows) + table.end()


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_it_works() -> None:
    columns = (Column("claim", "text"), Column("n", "whole"), Column("kinds", "list"))
    row = ("The pier, “closed”", 3, ["numerical", "causal"])
    assert json.loads(written("jsonl", columns, row)) == {"claim": row[0], "n": 3, "kinds": row[2]}
    assert cells(written("csv", columns, row)) == [
        ["claim", "n", "kinds"],
        ["The pier, “closed”", "3", '["numerical","causal"]'],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'"])
def test_ex_01_formula_starts_are_guarded_and_restored(start: str) -> None:
    text = start + "HYPERLINK(A1)"
    [_, [cell]] = cells(written("csv", TEXT, (text,)))
    assert cell == "'" + text
    assert strip_guard(cell) == text


def test_ex_01_every_text_like_column_is_guarded() -> None:
    columns = (Column("a", "text"), Column("b", "value"))
    assert cells(written("csv", columns, ("=1+1", "@sum")))[1] == ["'=1+1", "'@sum"]


def test_ex_01_numbers_are_untouched_and_raw_is_opt_in() -> None:
    assert cells(written("csv", NUMBERS, (-3, -0.5)))[1] == ["-3", "-0.5"]
    assert cells(written("csv", (Column("value", "value"),), (-2,)))[1] == ["-2"]
    assert cells(written("csv_raw", TEXT, ("=1+1",)))[1] == ["=1+1"]
    assert json.loads(written("jsonl", TEXT, ("=1+1",))) == {"words": "=1+1"}


def test_no_value_differs_from_empty_text() -> None:
    assert written("csv", (*TEXT, *TEXT), (None, "")) == b'words,words\r\n,""\r\n'


def test_equal_values_of_different_types_stay_apart_in_one_batch() -> None:
    columns, values = (Column("v", "value"), Column("n", "number")), (True, 1, 1.0, "1", "true", 0.0, -0.0, None)
    lines = written("jsonl", columns, *((value, value) for value in values)).decode().splitlines()
    assert lines == [f'{{"v":{cell},"n":{cell}}}' for cell in map(json.dumps, values)]
    shown = [first for first, _ in cells(written("csv", columns, *((value, None) for value in values)))[1:]]
    assert shown == ["true", "1", "1.0", "1", "true", "0.0", "-0.0", ""]


def test_what_is_kept_of_a_column_is_bounded() -> None:
    table = WRITERS["jsonl"].begin((Column("n", "whole"),))
    for start in range(0, 3 * KEPT_CELLS, 1_000):
        assert table.rows([(n,) for n in range(start, start + 1_000)]).startswith(b'{"n":%d}' % start)
    assert len(table._cells[0]) <= KEPT_CELLS


def test_times_are_in_utc() -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=3)))
    assert json.loads(written("jsonl", (Column("t", "time"),), (east,)))["t"] == "2026-05-04T12:00:00.000000Z"


def test_json_refuses_what_json_does_not_know() -> None:
    with pytest.raises(ValueError, match="JSON"):
        written("jsonl", NUMBERS, (1, float("nan")))


@given(st.lists(st.one_of(st.none(), st.text()), min_size=2, max_size=5))
def test_any_text_survives_csv_and_jsonl(texts: list[str | None]) -> None:
    columns = tuple(Column(f"c{n}", "text") for n in range(len(texts)))
    texts = [None if text is None else text.encode("utf-8", "replace").decode() for text in texts]
    [_, row] = cells(written("csv", columns, tuple(texts)))
    assert [strip_guard(cell) for cell in row] == [text or "" for text in texts]
    assert list(json.loads(written("jsonl", columns, tuple(texts))).values()) == texts
