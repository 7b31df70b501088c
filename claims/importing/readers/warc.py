"""Web archives (WARC 1.x, ISO 28500), plain or gzip: each archived page or text is one article. Read as a stream."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from claims.errors import Refused
from claims.importing.addresses import check_url
from claims.importing.charsets import charset_of
from claims.importing.readers import html, text
from claims.importing.readers.record import PASSED, ReadOptions, Record, RecordError
from claims.importing.sandbox import PAGE_BYTES

_HEADER_LINE = 16_384
_HEADER_LINES = 500
_CHUNK = 1 << 20
_CODINGS = 3
_READERS = {"text/html": html.read, "application/xhtml+xml": html.read, "text/plain": text.read}
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield one record an archived page; `line` is the number of the WARC record.

    Raises Refused: `empty`, `unsupported_content`. Errors of records: `record_too_large`, `archive_corrupt`, and what
    the readers of pages and texts raise. Pictures, scripts, redirects and errors of servers are passed over.
    """
    head = data.read(64)
    data.seek(0)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{options.member or 'The file'} is empty. Give a web archive.")
    if not head.startswith((b"\x1f\x8b", b"WARC/")):
        raise Refused("unsupported_content", "This is not a WARC file, whatever its name says.", status=415)
    stream = cast(BinaryIO, gzip.GzipFile(fileobj=data)) if head.startswith(b"\x1f\x8b") else data
    number, left = 1, options.done
    try:
        while (record := _next_record(stream)) is not None:
            message = _message(record)
            if message is not None and left:
                left -= 1
                yield PASSED
            elif message is not None:
                yield _article(record, message, options, number)
            record.skip()
            number += 1
    except _DAMAGE:
        sentence = f"The archive is cut off or damaged after {number - 1:,} records. Those before were read."
        yield RecordError(code="archive_corrupt", sentence=sentence, member=options.member, line=number)


class _Block:
    """The content of one WARC record, as a bounded part of the stream."""

    def __init__(self, stream: BinaryIO, headers: dict[str, str], left: int) -> None:
        self.stream = stream
        self.headers = headers
        self.left = left

    def read(self, size: int) -> bytes:
        part = self.stream.read(min(size, self.left))
        if len(part) < min(size, self.left):
            raise EOFError
        self.left -= len(part)
        return part

    def line(self) -> bytes:
        found = self.stream.readline(min(_HEADER_LINE, self.left))
        self.left -= len(found)
        return found

    def skip(self) -> None:
        while self.left:
            self.read(_CHUNK)


@dataclass(frozen=True)
class _Message:
    """A page as a server sent it."""

    media_type: str
    charset: str
    codings: tuple[str, ...]
    is_chunked: bool
    is_answer: bool


def _next_record(stream: BinaryIO) -> _Block | None:
    line = b"\r\n"
    while line and not line.strip():
        line = stream.readline(_HEADER_LINE)
    if not line:
        return None
    if not line.startswith(b"WARC/1."):
        raise EOFError
    headers: dict[str, str] = {}
    for _ in range(_HEADER_LINES):
        line = stream.readline(_HEADER_LINE)
        if not line.endswith(b"\n"):
            raise EOFError
        if not line.strip():
            break
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise EOFError
    return _Block(stream, headers, int(length))


def _message(block: _Block) -> _Message | None:
    """The page or text in a record; None for pictures, scripts, redirects and errors of servers."""
    kind = block.headers.get("warc-type", "")
    if kind not in ("response", "resource", "conversion"):
        return None
    content_type = block.headers.get("content-type", "")
    if kind == "response":
        if not content_type.startswith("application/http"):
            return None
        message = _http_message(block)
    else:
        message = _Message(_media_type(content_type), charset_of(content_type), (), False, True)
    return message if message.is_answer and message.media_type in _READERS else None


def _article(block: _Block, message: _Message, options: ReadOptions, number: int) -> Record | RecordError:
    url = block.headers.get("warc-target-uri", "").strip("<>")
    try:
        content = _content(block, message)
        check_url(url)
        [item] = _READERS[message.media_type](io.BytesIO(content), replace(options, url=url, charset=message.charset))
        return replace(item, line=number)
    except Refused as refusal:
        return RecordError(code=refusal.code, sentence=refusal.sentence, member=options.member, line=number)


def _http_message(block: _Block) -> _Message:
    status = block.line().split(b" ", 2)[1:2]
    headers: dict[str, str] = {}
    for _ in range(_HEADER_LINES):
        line = block.line()
        if not line.strip():
            break
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    codings = tuple(part.strip().lower() for part in headers.get("content-encoding", "").split(",") if part.strip())
    is_chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    stated = headers.get("content-type", "")
    return _Message(_media_type(stated), charset_of(stated), codings, is_chunked, status == [b"200"])


def _media_type(stated: str) -> str:
    return stated.partition(";")[0].strip().lower()


def _content(block: _Block, message: _Message) -> bytes:
    if block.left > PAGE_BYTES:
        raise _too_large()
    content = block.read(block.left)
    if message.is_chunked:
        content = _without_chunks(content)
    if len(message.codings) > _CODINGS:
        raise Refused("unsupported_content", "The page is packed too many times.", status=415)
    for coding in reversed(message.codings):
        content = _unpack(content, coding)
    return content


def _without_chunks(content: bytes) -> bytes:
    """Undo chunked transfer; archives that undid it already, but kept the header, are left as they are."""
    parts: list[bytes] = []
    at = 0
    while at < len(content):
        end = content.find(b"\r\n", at, at + 64)
        size = content[at:end].partition(b";")[0].strip() if end >= 0 else b""
        try:
            length = int(size, 16)
        except ValueError:
            return content if not parts else b"".join(parts)
        if length <= 0:
            break
        parts.append(content[end + 2 : end + 2 + length])
        at = end + 2 + length + 2
    return b"".join(parts)


def _unpack(content: bytes, coding: str) -> bytes:
    if coding == "identity":
        return content
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Refused("unsupported_content", f"The page is packed as “{coding[:20]}”, which is not read.", status=415)
    if coding != "deflate" and not content.startswith(b"\x1f\x8b"):
        return content  # unpacked already when it was archived
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(content, PAGE_BYTES + 1)
    except zlib.error as error:
        raise Refused("archive_corrupt", "The page is damaged in the archive.") from error
    if len(unpacked) > PAGE_BYTES:
        raise _too_large()
    return unpacked


def _too_large() -> Refused:
    return Refused("record_too_large", f"The page has more than {PAGE_BYTES:,} bytes and was left out.", status=413)
