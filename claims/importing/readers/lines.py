"""Lines of a file of any size: bounded in length, decoded once for the whole file, with a constant use of memory."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from claims.encodings import check_encoding, count_utf8, detect_encoding, guess_encoding, is_utf8, shifting_encoding
from claims.errors import Refused

LINE_BYTES = 8_000_000
_CHUNK = 1 << 20
SAMPLE = 1 << 18
_SIGNATURES = (
    b"\x7fELF",
    b"%PDF-",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"GIF87a",
    b"GIF89a",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3",
)
# Of letters alone, as a text may begin: these count beside bytes that no text has.
_LETTER_SIGNATURES = (b"MZ", b"BZh", b"RIFF")
_NOT_TEXT = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class OpenText:
    """A file open for reading as text, line ends untouched, and how its encoding was found."""

    stream: io.TextIOWrapper
    encoding: str
    confidence: float


def check_is_text(head: bytes) -> None:
    """Raise Refused `unsupported_content` when the first bytes are those of a program, picture, archive or PDF."""
    is_lettered = head.startswith(_LETTER_SIGNATURES) and _NOT_TEXT.search(head[:1024]) is not None
    if head.startswith(_SIGNATURES) or is_lettered:
        raise Refused(
            "unsupported_content",
            "This is not a text file, whatever its name says. Give .txt, .html, .csv or .jsonl.",
            status=415,
        )


@contextmanager
def open_text(data: BinaryIO, encoding: str | None = None) -> Iterator[OpenText]:
    """Find the encoding of a seekable file and open it as text. Raises Refused: `encoding_unknown`, `empty`."""
    head = data.read(SAMPLE)
    data.seek(0)
    check_is_text(head)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", "The file is empty. Give a file with at least one article.")
    name, confidence = _encoding_of(data, head) if encoding is None else (check_encoding(encoding), 1.0)
    data.seek(_mark_length(head, name))
    # What does not fit becomes U+FFFD, which is visible: only a named encoding can get here with wrong bytes.
    stream = io.TextIOWrapper(data, encoding=name, errors="replace", newline="")
    try:
        yield OpenText(stream, name, confidence)
    finally:
        stream.detach()  # else the caller's file would be closed with the wrapper


def bounded_lines(opened: OpenText, limit: int = LINE_BYTES) -> Iterator[tuple[int, str | None]]:
    """Yield (number from 1, line with its end); None stands for a line over `limit` characters, which is skipped."""
    number = 0
    while line := opened.stream.readline(limit + 1):
        number += 1
        is_too_long = len(line) > limit
        yield number, None if is_too_long else line
        while is_too_long and line and line[-1] not in "\r\n":
            line = opened.stream.readline(limit)


def _encoding_of(data: BinaryIO, head: bytes) -> tuple[str, float]:
    if len(head) < SAMPLE:
        return detect_encoding(head)
    if shifting := shifting_encoding(head):
        return shifting, 0.9
    if not is_utf8(head, whole=False) or head.startswith(codecs.BOM_UTF8) or b"\x00" in head:
        found = detect_encoding(head)
        if found[0] != "utf-8" or found[1] == 1:
            return found
    if (odd := _first_bytes_beyond_utf8(data)) is None:
        return "utf-8", 1.0
    data.seek(0)
    return guess_encoding(odd, *count_utf8(iter(lambda: data.read(_CHUNK), b"")))


def _first_bytes_beyond_utf8(data: BinaryIO) -> bytes | None:
    """Read through the file; return the chunk where it stops being UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""
    while chunk := data.read(_CHUNK):
        last = chunk
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return chunk
    is_cut_off = bool(decoder.getstate()[0])
    return last if is_cut_off else None


def _mark_length(head: bytes, encoding: str) -> int:
    marks = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "utf-32-le": codecs.BOM_UTF32_LE,
        "utf-32-be": codecs.BOM_UTF32_BE,
    }
    mark = marks.get(encoding, b"")
    return len(mark) if head.startswith(mark) else 0
