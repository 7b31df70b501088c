"""The formats articles come in: one module and one line here each."""

from __future__ import annotations

from claims.importing.readers import csv, html, jsonl, text
from claims.importing.readers.record import Reader, ReadOptions, Record, RecordError

READERS: dict[str, Reader] = {
    "text": text.read,
    "html": html.read,
    "csv": csv.read,
    "jsonl": jsonl.read,
}
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
}


def format_of(filename: str) -> str | None:
    """Return the reader's name for a file name, by its extension; None when there is no reader for it."""
    return EXTENSIONS.get(filename.rpartition(".")[2].lower()) if "." in filename else None


__all__ = ["EXTENSIONS", "READERS", "ReadOptions", "Reader", "Record", "RecordError", "format_of"]
