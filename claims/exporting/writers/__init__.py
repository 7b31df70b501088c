"""The registry of export formats. To add one: a module in this folder and a line here.

A writer takes the rows of one table one by one and gives bytes; the same rows always give the same bytes.
"""

from __future__ import annotations

from claims.exporting.writers.csv import CSV, CSV_RAW
from claims.exporting.writers.jsonl import JSONL
from claims.exporting.writers.parquet import PARQUET
from claims.exporting.writers.table import Column, Writer

__all__ = ["WRITERS", "Column", "Writer"]

WRITERS: dict[str, Writer] = {
    "jsonl": JSONL,
    "csv": CSV,
    "csv_raw": CSV_RAW,
    "parquet": PARQUET,
}
