"""Sending a stored file: as an attachment, whole or the one range that was asked for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import File
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from claims.errors import Refused
from claims.models import ReleaseFile

CHUNK = 256 * 1024
ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


def send_file(request: HttpRequest, source: File[Any], kept: ReleaseFile, *, name: str = "") -> StreamingHttpResponse:
    """200 with everything, or 206 with the range; refused with 416 when the range begins behind the end.

    Several ranges at once are answered with everything, as the standard allows.
    """
    etag = f'"{kept.sha256}"'
    span = asked_range(request.headers.get("Range", ""), kept.size)
    if span is not None and request.headers.get("If-Range", etag) != etag:
        span = None
    first, last = span or (0, kept.size - 1)
    response = StreamingHttpResponse(
        read_span(source, first, last - first + 1),
        status=206 if span else 200,
        content_type="application/octet-stream",
    )
    response["Content-Length"] = str(last - first + 1)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "no-store"  # a takedown holds from the next request on
    response["Content-Disposition"] = content_disposition_header(True, name or kept.name) or "attachment"
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{kept.size}"
    return response


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) inclusive, or None for everything."""
    found = ONE_RANGE.fullmatch(header.strip())
    if found is None or not any(found.groups()):
        return None
    start, end = found.groups()
    first = int(start) if start else max(0, size - int(end))
    last = min(int(end), size - 1) if start and end else size - 1
    if start and end and int(end) < int(start):
        return None
    if first >= size:
        raise Refused(
            "range_not_satisfiable", f"The file has {size:,} bytes; the range begins behind them.", status=416
        )
    return first, last


def read_span(source: File[Any], first: int, length: int) -> Iterator[bytes]:
    """The bytes in chunks; the file is closed at the end."""
    with source:
        source.seek(first)
        while length > 0 and (part := source.read(min(CHUNK, length))):
            length -= len(part)
            yield part
