"""`compare_releases --project SLUG OLDER NEWER`: what two releases of a project differ in, and why."""

from __future__ import annotations

import json as json_
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from claims.exporting.differences import compare_releases
from claims.management.commands.import_articles import importer
from claims.management.lookups import project_called, release_called
from claims.management.taught import TaughtCommand


class Command(TaughtCommand):
    help = (
        "Say what changed from one release to another: labels by question, settled values that moved, checks of the "
        "newsroom's desk, codebooks."
    )
    example = "compare_releases 1 2 --project harbour"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("older", type=int, help="the number of a release")
        parser.add_argument("newer", type=int, help="the number of a later one")
        parser.add_argument("--by", metavar="USER", default="", help="who asks; an owner of the project by default")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, project: str, older: int, newer: int, by: str, json: bool, **__: Any) -> None:
        found = project_called(project)
        releases = [release_called(found, number) for number in (older, newer)]
        changes = compare_releases(*releases, by=importer(found, by))
        for line in [json_.dumps(changes, ensure_ascii=False)] if json else lines_of(changes):
            self.stdout.write(line)


def lines_of(changes: dict[str, Any]) -> Iterator[str]:
    yield f"From release {changes['older']} to release {changes['newer']}"
    for row in changes["labels"]:
        counts = ", ".join(f"{row[name]:,} {name}" for name in ("added", "removed", "changed", "same"))
        yield f"  labels to {row['question']}: {counts}"
    settled = changes["settled"]
    yield f"  settled: {settled['added']:,} added, {settled['removed']:,} removed, {settled['moved']:,} moved"
    for each in settled["values"]:
        before, after = (each[side]["value"] or each[side]["outcome"] for side in ("before", "after"))
        why = each["rationale"] or each["reason_code"]
        yield f"    unit {each['unit']}, {each['question']}: {before} -> {after} (by {each['method']}; {why})"
    if changes["desk"]:
        desk = changes["desk"]
        yield f"  desk: {desk['added']:,} added, {desk['removed']:,} removed, {desk['changed']:,} changed"
        for each in desk["values"]:
            why = f" ({each['rationale']})" if each["rationale"] else ""
            yield f"    claim {each['claim']}: {each['before'] or 'none'} -> {each['after'] or 'none'}{why}"
    for what in ("codebooks", "withheld"):
        for way in ("added", "removed"):
            if changes[what][way]:
                yield f"  {what} {way}: {'; '.join(changes[what][way])}"
    for erratum in changes["errata"]:
        yield f"  erratum: {erratum}"
