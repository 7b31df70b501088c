"""One JSON object a line, or one JSON array of objects; either is read as a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.readers.columns import CHECKED, Preview, build_record, match_columns
from claims.importing.readers.lines import LINE_BYTES, bounded_lines, open_text
from claims.importing.readers.record import PASSED, Look, ReadOptions, Record, RecordError
from claims.text import strict_json

Item = tuple[int, str | None]
_SEPARATORS = "\ufeff\x1e \t\r\n"  # a mark where files were put together, and that of RFC 7464
# Everything up to the next character that matters for finding the end of an element.
_INSIDE_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_OUTSIDE_STRING = re.compile(r'[^"\[\]{},]*+')


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield one record an object; a bad line is an error of its own and the rest goes on.

    Raises Refused: `empty`, `encoding_unknown`. Line errors: those of `strict_json` and `build_record`, and
    `line_too_long`, `not_an_object`, `missing_field`.
    """
    with open_text(data, options.encoding) as opened:
        options = replace(options, encoding=opened.encoding, encoding_confidence=opened.confidence)
        yield from _objects(bounded_lines(opened), options)


def look(data: BinaryIO, options: ReadOptions, rows: int) -> Look:
    """Return the keys and values of the first objects that can be read. Raises Refused: what `read` does."""
    with open_text(data, options.encoding) as opened:
        first = [item for item in islice(_texts(bounded_lines(opened)), CHECKED) if item[1] is None or item[1].strip()]
        objects = [_object_or_nothing(text or "") for _, text in first]
        names = list(dict.fromkeys(name for one in list(filter(None, objects))[:rows] for name in one))
        chosen = {field: name for field, name in options.columns.items() if not name or name in names}
        columns = match_columns(names, chosen)
        preview = Preview(rows)
        for (line, text), one in zip(first, objects, strict=True):
            found = _found(text, replace(options, columns=chosen), line) if "text" in columns else None
            preview.add([_shown_value(one.get(name)) for name in names] if one else None, found)
        return Look(
            names=names,
            rows=preview.rows,
            columns=columns,
            faults=preview.faults,
            checked=preview.checked,
            encoding=opened.encoding,
            encoding_confidence=opened.confidence,
        )


def _object_or_nothing(text: str) -> dict[str, Any]:
    try:
        found = strict_json(text)
    except Refused:
        return {}
    return found if isinstance(found, dict) else {}


def _shown_value(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _objects(lines: Iterator[Item], options: ReadOptions) -> Iterator[Record | RecordError]:
    left = options.done
    for number, text in _texts(lines):
        if left and (text is None or text.strip()):
            left -= 1
            yield PASSED
        elif text is None or text.strip():
            yield _found(text, options, number)


def _texts(lines: Iterator[Item]) -> Iterator[Item]:
    """The text of each object with its line: of each line, or of each element of an array."""
    first = next((item for item in lines if item[1] is None or item[1].strip()), None)
    if first is None:
        raise Refused("empty", "The file is empty. Give one JSON object a line.")
    everything: Iterable[Item] = chain([first], lines)
    opening = (first[1] or "").lstrip()
    if opening.startswith("["):
        yield from ArrayElements(everything)
        return
    second = next(lines, None)
    everything = chain([first], [second] if second is not None else [], lines)
    if _goes_on(opening) and second is not None and not (second[1] or "").lstrip().startswith("{"):
        # Objects over several lines are cut like the elements of an array that is never closed.
        everything = ArrayElements(chain([(first[0], "[")], everything), is_open=True)
    yield from everything


def _goes_on(line: str) -> bool:
    """Say whether an object that begins in this line ends in a later one."""
    if not line.startswith("{"):
        return False
    bare = _STRING.sub("", line)
    return '"' not in bare and bare.count("{") + bare.count("[") > bare.count("}") + bare.count("]")


def _found(text: str | None, options: ReadOptions, line: int) -> Record | RecordError:
    if text is None:
        sentence = "This object is longer than 8 MB and was left out."
        return RecordError(code="line_too_long", sentence=sentence, member=options.member, line=line)
    return _read_object(text, options, line)


def _read_object(text: str, options: ReadOptions, line: int) -> Record | RecordError:
    try:
        found = strict_json(text.strip(_SEPARATORS))
        if not isinstance(found, dict):
            raise Refused("not_an_object", "This is not a JSON object. Write each article as {…} on a line of its own.")
        # Objects need not all have the same keys: one that lacks a chosen key lacks the field.
        columns = match_columns(
            found, {field: name if name in found else "" for field, name in options.columns.items()}
        )
        if "text" not in columns:
            names = ", ".join(name[:40] for name in list(found)[:20]) or "none"
            lists = [name for name, value in found.items() if isinstance(value, list)]
            hint = f" If the articles are in “{lists[0][:40]}”, give that list alone." if lists else ""
            raise Refused("missing_field", f"There is no “text”; every article needs one. Found: {names}.{hint}")
    except Refused as refusal:
        return RecordError(code=refusal.code, sentence=refusal.sentence, member=options.member, line=line)
    return build_record(found, columns, options, line)


class ArrayElements:
    """Cuts the outermost array of a stream of lines into its elements' texts, without reading it as a whole.

    Yields (line where the element begins, its text); what follows the array's end is one last text that is no JSON.
    """

    def __init__(self, lines: Iterable[Item], *, is_open: bool = False) -> None:
        self._lines = lines
        self._is_open = is_open  # objects one after another, each of which ends where its own bracket does
        self._depth = 0
        self._in_string = False
        self._parts: list[str] = []
        self._size = 0
        self._start: int | None = None

    def __iter__(self) -> Iterator[Item]:
        for number, line in self._lines:
            if line is None:
                yield number, None
            else:
                yield from self._take(number, line)
        if (self._depth and not self._is_open) or "".join(self._parts).strip():
            yield self._start or 0, "".join(self._parts) + " "

    def _take(self, number: int, line: str) -> Iterator[Item]:
        at = 0
        while at < len(line):
            found = (_INSIDE_STRING if self._in_string else _OUTSIDE_STRING).match(line, at)
            end = found.end() if found else at
            mark = line[end : end + 1]
            ends_element = not self._in_string and self._steps(mark)
            is_closing = self._is_open and not self._in_string and mark == "}" and self._depth == 1
            self._keep(number, line[at:end] if ends_element else line[at : end + 1])
            at = end + 1
            if mark == '"':
                self._in_string = not self._in_string
            if (ends_element or is_closing) and self._parts:
                yield self._element(number)

    def _steps(self, mark: str) -> bool:
        """Follow the nesting; say whether this character only separates elements."""
        if mark and mark in "[{":
            self._depth += 1
            return self._depth == 1
        if mark and mark in "]}":
            self._depth -= 1
            return self._depth == 0
        return mark == "," and self._depth == 1

    def _keep(self, number: int, part: str) -> None:
        if self._start is None and part.strip():
            self._start = number
        if part and self._start is not None:
            self._size += len(part)
            if self._size <= LINE_BYTES:
                self._parts.append(part)

    def _element(self, number: int) -> Item:
        text = "".join(self._parts) if self._size <= LINE_BYTES else None
        start = self._start or number
        self._parts, self._size, self._start = [], 0, None
        return start, text
