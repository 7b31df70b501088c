"""`restore FILE --into DATABASE`: a backup as a database of its own beside the one in use."""

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
        "Bring a backup into a new database of the same server, all of it or nothing. The database in use is not "
        "touched, and what it holds beyond the backup is counted: look at the new one (verify_labels), then point "
        "DATABASE_URL to it."
    )
    example = "restore attest.dump --into attest_restored"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--into", required=True, metavar="DATABASE", help="a name that is free")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, file: Path, into: str, **options: Any) -> None:
        if not file.is_file():
            raise ToldError("file_missing", f"There is no file {file}.")
        dump.restore(file, into)
        lacks = dump.lacks(into)
        if options["json"]:
            self.stdout.write(json.dumps({"file": str(file), "database": into, "lacks": lacks}))
            return
        self.stdout.write(f"{file} stands in the database {into}.")
        if lacks:
            listed = ", ".join(f"{n:,} {what}" for what, n in lacks.items())
            self.stdout.write(f"The database in use has {listed} that the backup lacks.")
