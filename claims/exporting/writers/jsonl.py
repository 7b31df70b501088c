"""JSON Lines: an object a row with every column, in the table's order, UTF-8, nothing escaped that need not be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from claims.exporting.writers.table import Column, line_writer, plain

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def encode_json(value: Any) -> str:
    """Compact JSON; the keys of tables in the order they come in."""
    return _encode(value)


def encode_row(columns: Sequence[Column], values: Sequence[Any]) -> bytes:
    named = {column.name: plain(value) for column, value in zip(columns, values, strict=True)}
    return (_encode(named) + "\n").encode("utf-8", "backslashreplace")


JSONL = line_writer("jsonl", "JSON Lines", head=lambda columns: b"", row=encode_row)
