"""What a zip archive may hold, found out before anything in it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import BinaryIO

from claims.errors import Refused

UNPACKED_BYTES = 200_000_000
MEMBERS = 2_000
RATIO = 200
# Small files of one repeated line reach any ratio and harm nobody.
_RATIO_FROM_BYTES = 10_000_000
_DIRECTORY_BYTES = 4_000_000
_END = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR = b"PK\x06\x07"


def open_archive(data: BinaryIO) -> zipfile.ZipFile:
    """Open a zip whose directory keeps the limits. Raises Refused: `archive_corrupt`, `too_many_members`,
    `archive_too_large` (413), `archive_encrypted`."""
    _check_directory_size(data)
    try:
        archive = zipfile.ZipFile(data)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise _corrupt() from error
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise _too_many()
    if sum(member.file_size for member in members) > UNPACKED_BYTES:
        raise _too_large()
    if any(member.flag_bits & 1 for member in members):
        raise Refused("archive_encrypted", "The archive has a password. Pack the files again without one.")
    return archive


def check_ratio(archive: zipfile.ZipFile) -> None:
    """Raise Refused `archive_ratio` when the archive says that it inflates beyond what texts do."""
    members = archive.infolist()
    whole = (sum(member.file_size for member in members), sum(member.compress_size for member in members))
    for unpacked, packed in (whole, *((member.file_size, member.compress_size) for member in members)):
        if unpacked >= _RATIO_FROM_BYTES and unpacked > RATIO * max(1, packed):
            raise Refused("archive_ratio", f"The archive inflates to over {RATIO} times its size. It was not unpacked.")


def _check_directory_size(data: BinaryIO) -> None:
    """Look at the end record by itself: the zip module would read a directory of any size into memory."""
    size = data.seek(0, io.SEEK_END)
    data.seek(max(0, size - 65_557 - 20))
    tail = data.read()
    data.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise _corrupt()
    _, _, _, _, members, directory_bytes, _, _ = _END.unpack_from(tail, at)
    if tail[max(0, at - 20) : at][:4] == _ZIP64_LOCATOR:
        raise _too_large()
    if members > MEMBERS or directory_bytes > _DIRECTORY_BYTES:
        raise _too_many()


def _corrupt() -> Refused:
    return Refused("archive_corrupt", "This is not a whole zip archive. Pack the files again.")


def _too_many() -> Refused:
    return Refused("too_many_members", f"The archive holds more than {MEMBERS:,} files. Split it.")


def _too_large() -> Refused:
    return Refused(
        "archive_too_large", f"The archive unpacks to more than {UNPACKED_BYTES:,} bytes. Split it.", status=413
    )
