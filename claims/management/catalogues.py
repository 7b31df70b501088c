"""Translations of the interface: `.po` files as people write them, compiled to the `.mo` that gettext reads.

Babel in the place of the system's msgfmt, so that nothing has to be installed and the same bytes come out everywhere.
"""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def read_catalogue(written: str) -> Catalog:
    """The messages of a `.po` file. Raises `babel.messages.pofile.PoFileError` for a line of another form."""
    return read_po(StringIO(written), abort_invalid=True)


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of a `.mo` file: entries in the order of their msgid, without those that are not translated."""
    target = BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


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
