"""All files of a release as one .zip, written while it is sent: nothing is put together in memory or on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from io import RawIOBase

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from claims import audit
from claims.errors import Refused
from claims.exporting.handing import is_withheld, taken_down
from claims.models import Release, ReleaseFile, User
from claims.permissions import check_can_download

CHUNK = 256 * 1024
LEVEL = 1  # tables shrink to a fifth already; more would wait for the processor, not for the line


def open_all(release: Release, *, by: User) -> list[ReleaseFile]:
    """The files that may be given out, by name; those that may hold what was taken down since are left out.

    One entry in the audit log. Refused `release_is_empty` (409) when there is none.
    """
    check_can_download(by, release)
    n_gone = taken_down(release)
    rows = ReleaseFile.objects.filter(release=release).order_by("name")
    files = [row for row in rows if not (n_gone and is_withheld(row))]
    if not files:
        raise Refused("release_is_empty", "This release has no file to give out. Make a new one.", status=409)
    with transaction.atomic():
        audit.record("download_release", release, by=by, file="all", n=len(files))
    return files


def send_all(files: Sequence[ReleaseFile], *, name: str) -> StreamingHttpResponse:
    """An attachment; names inside are those of the manifest, so that its checksums can be compared at once."""
    response = StreamingHttpResponse(zipped(files), content_type="application/zip")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"  # a takedown holds from the next request on
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


class Sink(RawIOBase):
    """What the archive was told to write and nobody has taken yet."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes nothing but bytes
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


def zipped(files: Sequence[ReleaseFile]) -> Iterator[bytes]:
    """The archive in pieces of about CHUNK bytes before compression."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, date_time=file.release.created_at.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.file_size = file.size  # decides whether the entry needs the long form
            with file.file.open("rb") as source, archive.open(entry, "w") as target:
                while part := source.read(CHUNK):
                    target.write(part)
                    yield sink.take()
    yield sink.take()
