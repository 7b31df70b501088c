"""Archives of files that have a reader; an archive in an archive is not opened."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, cast

from claims.errors import Refused
from claims.importing.archives import check_ratio, open_archive
from claims.importing.readers.record import PASSED, ReadOptions, Record, RecordError
from claims.text import clean_line

_PACKED = ("zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "tar", "jar")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)
_ONE_ITEM = (None, "text", "html", "pdf", "zip")  # a member of these is one article or one error
_LEFT_BY_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield what the members' readers find; what is wrong with one member is its error, and the others go on.

    Raises Refused: `empty`, `archive_ratio`, what `open_archive` raises. Errors of members: `nested_archive`,
    `unsupported_member`, `archive_corrupt`, and what the readers raise. No member is written to disk.
    """
    if not data.read(64).strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{options.member or 'The file'} is empty. Give an archive with at least one article.")
    with open_archive(data) as archive:
        check_ratio(archive)
        members = [member for member in archive.infolist() if not member.is_dir() and not _is_clutter(member.filename)]
        if not members:
            raise Refused("empty", "The archive holds no files. Give one with at least one article.")
        left = options.done
        for member in members:
            if left and _format_of(member) in _ONE_ITEM:
                left -= 1
                yield PASSED
                continue
            shown = f"{options.member}/{clean_line(member.filename)}"[:300]
            for item in _member_or_error(archive, member, _options_of(member, options, shown, left)):
                left = max(0, left - 1)
                yield item


def _member_or_error(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, options: ReadOptions
) -> Iterator[Record | RecordError]:
    try:
        yield from _member(archive, member, options)
    except Refused as refusal:
        yield RecordError(code=refusal.code, sentence=refusal.sentence, member=options.member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, options: ReadOptions) -> Iterator[Record | RecordError]:
    from claims.importing.readers import READERS  # the registry names this module

    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise Refused("unsupported_member", "This is a link or a device, not a file. It was left out.")
    extension = member.filename.rpartition(".")[2].lower()
    format_ = _format_of(member)
    if extension in _PACKED:
        raise Refused("nested_archive", "This is an archive inside an archive. Pack its files into the outer one.")
    if format_ is None:
        raise Refused("unsupported_member", "There is no reader for this kind of file. It was left out.")
    _check_whole(archive, member)
    with archive.open(member) as opened:
        yield from READERS[format_](cast(BinaryIO, opened), options)


def _options_of(member: zipfile.ZipInfo, options: ReadOptions, shown: str, done: int) -> ReadOptions:
    """What was said of all, and before that what was said of this table."""
    said = {name: value for name, value in options.tables.get(member.filename, {}).items() if value}
    return replace(options, **{"member": shown, "url": "", "done": done, "tables": {}, **said})


def _format_of(member: zipfile.ZipInfo) -> str | None:
    from claims.importing.readers import format_of  # the registry names this module

    return format_of(member.filename)


def _check_whole(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack once without keeping anything: the length and checksum must be those that the archive states."""
    try:
        with archive.open(member) as opened:
            while opened.read(1 << 20):
                pass
    except NotImplementedError as error:
        raise Refused("unsupported_member", "This file is packed in a way that is not read. Use “deflate”.") from error
    except _DAMAGE as error:
        raise Refused("archive_corrupt", "This file is damaged in the archive. The others were read.") from error


def _is_clutter(name: str) -> bool:
    return name.startswith(_LEFT_BY_SYSTEMS[0]) or name.rpartition("/")[2] in _LEFT_BY_SYSTEMS
