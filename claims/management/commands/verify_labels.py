"""`verify_labels`: recomputes the hash chains of label events and names every row that was changed by other means; held
against manifests of releases, it names what is missing since."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from claims.errors import Refused
from claims.exporting.witness import gaps
from claims.labelling.chain import verify_labels
from claims.management.lookups import project_called
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError
from claims.models import Project
from claims.text import strict_json


class Command(TaughtCommand):
    help = (
        "Verify the hash chains of label events. Exit status 1 when a row was changed, removed or put in. After a "
        "restore, give it the manifest.json of releases that went out: it says what the backup does not have of them, "
        "and which numbers were given a second time."
    )
    example = "verify_labels --project harbour --against dataset/manifest.json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="SLUG", help="one project (default: all)")
        parser.add_argument(
            "--against", nargs="+", type=Path, default=[], metavar="MANIFEST", help="manifest.json of a release"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, project: str | None, against: list[Path], json: bool, **__: Any) -> None:
        projects = [project_called(project)] if project else list(Project.objects.order_by("slug"))
        faults = [{"project": each.slug, **asdict(fault)} for each in projects for fault in verify_labels(each)]
        faults += [gap for path in against for gap in gaps_of(path)]
        self.report(len(projects), faults, as_json=json)
        if faults:
            raise SystemExit(1)

    def report(self, n_projects: int, faults: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"projects": n_projects, "faults": faults}))
            return
        for fault in faults:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in fault.items()))
        if not faults:
            self.stdout.write(f"The label events of {n_projects} project{'s' * (n_projects != 1)} are whole.")


def gaps_of(path: Path) -> list[dict[str, Any]]:
    try:
        found = strict_json(path.read_bytes())
        return list(gaps(found if isinstance(found, dict) else {}))
    except OSError as error:
        raise ToldError("file_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    except Refused as refused:
        raise CommandError(f"{path}: {refused.sentence}") from refused
