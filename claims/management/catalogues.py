"""Translations of the interface: `.po` files as people write them, compiled to the `.mo` that gettext reads.

A few lines of our own in the place of the system's msgfmt, so that the same bytes come out everywhere. The forms used
are msgid and msgstr in quotes, several lines joined; no plurals, no contexts. The layout of `.mo` is that of the GNU
gettext manual, "The Format of GNU MO Files".
"""

from __future__ import annotations

import ast
import struct
from pathlib import Path

MAGIC = 0x950412DE
HEAD_BYTES = 28


def read_catalogue(written: str) -> dict[str, str]:
    """msgid -> msgstr, the header under the empty msgid. Raises ValueError for a line of another form."""
    entries: dict[str, str] = {}
    parts: dict[str, str] = {}
    field = ""
    for number, line in enumerate([*written.splitlines(), ""], 1):
        word, _, rest = line.strip().partition(" ")
        if line.startswith('"') and field:
            parts[field] += ast.literal_eval(line)
        elif word in ("msgid", "msgstr"):
            field, parts[word] = word, ast.literal_eval(rest)
        elif not line.strip():
            if "msgstr" in parts:
                entries[parts["msgid"]] = parts["msgstr"]
            parts, field = {}, ""
        elif not line.startswith("#"):
            raise ValueError(f"Line {number} is no msgid, msgstr, text or comment: {line[:60]!r}.")
    return entries


def compiled(entries: dict[str, str]) -> bytes:
    """The bytes of a `.mo` file: entries in the order of their msgid, without those that are not translated."""
    rows = sorted((key.encode(), value.encode()) for key, value in entries.items() if value)
    n = len(rows)
    at = HEAD_BYTES + 16 * n
    tables: list[bytes] = []
    for column in (0, 1):
        for row in rows:
            tables.append(struct.pack("<II", len(row[column]), at))
            at += len(row[column]) + 1
    head = struct.pack("<7I", MAGIC, 0, n, HEAD_BYTES, HEAD_BYTES + 8 * n, 0, at)
    return head + b"".join(tables) + b"".join(row[column] + b"\0" for column in (0, 1) for row in rows)


def compile_catalogues(folder: Path) -> list[Path]:
    """Write the `.mo` beside every `.po` under `folder`; gives those that were out of date."""
    changed = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        content = compiled(read_catalogue(source.read_text(encoding="utf-8")))
        target = source.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
            changed.append(target)
    return changed
