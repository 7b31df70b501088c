"""`backup FILE`: the whole database in one file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from claims.management import dump
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError


class Command(TaughtCommand):
    help = (
        "Write the whole database to a file, while people work: pg_dump's custom format, as of one moment. Uploaded "
        "files are in it unless STORAGE keeps them elsewhere. It holds names and passwords' digests: keep it safe."
    )
    example = "backup attest.dump"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, file: Path, **options: Any) -> None:
        if file.exists():
            raise ToldError(
                "file_exists", f"{file} is there already. Choose another name; a backup overwrites nothing."
            )
        if not file.parent.is_dir():
            raise ToldError("folder_missing", f"There is no folder {file.parent}.")
        size = dump.backup(file)
        said = {"file": str(file), "bytes": size}
        self.stdout.write(json.dumps(said) if options["json"] else f"{file}: {size:,} bytes. Try it with restore.")
