"""JSON Lines: an object a row with every column, in the table's order, UTF-8, nothing escaped that need not be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from claims.exporting.writers.table import Cells, Column, Lines, Writer, plain

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def encode_json(value: Any) -> str:
    """Compact JSON; the keys of tables in the order they come in."""
    return _encode(value)


def encode_row(columns: Sequence[Column], values: Sequence[Any]) -> bytes:
    return JSONL.begin(columns).rows([values])


def _begin(columns: Sequence[Column]) -> Lines:
    last = len(columns) - 1
    cells = [
        Cells(each, _cell, f"{',' if n else '{'}{_encode(each.name)}:", "" if n < last else "}\n")
        for n, each in enumerate(columns)
    ]
    return Lines(columns, "", cells)


def _cell(_: Column, value: Any) -> str:
    return _encode(plain(value))


JSONL = Writer("jsonl", "JSON Lines", _begin)
