"""The rows of an .xlsx workbook, one at a time (openpyxl, read-only). Runs in the parser's child process."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl

from claims.errors import Refused
from claims.importing.archives import check_ratio, open_archive

ROW_CHARS = 8_000_000
_ROWS = 200
_CHARS = 1_000_000


def answers(data: bytes, url: str, charset: str) -> Iterator[dict[str, Any]]:
    """What the parser's child sends: {"sheet", "rows": [[number, cells or None when the row is too long]]}.

    Raises Refused: `unsupported_content`, what `open_archive` and `check_ratio` raise.
    """
    if not data.startswith(b"PK"):
        raise Refused(
            "unsupported_content",
            "This is not an .xlsx file, or it has a password. Save it again as .xlsx.",
            status=415,
        )
    with open_archive(io.BytesIO(data)) as archive:
        check_ratio(archive)
        if "xl/workbook.xml" not in archive.namelist():
            raise Refused("unsupported_content", "This is a zip archive but no .xlsx workbook.", status=415)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield from _pieces(sheet)
    except (zipfile.BadZipFile, EOFError) as error:
        raise Refused("archive_corrupt", "The workbook is damaged. Save it again.") from error


def _pieces(sheet: Any) -> Iterator[dict[str, Any]]:
    sheet.reset_dimensions()  # what the sheet says of its size may be wrong
    rows: list[tuple[int, list[str] | None]] = []
    chars = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [as_text(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        size = sum(map(len, cells))
        rows.append((number, cells if size <= ROW_CHARS else None))
        chars += min(size, ROW_CHARS)
        if len(rows) >= _ROWS or chars >= _CHARS:
            yield {"sheet": sheet.title, "rows": rows}
            rows, chars = [], 0
    yield {"sheet": sheet.title, "rows": rows}


def as_text(value: Any) -> str:
    """A cell as a person would type it: dates in ISO form, whole numbers without a fraction."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
