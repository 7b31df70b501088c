"""Tables with a header line (RFC 4180), separated by comma, semicolon, tab or bar."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.readers.columns import (
    build_record,
    check_header,
    check_is_header,
    check_text_column,
    header_name,
    match_columns,
)
from claims.importing.readers.lines import LINE_BYTES, bounded_lines, open_text
from claims.importing.readers.record import PASSED, Look, ReadOptions, Record, RecordError

DELIMITERS = (",", ";", "\t", "|")
_QUOTES = 'Write a quotation mark inside a quoted cell twice (""), and close every one.'
# What spreadsheets write before the header, to say how the cells are separated.
_SAID_FIRST = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)
# The module's own limit (131,072) is below a long article; cells are checked against ours after reading.
csv.field_size_limit(LINE_BYTES)


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield one record a row; a bad row is an error of its own and the rest goes on.

    Raises Refused: `empty`, `encoding_unknown`, `line_too_long`, `too_many_columns`, `duplicate_column`,
    `missing_column`, `unknown_column`, `invalid_csv`.
    """
    with open_text(data, options.encoding) as opened:
        options = replace(options, encoding=opened.encoding, encoding_confidence=opened.confidence)
        yield from _rows(_Lines(bounded_lines(opened)), options)


def look(data: BinaryIO, options: ReadOptions, rows: int) -> Look:
    """Return the header and the first rows, as `read` would take them. Raises Refused: what `read` does but for
    `missing_column`."""
    with open_text(data, options.encoding) as opened:
        source = _Lines(bounded_lines(opened))
        delimiter, names = _header(source, options)
        check_is_header(names)
        return Look(
            names=names,
            rows=list(islice(_whole_rows(source, delimiter), rows)),
            columns=match_columns([name for name in names if name], options.columns),
            encoding=opened.encoding,
            encoding_confidence=opened.confidence,
            delimiter=delimiter,
        )


def _rows(source: _Lines, options: ReadOptions) -> Iterator[Record | RecordError]:
    delimiter, names = _header(source, options)
    columns = match_columns([name for name in names if name], options.columns)
    check_is_header(names)
    check_text_column(columns, [name for name in names if name])
    for number, found in enumerate(_cells_of(source, names, delimiter, options)):
        if number < options.done:
            yield PASSED
        elif isinstance(found, RecordError):
            yield found
        else:
            line, cells = found
            row = {name: cell for name, cell in zip(names, cells, strict=True) if name}
            yield build_record(row, columns, options, line)


def _cells_of(
    source: _Lines, names: list[str], delimiter: str, options: ReadOptions
) -> Iterator[tuple[int, list[str]] | RecordError]:
    """Yield (line where it begins, cells) of each row that has a cell for each name, and what is wrong with others."""
    # Strict: the module would else change the text of cells with single quotation marks in them and say nothing.
    table = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.mark()
        try:
            cells = next(table)
        except StopIteration:
            break
        except csv.Error as error:
            yield _error(
                options,
                source.start,
                "invalid_csv",
                f"This row cannot be read as CSV: {error}. {source.reach()}{_QUOTES}",
            )
            continue
        yield from source.errors(options)
        if not cells:
            continue
        if len(cells) != len(names):
            sentence = f"The row has {len(cells):,} cells and the header {len(names):,}. {source.advice()}"
            yield _error(options, source.start, "column_mismatch", sentence)
            continue
        yield source.start, cells
    yield from source.errors(options)


def _whole_rows(source: _Lines, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows that can be read; what is wrong with the others is said when they are imported."""
    table = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        try:
            if cells := next(table):
                yield cells
        except StopIteration:
            return
        except csv.Error:
            continue


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
