"""`verify_labels`: recomputes the hash chains of label events and names every row that was changed by other means."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from claims.labelling.chain import verify_labels
from claims.management.commands.export_release import project_called
from claims.models import Project


class Command(BaseCommand):
    help = "Verify the hash chains of label events. Exit status 1 when a row was changed, removed or put in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="SLUG", help="one project (default: all)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, project: str | None, json: bool, **__: Any) -> None:
        projects = [project_called(project)] if project else list(Project.objects.order_by("slug"))
        faults = [{"project": each.slug, **asdict(fault)} for each in projects for fault in verify_labels(each)]
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
