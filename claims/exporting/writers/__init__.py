"""The registry of export formats. To add one: a module in this folder and a line here.

A writer turns the rows of one table into bytes, a row at a time; the same rows always give the same bytes.
"""

from __future__ import annotations

from claims.exporting.writers.csv import CSV, CSV_RAW
from claims.exporting.writers.jsonl import JSONL
from claims.exporting.writers.table import Column, Writer

__all__ = ["WRITERS", "Column", "Writer"]

WRITERS: dict[str, Writer] = {
    "jsonl": JSONL,
    "csv": CSV,
    "csv_raw": CSV_RAW,
}
