"""JSON objects of a file, line by line or out of one array, each through the strict gate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.readers.jsonl import ArrayElements
from claims.importing.readers.lines import bounded_lines, open_text
from claims.importing.readers.record import ReadOptions, RecordError
from claims.text import strict_json


def objects(data: BinaryIO, options: ReadOptions) -> Iterator[tuple[int, dict[str, Any]] | RecordError]:
    """Yield (line, object), or what is wrong with the line. Raises Refused: `empty`, `encoding_unknown`."""
    with open_text(data, options.encoding) as opened:
        lines = bounded_lines(opened)
        first = next((item for item in lines if item[1] is None or item[1].strip()), None)
        if first is None:
            raise Refused("empty", "The file is empty.")
        everything = chain([first], lines)
        is_array = first[1] is not None and first[1].lstrip().startswith("[")
        for line, text in ArrayElements(everything) if is_array else everything:
            if text is None or text.strip():
                yield _object(text, line, options)


def _object(text: str | None, line: int, options: ReadOptions) -> tuple[int, dict[str, Any]] | RecordError:
    try:
        if text is None:
            raise Refused("line_too_long", "This object is longer than 8 MB and was left out.")
        found = strict_json(text)
        if not isinstance(found, dict):
            raise Refused("not_an_object", "This is not a JSON object.")
    except Refused as refusal:
        return RecordError(code=refusal.code, sentence=refusal.sentence, member=options.member, line=line)
    return line, found
