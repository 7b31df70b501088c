"""Workbooks: every visible sheet is a table with a header row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.readers.columns import (
    CHECKED,
    Preview,
    build_record,
    check_header,
    check_is_header,
    check_text_column,
    header_name,
    match_columns,
)
from claims.importing.readers.record import Look, ReadOptions, Record, RecordError
from claims.importing.sandbox import read_document
from claims.text import clean_line


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield one record a row; a bad row is an error of its own, and so is a sheet without texts beside one with them.

    Raises Refused: `empty`, `missing_column`, `duplicate_column`, `too_many_columns`, `unknown_column`, and what
    `sheets.answers` and `read_document` raise.
    """
    if not data.read(64).strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{options.member or 'The file'} is empty. Give a workbook with a header row.")
    data.seek(0)
    sheet: _Sheet | None = None
    useless: list[tuple[str, Refused]] = []
    tables = 0
    for piece in read_document("sheets", data):
        if sheet is None or sheet.name != piece["sheet"]:
            sheet = _Sheet(piece["sheet"], options)
        try:
            for number, cells in piece["rows"]:
                tables += sheet.header is None
                yield from sheet.take(number, cells)
        except Refused as refusal:
            tables -= 1
            useless.append((sheet.name, refusal))
            sheet.is_useless = True
    if not tables:
        raise useless[0][1] if useless else Refused("empty", "The workbook has no rows. Give one with a header row.")
    for name, found in useless:
        sentence = f"Sheet “{name[:40]}”: {found.sentence}"
        yield RecordError(code=found.code, sentence=sentence, member=f"{options.member}/{name}"[:300])


def look(data: BinaryIO, options: ReadOptions, rows: int) -> Look:
    """Return the header and the first rows of the first sheet that has any. Raises Refused: `empty`, and what the
    parser does."""
    with closing(read_document("sheets", data)) as pieces:  # the rest of the workbook is not parsed
        for piece in pieces:
            found = [(number, cells) for number, cells in piece["rows"] if cells is not None]
            if found:
                names = [header_name(name) for name in found[0][1]]
                check_header(names)
                check_is_header(names)
                named = [name for name in names if name]
                chosen = {field: name for field, name in options.columns.items() if not name or name in named}
                columns = match_columns(named, chosen)
                preview = _preview(_Sheet(piece["sheet"], replace(options, columns=chosen)), found, rows, columns)
                return Look(
                    names=names, rows=preview.rows, columns=columns, faults=preview.faults, checked=preview.checked
                )
    raise Refused("empty", "The workbook has no rows. Give one with a header row.")


def _preview(sheet: _Sheet, found: Sequence[tuple[int, list[str]]], rows: int, columns: Mapping[str, str]) -> Preview:
    """The first rows of a sheet; what is wrong with them is known once a column is the text."""
    preview = Preview(rows)
    for at, (number, cells) in enumerate(found[: CHECKED + 1]):
        shown = list(cells)
        result = next(iter(sheet.take(number, cells)), None) if "text" in columns else None
        if at:
            preview.add(shown, result)
    return preview


class _Sheet:
    """One table while it is read."""

    def __init__(self, name: str, options: ReadOptions) -> None:
        self.name = clean_line(name)[:100]
        self.options = replace(options, member=f"{options.member}/{self.name}"[:300])
        self.header: list[str] | None = None
        self.columns: dict[str, str] = {}
        self.is_useless = False

    def take(self, number: int, cells: list[str] | None) -> Iterator[Record | RecordError]:
        if self.is_useless:
            return
        if cells is None:
            yield self._error(number, "line_too_long", "The row is longer than 8 MB and was left out.")
        elif self.header is None:
            self.header = [header_name(name) for name in cells]
            names = [name for name in self.header if name]
            check_header(self.header)
            self.columns = match_columns(names, self.options.columns)
            check_is_header(names)
            check_text_column(self.columns, names)
        elif len(cells) > len(self.header):
            sentence = f"The row has {len(cells):,} cells and the header {len(self.header):,}. Name every column."
            yield self._error(number, "column_mismatch", sentence)
        else:
            cells += [""] * (len(self.header) - len(cells))
            row = {name: cell for name, cell in zip(self.header, cells, strict=True) if name}
            yield build_record(row, self.columns, self.options, number)

    def _error(self, number: int, code: str, sentence: str) -> RecordError:
        return RecordError(code=code, sentence=sentence, member=self.options.member, line=number)
