"""How a table sets quotation marks inside its quoted cells: doubled (RFC 4180), or after a backslash, as databases do.

Told from the whole file; one that does both is read as RFC 4180 says, row by row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO

DOUBLED, BACKSLASH = "", "\\"
_CHUNK = 1 << 20
_ESCAPED = re.compile(rb'\\\x00{0,3}"')  # in encodings of one, two or four bytes a character
# A single backslash before a quotation mark or a cell's end, where RFC 4180 reads a row without a fault.
_BARE_BACKSLASH = re.compile(r'(?<!\\)(?:\\\\)*\\(?:"|\Z)')
_LONE = re.compile(r'\\(?!["\\\r\n])')
_PAIR = re.compile(r"\\\\")
_NO_ESCAPES = re.compile(r'\\+(?!["\\])')
_NO_VALUE = re.compile(r"(?:(?<=[,;\t|])|\A)\\N(?=[,;\t|\r\n]|\Z)")  # how databases write that there is none

Table = Callable[[], AbstractContextManager[tuple[Iterator[str], str, int]]]


@dataclass(frozen=True)
class Quoting:
    """How the rows of one table are read. `is_escaping`: a backslash before a backslash is not part of the text.
    `is_doubtful`: a quotation mark after a backslash may be meant in either way."""

    escape: str = DOUBLED
    is_escaping: bool = True
    is_doubtful: bool = False

    def cannot_tell(self, cells: Iterable[str]) -> bool:
        """Whether these cells may have been cut in a wrong place."""
        return self.is_doubtful and any(BACKSLASH in cell and _BARE_BACKSLASH.search(cell) for cell in cells)

    def reader(self, lines: Iterable[str], delimiter: str) -> Any:
        # Strict: the module would else change the text of cells with single quotation marks in them and say nothing.
        if self.escape == DOUBLED:
            return csv.reader(lines, delimiter=delimiter, strict=True)
        return csv.reader(map(self._bare, lines), delimiter=delimiter, strict=True, escapechar=BACKSLASH)

    def _bare(self, line: str) -> str:
        """A line in which the module takes only those backslashes for escapes that are some."""
        if BACKSLASH not in line:
            return line
        line = _NO_VALUE.sub("", line)
        return line if self.is_escaping else _NO_ESCAPES.sub(lambda found: found.group() * 2, line)


def find_quoting(data: BinaryIO, table: Table) -> Quoting:
    """Read the file through, where it holds a quotation mark after a backslash at all. `table` opens it below its
    header: (lines, delimiter, number of columns)."""
    if not _holds_escapes(data):
        return Quoting()
    with table() as (lines, delimiter, width):
        doubled = _Count(Quoting().reader(lines, delimiter), width)
    if not doubled.faults:
        return Quoting()
    with table() as (lines, delimiter, width):
        is_escaping, is_clear = _backslashes(lines)
    found = Quoting(BACKSLASH, is_escaping)
    with table() as (lines, delimiter, width):
        escaped = _Count(found.reader(lines, delimiter), width)
    is_better = not escaped.errors and escaped.faults < doubled.faults
    if is_clear and is_better and not (escaped.faults and doubled.has_bare_backslashes):
        return found
    return Quoting(is_doubtful=escaped.faults <= doubled.faults)


class _Count:
    """How well rows are read in one way."""

    def __init__(self, rows: Iterator[list[str]], width: int) -> None:
        self.errors = self.faults = 0
        self.has_bare_backslashes = False
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                # The end of what is looked at of a large table may stand inside a cell.
                is_end = "unexpected end of data" in str(error)
                self.errors += not is_end
                self.faults += not is_end
                continue
            if cells and len(cells) != width:
                self.faults += 1
            elif any(BACKSLASH in cell and _BARE_BACKSLASH.search(cell) for cell in cells):
                self.has_bare_backslashes = True


def _backslashes(lines: Iterable[str]) -> tuple[bool, bool]:
    """(whether backslashes are escaped too, whether that is clear): a text whose single backslashes are not escaped
    cannot tell \\\\" as the end of a cell from the same inside it."""
    has_lone = has_doubtful = False
    for line in lines:
        if BACKSLASH in line:
            bare = _NO_VALUE.sub("", line)
            has_lone = has_lone or _LONE.search(_PAIR.sub("", bare)) is not None
            has_doubtful = has_doubtful or '\\\\"' in bare
    return not has_lone, not (has_lone and has_doubtful)


def _holds_escapes(data: BinaryIO) -> bool:
    data.seek(0)
    last = b""
    while chunk := data.read(_CHUNK):
        if _ESCAPED.search(last + chunk):
            return True
        last = chunk[-4:]
    return False
