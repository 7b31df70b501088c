"""`verify_release --project SLUG`: builds a release again from the database and compares it with what was released."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from claims.exporting.actions import verify_release
from claims.exporting.editions import EDITION, is_of_this_edition, made_with_of
from claims.management.lookups import project_called, release_called
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError
from claims.models import Release


class Command(TaughtCommand):
    help = (
        "Build a release again and compare every file. Exit status 1 when anything differs; each difference is named."
    )
    example = "verify_release --project harbour --release 1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--release", type=int, metavar="N", help="its number (default: the newest that is ready)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, project: str, release: int | None, json: bool, **__: Any) -> None:
        found = chosen(project, release)
        differences = verify_release(found)
        self.report(found, differences, as_json=json)
        if differences:
            raise SystemExit(1)

    def report(self, release: Release, differences: list[str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"release": release.number, "differences": differences}))
            return
        for sentence in differences:
            self.stdout.write(sentence)
        if not is_of_this_edition(release):
            self.stdout.write(
                f"Edition {made_with_of(release)['edition']} of the program wrote it and this is edition {EDITION}, "
                "or a library is another one: where bytes differ, rows were compared."
            )
        if not differences:
            self.stdout.write(f"Release {release.number} is what the database gives as of seal {release.seal_id}.")


def chosen(slug: str, number: int | None) -> Release:
    project = project_called(slug)
    if number is not None:
        return release_called(project, number)
    newest: Release | None = Release.objects.in_project(project).filter(state="ready").order_by("-number").first()
    if newest is None:
        raise ToldError("unknown_release", f"{slug} has no release that is ready.")
    return newest
