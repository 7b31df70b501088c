"""A plain text file is one article."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from claims.encodings import Decoded, decode_bytes
from claims.errors import Refused
from claims.importing.charsets import decode_declared
from claims.importing.readers.lines import LINE_BYTES, check_is_text
from claims.importing.readers.record import Look, ReadOptions, Record, RecordError
from claims.text import ARTICLE_CHARS, check_left, clean_text


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield the file as one article. Raises Refused: `empty`, `line_too_long`, `article_too_long`, `encoding_unknown`,
    `unsupported_content`."""
    content = data.read(LINE_BYTES + 1)
    check_is_text(content)
    if len(content) > LINE_BYTES:
        _refuse_size(content)
    decoded = _decoded(content, options)
    cleaned = clean_text(decoded.text, limit=ARTICLE_CHARS, code="article_too_long")
    check_left(decoded.text, cleaned, _empty(options))
    yield Record(
        text=cleaned.text,
        url=options.url,
        member=options.member,
        control_chars_removed=cleaned.control_chars_removed,
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
    )


def look(data: BinaryIO, options: ReadOptions, rows: int) -> Look:
    """Return the first lines as they read in the encoding that was found or chosen. Raises Refused like `read`."""
    content = data.read(LINE_BYTES)
    check_is_text(content)
    decoded = _decoded(content, options)
    check_left(decoded.text, clean_text(decoded.text, limit=len(decoded.text)), _empty(options))
    lines = [[line[:500]] for line in decoded.text[:20_000].splitlines() if line.strip()]
    return Look(
        names=[],
        rows=lines[:rows],
        columns={},
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
    )


def _decoded(content: bytes, options: ReadOptions) -> Decoded:
    """A person's answer is the only encoding tried; what a server said is one among others."""
    if options.charset and options.encoding is None:
        return decode_declared(content, options.charset)
    return decode_bytes(content, encoding=options.encoding)


def _empty(options: ReadOptions) -> str:
    return f"{options.member or 'The text'} is empty. Give a text with at least one word."


def _refuse_size(content: bytes) -> None:
    if b"\n" not in content and b"\r" not in content:
        raise Refused("line_too_long", "The file has a line of more than 8 MB. Put line breaks in.", status=413)
    raise Refused("article_too_long", f"The file holds more than {ARTICLE_CHARS:,} characters. Split it into articles.")
