"""The tables inside an archive, put together by their columns: one look tells how all that are alike are read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.archives import check_ratio, open_archive
from claims.importing.readers import LOOKS, Look, ReadOptions, format_of
from claims.importing.readers.lines import SAMPLE
from claims.text import clean_line

LOOKED_INTO = ("csv", "jsonl")  # a workbook in an archive is read by the usual names: each needs a process of its own
GROUPS = 20
_BEGINNING = SAMPLE + 1  # more than what an encoding is told by, so that a cut letter is not taken for a wrong one
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError)


def tables_in(data: BinaryIO) -> list[list[str]]:
    """The names of the tables in an archive, those of the same columns together, at most GROUPS of them; none where the
    archive is of no use, which its import says."""
    groups: dict[Any, list[str]] = {}
    try:
        with open_archive(data) as archive:
            check_ratio(archive)
            for member in archive.infolist():
                if format_of(member.filename) in LOOKED_INTO and not member.is_dir():
                    groups.setdefault(_kind_of(archive, member), []).append(member.filename)
    except Refused:
        return []
    finally:
        data.seek(0)
    return list(groups.values())[:GROUPS]


def look_into(data: BinaryIO, member: str, choice: Mapping[str, Any], rows: int) -> Look:
    """The beginning of one table in an archive. Raises Refused: what `open_archive` and the table's reader do,
    `archive_corrupt`."""
    with open_archive(data) as archive:
        return _look(archive, archive.getinfo(member), choice, rows)


def _kind_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[Any, ...]:
    """What is the same for tables that are read in the same way."""
    try:
        look = _look(archive, member, {}, 1)
    except Refused as refusal:
        return format_of(member.filename), refusal.code
    return format_of(member.filename), tuple(sorted(look.names)), look.encoding, look.delimiter


def _look(archive: zipfile.ZipFile, member: zipfile.ZipInfo, choice: Mapping[str, Any], rows: int) -> Look:
    try:
        with archive.open(member) as opened:
            beginning = opened.read(_BEGINNING)
    except _DAMAGE as error:
        raise Refused("archive_corrupt", "This file is damaged in the archive and is left out.") from error
    options = ReadOptions(
        member=clean_line(member.filename)[:300],
        encoding=choice.get("encoding") or None,
        delimiter=choice.get("delimiter") or None,
        columns=choice.get("columns") or {},
    )
    return LOOKS[format_of(member.filename) or ""](io.BytesIO(beginning), options, rows)
