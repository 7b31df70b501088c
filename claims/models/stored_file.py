"""Files in the database: the default storage, so that web and workers on several machines share nothing else.

Bytes are written in chunks inside the caller's transaction: a file and the row that names it appear together or not
at all, and nothing partial is ever visible.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator

from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import models, transaction
from django.utils.deconstruct import deconstructible

from claims.models.base import CreatedAt

CHUNK = 256 * 1024


class StoredFile(CreatedAt):
    """One file's name, length and checksum."""

    name = models.CharField(max_length=200, unique=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")


class StoredChunk(models.Model):
    """A run of at most CHUNK bytes of a file."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    n = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "n"], name="claims_stored_chunk_number_is_used_once")]


class StoredReader(io.RawIOBase):
    """Reads a stored file chunk by chunk; seekable, one chunk in memory."""

    def __init__(self, stored: StoredFile) -> None:
        self._stored = stored
        self._position = 0
        self._chunk_n = -1
        self._chunk = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._stored.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        n, within = divmod(self._position, CHUNK)
        if n != self._chunk_n:
            row = StoredChunk.objects.filter(file=self._stored, n=n).values_list("content", flat=True).first()
            self._chunk_n, self._chunk = n, bytes(row or b"")
        part = self._chunk[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)


@deconstructible
class DatabaseStorage(Storage):
    """Django storage on StoredFile rows."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        try:
            stored = StoredFile.objects.get(name=name)
        except StoredFile.DoesNotExist:
            raise FileNotFoundError(f"No stored file is called {name!r}.") from None
        return File(io.BufferedReader(StoredReader(stored), buffer_size=CHUNK), name=name)

    def _save(self, name: str, content: File[bytes]) -> str:
        digest, size = hashlib.sha256(), 0
        with transaction.atomic():
            stored = StoredFile.objects.create(name=name)
            for n, part in enumerate(_even_chunks(content)):
                StoredChunk.objects.create(file=stored, n=n, content=part)
                digest.update(part)
                size += len(part)
            stored.size, stored.sha256 = size, digest.hexdigest()
            stored.save(update_fields=["size", "sha256"])
        return name

    def delete(self, name: str) -> None:
        StoredFile.objects.filter(name=name).delete()

    def exists(self, name: str) -> bool:
        return StoredFile.objects.filter(name=name).exists()

    def size(self, name: str) -> int:
        return StoredFile.objects.values_list("size", flat=True).get(name=name)

    def url(self, name: str | None) -> str:
        raise ValueError("Stored files have no public address; a page hands them out after asking who wants them.")


def _even_chunks(content: File[bytes]) -> Iterator[bytes]:
    """All chunks but the last are exactly CHUNK long, so that a position says which chunk it is in."""
    waiting = b""
    for piece in content.chunks(CHUNK):
        waiting += piece.encode() if isinstance(piece, str) else piece
        while len(waiting) >= CHUNK:
            yield waiting[:CHUNK]
            waiting = waiting[CHUNK:]
    if waiting:
        yield waiting
