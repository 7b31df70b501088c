"""Zip files that grow from front to back and are the same bytes each time: no clock, no compression level to differ.

Entries are stored as they are. Compression would depend on the zlib at hand, and a release is compared byte by byte.
"""

from __future__ import annotations

import io
import zipfile
from typing import IO, Any

EPOCH = (1980, 1, 1, 0, 0, 0)


class _Sink(io.RawIOBase):
    """What zipfile writes to: it cannot go back, so lengths follow each entry. The bytes are taken as they come."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._bytes += part
        return len(part)

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


class GrowingZip:
    """Add entries one after the other; `take` what is ready."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED)

    def add(self, name: str, content: str) -> None:
        with self.open(name) as target:
            target.write(content.encode("utf-8", "backslashreplace"))

    def open(self, name: str) -> IO[bytes]:
        """An entry to write to piece by piece; only one is open at a time."""
        return self._zip.open(_info(name), "w", force_zip64=True)

    def take(self) -> bytes:
        return self._sink.take()

    def close(self) -> bytes:
        self._zip.close()
        return self._sink.take()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o644 << 16
    info.create_system = 3
    return info
