"""Parquet is read back with pyarrow, from outside the writer."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claims.exporting.actions import verify_release
from claims.exporting.records import TABLES
from claims.exporting.writers import Column
from claims.exporting.writers.arrow import ROWS_A_GROUP
from claims.exporting.writers.jsonl import encode_row
from claims.models import Release
from tests.exporting.test_actions import content, labelled, released
from tests.exporting.test_writers import written


def read_back(raw: bytes, columns: tuple[Column, ...]) -> list[tuple[Any, ...]]:
    """Rows as they went in, by what the writer's docstring promises."""

    def value(row: dict[str, Any], column: Column) -> Any:
        found = row[column.name]
        is_json = column.kind == "list" or (column.kind == "value" and row[f"{column.name}_is_json"])
        return json.loads(found) if is_json and found is not None else found

    return [tuple(value(row, each) for each in columns) for row in pq.read_table(io.BytesIO(raw)).to_pylist()]


def test_it_works() -> None:
    columns = (Column("reviewer", "text"), Column("n", "whole"), Column("t", "time"), Column("share", "number"))
    row = ("=Ölmarkt 🛢️", -3, datetime(2026, 5, 4, 12, tzinfo=UTC), 0.1)
    raw = written("parquet", columns, row, (None, None, None, None))
    assert read_back(raw, columns) == [row, (None, None, None, None)]
    types = pq.read_schema(io.BytesIO(raw)).types
    assert types == [pa.dictionary(pa.int32(), pa.string()), pa.int64(), pa.timestamp("us", tz="UTC"), pa.float64()]


def test_values_of_every_shape_stay_apart() -> None:
    columns = (Column("value", "value"),)
    rows = [("true",), (True,), ('["a"]',), (["a"],), ("2",), (2,), (0.5,), (None,), ("",)]
    back = read_back(written("parquet", columns, *rows), columns)
    assert [(type(a), a) for [a] in back] == [(type(a), a) for [a] in rows]


def test_no_rows_are_a_table_of_no_rows() -> None:
    assert read_back(written("parquet", (Column("n", "whole"),)), (Column("n", "whole"),)) == []


def test_rows_leave_in_groups_and_twice_the_same() -> None:
    columns = (Column("question", "text"), Column("n", "whole"))
    rows = [(f"q{n % 3}", n) for n in range(ROWS_A_GROUP * 2 + 1)]
    raw = written("parquet", columns, *rows)
    assert pq.ParquetFile(io.BytesIO(raw)).num_row_groups == 3
    assert read_back(raw, columns) == rows
    assert written("parquet", columns, *rows) == raw


@pytest.mark.django_db
def test_ex_03_every_table_holds_the_same_in_parquet_and_jsonl() -> None:
    release: Release = released(labelled()[0], formats=["jsonl", "csv", "parquet"])
    for name, table in TABLES.items():
        back = read_back(content(release, f"{name}.parquet"), table.columns)
        again = b"".join(encode_row(table.columns, row) for row in back)
        assert again == content(release, f"{name}.jsonl"), name
    assert verify_release(release) == []
