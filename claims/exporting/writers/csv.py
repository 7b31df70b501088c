"""CSV after RFC 4180, UTF-8, with one rule that keeps spreadsheets from taking text for formulas.

The rule, in text, list and value columns: a cell that begins with one of = + - @ TAB CR LF, with one of their
full-width forms, or with an apostrophe gets one apostrophe in front. To read it back, take one leading apostrophe
away; `strip_guard` does so. Numbers are never touched. No value is an empty cell, empty text is "".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from claims.exporting.writers.jsonl import encode_json
from claims.exporting.writers.table import Cells, Column, Lines, Writer, plain

GUARDED = tuple("=+-@\t\r\n'＝＋－＠")
TEXT_KINDS = frozenset({"text", "list", "value"})
NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$|^$')


def _text(kind: str, value: Any, *, is_safe: bool) -> str:
    if kind == "list" or (kind == "value" and not isinstance(value, str)):
        text = encode_json(value)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float):
        text = encode_json(value)
    else:
        text = str(plain(value))
    is_number = kind == "value" and isinstance(value, int | float)
    if is_safe and kind in TEXT_KINDS and not is_number and text.startswith(GUARDED):
        return "'" + text
    return text


def _cell(column: Column, value: Any, *, is_safe: bool) -> str:
    if value is None:
        return ""
    text = _text(column.kind, value, is_safe=is_safe)
    if NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _begin(columns: Sequence[Column], *, is_safe: bool) -> Lines:
    last, write = len(columns) - 1, partial(_cell, is_safe=is_safe)
    cells = [Cells(each, write, "," if n else "", "" if n < last else "\r\n") for n, each in enumerate(columns)]
    return Lines(columns, ",".join(column.name for column in columns) + "\r\n", cells)


def strip_guard(text: str) -> str:
    """A text cell as it was before the spreadsheet rule."""
    return text[1:] if text.startswith("'") else text


CSV = Writer("csv", "CSV, safe to open in a spreadsheet", partial(_begin, is_safe=True))
CSV_RAW = Writer("raw.csv", "CSV, text exactly as it is", partial(_begin, is_safe=False))
