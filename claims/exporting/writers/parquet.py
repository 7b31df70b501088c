"""Parquet: see `claims.exporting.writers.arrow`. Arrow is loaded with the first table that is written; every process
knows the format, and those that write none save its 60 MB."""

from __future__ import annotations

from collections.abc import Sequence

from claims.exporting.writers.table import Column, Writer, Written


def begin_table(columns: Sequence[Column]) -> Written:
    from claims.exporting.writers.arrow import ParquetTable

    return ParquetTable(columns)


PARQUET = Writer("parquet", "Parquet, with types and dictionaries", begin_table)
