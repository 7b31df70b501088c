"""The formats articles come in: one module and one line here each."""

from __future__ import annotations

from claims.importing.readers import csv, html, jsonl, pdf, text, warc, xlsx, zip
from claims.importing.readers.record import Look, Reader, ReadOptions, Record, RecordError

READERS: dict[str, Reader] = {
    "text": text.read,
    "html": html.read,
    "csv": csv.read,
    "jsonl": jsonl.read,
    "xlsx": xlsx.read,
    "pdf": pdf.read,
    "zip": zip.read,
    "warc": warc.read,
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


__all__ = ["EXTENSIONS", "LOOKS", "READERS", "Look", "ReadOptions", "Reader", "Record", "RecordError", "format_of"]
