"""Reading the rows of a query some at a time, at constant memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

from django.db import connection

from claims.exporting.scope import Params
from claims.exporting.writers.table import Column

FETCHED_AT_ONCE = 5_000
LONG_AT_ONCE = 200  # of rows that may hold a whole text
BLOCK = 1 << 20  # bytes that are parsed at once
COPIED = {"text": "string", "value": "string", "whole": "int64", "number": "float64"}  # kind -> type of Arrow

Row = tuple[Any, ...]
Batch = list[Row]


def stream(source: str, params: Params) -> Iterator[Row]:
    """Rows of a query, some in memory at a time; the database holds the result while it is read."""
    for batch in batches(source, params, LONG_AT_ONCE):
        yield from batch


def batches(source: str, params: Params, at_once: int) -> Iterator[Batch]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(source, params)
        while rows := cursor.fetchmany(at_once):
            yield rows


def can_be_copied(columns: Sequence[Column]) -> bool:
    return all(column.kind in COPIED for column in columns)


def copied_batches(source: str, columns: Sequence[Column], params: Params) -> Iterator[Batch]:
    """Rows of numbers and texts, JSON as text, by COPY to a file that is then parsed: a cursor gets no parallel plan
    and brings each row apart, which for a million labels takes twice as long. The connection is free meanwhile."""
    from pyarrow import csv, type_for_alias  # 60 MB that only who writes a release needs

    with tempfile.TemporaryFile(prefix="release-rows-") as spool:
        _copy(source, params, spool)
        if not spool.tell():
            return
        spool.seek(0)
        names = [column.name for column in columns]
        rows = csv.open_csv(
            spool,
            csv.ReadOptions(column_names=names, block_size=BLOCK, use_threads=False),
            csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(
                column_types={column.name: type_for_alias(COPIED[column.kind]) for column in columns},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,  # COPY quotes an empty text, and writes nothing for no value
            ),
        )
        for batch in rows:
            yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _copy(source: str, params: Params, target: IO[bytes]) -> None:
    connection.ensure_connection()
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY ({source}) TO STDOUT (FORMAT csv)", params) as rows,
    ):
        for row in rows:
            target.write(row)
