"""The text layer of a PDF is one article."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.readers.record import ReadOptions, Record, RecordError
from claims.importing.sandbox import read_document


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield the file as one article. Raises Refused: `empty`, what `read_pdf` and `read_document` raise."""
    if not data.read(64).strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{options.member or 'The file'} is empty. Give a PDF with text.")
    data.seek(0)
    for found in read_document("pdf", data):
        yield Record(
            text=found["text"],
            url=options.url,
            member=options.member,
            recipe=f"pypdf {version('pypdf')}, join_lines 1, clean_text 1",
        )
