"""The formats articles come in: one module and one line here each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.readers import csv, html, jsonl, pdf, text, warc, xlsx, zip
from claims.importing.readers.record import Fault, Look, Reader, ReadOptions, Record, RecordError


def _never_nothing(read: Reader) -> Reader:
    """A file in which a reader finds neither an article nor a fault is refused as `empty`: nobody is left to wonder."""

    def read_all(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
        has_any = False
        for item in read(data, options):
            has_any = True
            yield item
        if not has_any:
            shown = options.member or "The file"
            raise Refused("empty", f"{shown} holds no article: no row below a header, no object, no page.")

    return read_all


READERS: dict[str, Reader] = {
    "text": _never_nothing(text.read),
    "html": _never_nothing(html.read),
    "csv": _never_nothing(csv.read),
    "jsonl": _never_nothing(jsonl.read),
    "xlsx": _never_nothing(xlsx.read),
    "pdf": _never_nothing(pdf.read),
    "zip": _never_nothing(zip.read),
    "warc": _never_nothing(warc.read),
}
LOOKS = {"text": text.look, "csv": csv.look, "jsonl": jsonl.look, "xlsx": xlsx.look}
EXTENSIONS = {
    "txt": "text",
    "text": "text",
    "md": "text",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "csv": "csv",
    "tsv": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "jsonl",
    "xlsx": "xlsx",
    "pdf": "pdf",
    "zip": "zip",
    "warc": "warc",
    "warc.gz": "warc",
}


def format_of(filename: str) -> str | None:
    """Return the reader's name for a file name, by its extension; None when there is no reader for it."""
    if "." not in filename:
        return None
    parts = filename.lower().split(".")
    return EXTENSIONS.get(".".join(parts[-2:])) or EXTENSIONS.get(parts[-1])


__all__ = [
    "EXTENSIONS",
    "LOOKS",
    "READERS",
    "Fault",
    "Look",
    "ReadOptions",
    "Reader",
    "Record",
    "RecordError",
    "format_of",
]
