"""Tables with a header line (RFC 4180), separated by comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.readers.columns import (
    Preview,
    build_record,
    check_header,
    check_is_header,
    check_text_column,
    header_name,
    match_columns,
)
from claims.importing.readers.lines import LINE_BYTES, bounded_lines, open_text
from claims.importing.readers.quoting import Quoting, find_quoting
from claims.importing.readers.record import PASSED, Look, ReadOptions, Record, RecordError

DELIMITERS = (",", ";", "\t", "|")
_QUOTES = (
    'Write a quotation mark inside a quoted cell twice (""), or everywhere in the file after a backslash (\\"), '
    "and close every one."
)
_AMBIGUOUS = (
    "In this file some quotation marks seem to follow a backslash and some do not, so that it cannot be told where the "
    f"cells of this row end. {_QUOTES}"
)
# What spreadsheets write before the header, to say how the cells are separated.
_SAID_FIRST = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)
# The module's own limit (131,072) is below a long article; cells are checked against ours after reading.
csv.field_size_limit(LINE_BYTES)


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield one record a row; a bad row is an error of its own and the rest goes on.

    Raises Refused: `empty`, `encoding_unknown`, `line_too_long`, `too_many_columns`, `duplicate_column`,
    `missing_column`, `unknown_column`, `invalid_csv`.
    """
    with _open(data, options) as table:
        columns = match_columns([name for name in table.names if name], table.options.columns)
        check_is_header(table.names)
        check_text_column(columns, [name for name in table.names if name])
        for number, (line, cells, error) in enumerate(_rows(table)):
            if number < options.done:
                yield PASSED
            else:
                yield error or _built(table, columns, line, cells)


def look(data: BinaryIO, options: ReadOptions, rows: int) -> Look:
    """Return the header and the first rows, as `read` would take them. Raises Refused: what `read` does but for
    `missing_column`."""
    with _open(data, options) as table:
        check_is_header(table.names)
        columns = match_columns([name for name in table.names if name], options.columns)
        preview = Preview(rows)
        for line, cells, error in _rows(table):
            found = error or (_built(table, columns, line, cells) if "text" in columns else None)
            preview.add(cells or None, found)
            if preview.is_full:
                break
        return Look(
            names=table.names,
            rows=preview.rows,
            columns=columns,
            encoding=table.options.encoding or "",
            encoding_confidence=table.options.encoding_confidence,
            delimiter=table.delimiter,
            escape=table.quoting.escape,
            faults=preview.faults,
            checked=preview.checked,
        )


@dataclass(frozen=True)
class _Table:
    """A file open below its header."""

    source: _Lines
    delimiter: str
    names: list[str]
    options: ReadOptions
    quoting: Quoting = Quoting()  # noqa: RUF009 - it never changes


@contextmanager
def _open(data: BinaryIO, options: ReadOptions) -> Iterator[_Table]:
    """Find the encoding, the delimiter and how quotation marks are set, and read the header."""
    with _below_header(data, options) as table:
        options = table.options

    @contextmanager
    def lines() -> Iterator[tuple[Iterator[str], str, int]]:
        with _below_header(data, options) as table:
            yield table.source, table.delimiter, len(table.names)

    quoting = find_quoting(data, lines)
    with _below_header(data, options) as table:
        yield replace(table, quoting=quoting)


@contextmanager
def _below_header(data: BinaryIO, options: ReadOptions) -> Iterator[_Table]:
    data.seek(0)
    with open_text(data, options.encoding) as opened:
        confidence = opened.confidence if options.encoding is None else options.encoding_confidence
        source = _Lines(bounded_lines(opened))
        delimiter, names = _header(source, options)
        yield _Table(
            source, delimiter, names, replace(options, encoding=opened.encoding, encoding_confidence=confidence)
        )


def _built(table: _Table, columns: Mapping[str, str], line: int, cells: list[str]) -> Record | RecordError:
    row = {name: cell for name, cell in zip(table.names, cells, strict=True) if name}
    return build_record(row, columns, table.options, line)


def _rows(table: _Table) -> Iterator[tuple[int, list[str], RecordError | None]]:
    """Yield (line where it begins, cells, what is wrong with it) of each row, and of what is none without cells."""
    source, options = table.source, table.options
    rows = table.quoting.reader(source, table.delimiter)
    while True:
        source.mark()
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            sentence = f"This row cannot be read as CSV: {error}. {source.reach()}{_QUOTES}"
            yield source.start, [], _error(options, source.start, "invalid_csv", sentence)
            continue
        yield from ((error.line or 0, [], error) for error in source.errors(options))
        if not cells:
            continue
        if len(cells) != len(table.names):
            sentence = f"The row has {len(cells):,} cells and the header {len(table.names):,}. {source.advice()}"
            yield source.start, cells, _error(options, source.start, "column_mismatch", sentence)
            continue
        if table.quoting.cannot_tell(cells):
            yield source.start, cells, _error(options, source.start, "ambiguous_quotes", _AMBIGUOUS)
            continue
        yield source.start, cells, None
    yield from ((error.line or 0, [], error) for error in source.errors(options))


def choose_delimiter(header: str) -> str:
    """Return the delimiter that cuts the header line into most cells; a comma when none does."""
    return max(DELIMITERS, key=lambda delimiter: len(_cells(header, delimiter)))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _header(source: _Lines, options: ReadOptions) -> tuple[str, list[str]]:
    line = next((line for line in source if line.strip()), "")
    said = _SAID_FIRST.fullmatch(line)
    if said is not None:
        line = next((line for line in source if line.strip()), "")
    if source.skipped:
        raise Refused("line_too_long", "The first line is longer than 8 MB. Is this a CSV file?", status=413)
    if options.delimiter is not None and options.delimiter not in DELIMITERS:
        raise Refused("unknown_delimiter", "The delimiter must be a comma, a semicolon, a tab or a vertical bar.")
    delimiter = options.delimiter or (said.group(1) if said is not None else choose_delimiter(line))
    try:
        names = [header_name(name) for name in next(csv.reader(source.again(line), delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise Refused("invalid_csv", f"The header cannot be read as CSV: {error}. {_QUOTES}") from error
    check_header(names)
    return delimiter, names


def _error(options: ReadOptions, line: int, code: str, sentence: str) -> RecordError:
    return RecordError(code=code, sentence=sentence, member=options.member, line=line)


class _Lines:
    """Lines for the csv module, which knows where a row began and which lines were too long to hand on."""

    def __init__(self, lines: Iterator[tuple[int, str | None]]) -> None:
        self._lines = lines
        self._first: list[str] = []
        self._number = 0
        self.start = 1
        self.skipped: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._first:
            return self._first.pop()
        for number, line in self._lines:
            self._number = number
            if line is not None:
                self.start = self.start or number
                return line
            self.skipped.append(number)
        raise StopIteration

    def again(self, line: str) -> _Lines:
        """Put a line back."""
        self._first = [line]
        return self

    def mark(self) -> None:
        """Say that a row begins with the next line."""
        self.start = 0

    def reach(self) -> str:
        """How far the row went when it was given up."""
        return f"It was read to line {self._number}, and nothing of that is in. " if self._number > self.start else ""

    def advice(self) -> str:
        if self._number > self.start:
            return f"It goes on to line {self._number}: is a quotation mark left open?"
        return "Mend the row's delimiters."

    def errors(self, options: ReadOptions) -> Iterator[RecordError]:
        """Yield and forget the lines that were skipped since the last call."""
        skipped, self.skipped = self.skipped, []
        for number in skipped:
            yield _error(options, number, "line_too_long", "The line is longer than 8 MB and was left out.")
