"""`export_release --project SLUG --out DIR`: makes a release, or takes one there is, and writes its files."""

from __future__ import annotations

import json
import os
import re
import tempfile
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from claims import jobs
from claims.exporting.actions import start_release
from claims.exporting.handing import open_file
from claims.exporting.selecting import DEFAULT_SHARES, SPLIT_KEYS, Selection, SplitPlan, read_shares
from claims.exporting.writers import WRITERS
from claims.lifecycle import JOB
from claims.management.commands.import_articles import importer, wait_for
from claims.management.lookups import project_called, release_called, round_called
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError
from claims.models import Job, Project, Release, User
from claims.tasks import HANDLERS, do

PART = 1 << 20
SAFE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[a-z]+)+")


class Command(TaughtCommand):
    help = (
        "Make a release and write its files to a folder, with their checksums checked. Exit status 0 when all is there."
    )
    example = "export_release --project harbour --format jsonl --format huggingface --out dataset"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--release", type=int, metavar="N", help="an existing release, instead of a new one")
        parser.add_argument(
            "--format", action="append", choices=list(WRITERS), help="may be given several times (default: jsonl, csv)"
        )
        parser.add_argument("--round", action="append", metavar="ROUND", help="only these, by id or name")
        parser.add_argument("--title", default="", help="what it is called beside its number")
        add_selection(parser)
        parser.add_argument("--without-texts", action="store_true", help="no words of articles; see rejoin_text")
        parser.add_argument("--licence", default="", metavar="SPDX", help="licence of the labels, such as CC-BY-4.0")
        parser.add_argument(
            "--erratum",
            action="append",
            default=[],
            metavar="SENTENCE",
            help="what it corrects; may be given several times",
        )
        parser.add_argument("--by", metavar="USER", default="", help="who releases; an owner of the project by default")
        parser.add_argument(
            "--out", required=True, type=Path, metavar="DIR", help="the folder; made when it is not there"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object with number, seal and files")

    def handle(self, *_: Any, **options: Any) -> None:
        project = project_called(options["project"])
        by = importer(project, options["by"])
        check_folder(options["out"])
        number = options["release"]
        release = made(project, options, by=by) if number is None else release_called(project, number)
        check_ready(release)
        files = write_files(release, options["out"], by=by)
        self.report(release, files, options["out"], as_json=options["json"])

    def report(self, release: Release, files: list[Path], out: Path, *, as_json: bool) -> None:
        names = [path.name for path in files]
        if as_json:
            shown = {"release": release.number, "seal": release.seal_id, "out": str(out), "files": names}
            self.stdout.write(json.dumps(shown))
            return
        self.stdout.write(f"Release {release.number}, as of seal {release.seal_id}: {len(names)} files in {out}")


def add_selection(parser: ArgumentParser) -> None:
    day = date.fromisoformat
    parser.add_argument("--question", action="append", default=[], metavar="CODE", help="only answers to these")
    parser.add_argument("--first-day", type=day, metavar="YYYY-MM-DD", help="only answers from then on (UTC)")
    parser.add_argument("--last-day", type=day, metavar="YYYY-MM-DD", help="only answers until then (UTC)")
    parser.add_argument(
        "--least-agreement", type=float, metavar="SHARE", help="0 to 1: of first answers on a unit that are the same"
    )
    parser.add_argument(
        "--split-by", action="append", choices=SPLIT_KEYS, help="make splits; what is named is never in two of them"
    )
    parser.add_argument("--shares", default="", metavar="TEXT", help="by default train 80, validation 10, test 10")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same splits (default: 0)")
    parser.add_argument("--stratify-by", default="", metavar="CODE", help="the question whose answers to spread alike")


def selection_in(options: dict[str, Any]) -> Selection:
    return Selection(options["question"], options["first_day"], options["last_day"], options["least_agreement"])


def splits_in(options: dict[str, Any]) -> SplitPlan | None:
    if not options["split_by"]:
        return None
    shares = read_shares(options["shares"]) if options["shares"] else DEFAULT_SHARES
    return SplitPlan(options["split_by"], shares, options["seed"], options["stratify_by"])


def check_folder(out: Path) -> None:
    """Before anything is numbered: a release is not made for a place where it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToldError("folder_unusable", f"{out} cannot be a folder: {error.strerror}.") from error


def check_ready(release: Release) -> None:
    if release.state != "ready":
        why = release.state_reason or (release.job.sentence if release.job else "") or "Its job has not ended."
        raise ToldError(
            "release_not_ready", f"Release {release.number} is {release.state}, so there are no files. {why}"
        )


def made(project: Project, options: dict[str, Any], *, by: User) -> Release:
    """A new release, its files built here unless a worker is quicker."""
    formats = options["format"] or ("jsonl", "csv")
    chosen = {"title": options["title"], "licence": options["licence"], "errata": options["erratum"]}
    chosen["has_texts"] = not options["without_texts"]
    chosen |= {"selection": selection_in(options), "splits": splits_in(options)}
    rounds = [round_called(project, wanted).pk for wanted in options["round"]] if options["round"] else None
    release = start_release(project, by=by, rounds=rounds, formats=formats, **chosen)
    job = Job.objects.get(kind="build_release", args__release=release.pk)
    jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
    job.refresh_from_db()
    if job.state not in JOB.terminal:
        wait_for(job, show=False)
    release.refresh_from_db()
    return release


def write_files(release: Release, out: Path, *, by: User) -> list[Path]:
    """Each file appears whole under its name or not at all."""
    return [
        write_file(release, name, out, by=by) for name in release.files.order_by("name").values_list("name", flat=True)
    ]


def write_file(release: Release, name: str, out: Path, *, by: User) -> Path:
    if not SAFE_NAME.fullmatch(name):
        raise ToldError("unsafe_name", f"{name!r} is not a name of a release's file.")
    found, content = open_file(release, name, by=by)
    with tempfile.NamedTemporaryFile(dir=out, prefix=f".{name}-", delete=False) as target, content:
        while part := content.read(PART):
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    if Path(target.name).stat().st_size != found.size:
        raise ToldError(
            "wrong_size", f"{name} came out with another size than it was released with. Run verify_release."
        )
    Path(target.name).chmod(0o644)
    return Path(target.name).replace(out / name)
