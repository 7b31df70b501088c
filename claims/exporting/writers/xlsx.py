"""XLSX (ECMA-376), one workbook a table, written row by row: text is inline and can never be a formula.

A cell holds at most 32,767 UTF-16 units and a sheet 1,048,576 rows: longer text is cut and says so, further rows are on
a further sheet. Times are ISO 8601 text. Entries of the zip are stored, so that the bytes are the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from claims.exporting.writers.jsonl import encode_json
from claims.exporting.writers.table import Column, Writer, plain
from claims.exporting.writers.zipped import GrowingZip

ROWS_A_SHEET = 1_048_576
UNITS_A_CELL = 32_767
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML 1.0 has no place for is written _xHHHH_, and what looks like that is escaped by the same rule.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _text(text: str) -> str:
    shown = _cut(text)
    shown = UNWRITABLE.sub(lambda found: f"_x{ord(found.group()):04X}_", shown)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(shown, {chr(13): "&#13;"})}</t></is></c>'


def _cut(text: str) -> str:
    units = len(text) + sum(letter > "\uffff" for letter in text) if len(text) > UNITS_A_CELL // 2 else len(text)
    if units <= UNITS_A_CELL:
        return text
    note = f"… [cut: {len(text)} characters]"
    return (
        text.encode("utf-16-le", "surrogatepass")[: 2 * (UNITS_A_CELL - len(note))].decode("utf-16-le", "ignore") + note
    )


def _cell(kind: str, value: Any) -> str:
    if value is None:
        return "<c/>"
    if kind == "list" or (kind == "value" and not isinstance(value, str | int | float)):
        return _text(encode_json(value))
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    return _text(str(plain(value)))


class XlsxTable:
    """A workbook on its way."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._zip = GrowingZip()
        self._sheets = 0
        self._rows = 0

    def head(self) -> bytes:
        self._begin_sheet()
        return self._zip.take()

    def rows(self, batch: Sequence[Sequence[Any]]) -> bytes:
        for values in batch:
            self._add(values)
        return self._zip.take()

    def _add(self, values: Sequence[Any]) -> None:
        if self._rows == ROWS_A_SHEET:
            self._end_sheet()
            self._begin_sheet()
        self._write([_cell(column.kind, value) for column, value in zip(self._columns, values, strict=True)])

    def end(self) -> bytes:
        self._end_sheet()
        numbers = range(1, self._sheets + 1)
        for name, content in _frame(numbers).items():
            self._zip.add(name, XML + content)
        return self._zip.close()

    def _begin_sheet(self) -> None:
        self._sheets, self._rows = self._sheets + 1, 0
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml")
        self._sheet.write(f'{XML}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
        self._write([_text(column.name) for column in self._columns])

    def _end_sheet(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def _write(self, cells: Sequence[str]) -> None:
        self._rows += 1
        self._sheet.write(f"<row>{''.join(cells)}</row>".encode())


def _frame(numbers: Sequence[int]) -> dict[str, str]:
    """The parts around the sheets: types, relations, and the list of sheets."""
    sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    types = "".join(_override(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers)
    related = "".join(_relation(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    return {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{_relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{_override('/xl/workbook.xml', 'sheet.main')}{types}</Types>",
    }


def _override(part: str, kind: str) -> str:
    return f"<Override PartName={quoteattr(part)} ContentType={quoteattr(f'{TYPE}.{kind}+xml')}/>"


def _relation(n: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target={quoteattr(target)}/>'


XLSX = Writer("xlsx", "XLSX, a workbook a table", XlsxTable)
