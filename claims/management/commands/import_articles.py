"""`import_articles PATH... --project SLUG`: brings in files of any size through the same job as the pages do."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.files.base import File

from claims import jobs
from claims.importing.actions import start_import
from claims.importing.claims import start_claims_import
from claims.importing.datasets import DATASETS
from claims.importing.fetching import start_fetch
from claims.importing.readers import READERS, format_of
from claims.lifecycle import JOB
from claims.management.lookups import project_called, user_called
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError
from claims.models import Job, Project, User
from claims.tasks import HANDLERS, do
from claims.vocabulary import ARTICLE_FIELDS

NAMED = 10  # files that a line names
SHOWN = 20  # errors of a job; the API lists all of them
TOLD = ("member", "line", "code", "sentence")
WIDTH = 30


class Command(TaughtCommand):
    help = "Import articles from files and folders. The exit status is 0 only if nothing failed."
    example = "import_articles articles/ more.jsonl --project harbour --outlet 'Tidal Post' --wait"

    def add_arguments(self, parser: ArgumentParser) -> None:
        meant = "files, folders of them, addresses of articles, feeds and sitemaps, or - for a text to read from here"
        parser.add_argument("paths", nargs="*", metavar="PATH", help=meant)
        parser.add_argument(
            "--addresses", metavar="FILE", help="a file with one address a line; - reads them from here"
        )
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--by", metavar="USER", default="", help="who imports; an owner of the project by default")
        parser.add_argument("--outlet", default="", help="the outlet of articles that name none")
        parser.add_argument("--encoding", default="", help="the encoding of all files, where it cannot be told")
        parser.add_argument("--delimiter", default="", help="of all tables: a comma, semicolon, tab or bar")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=NAME",
            help=f"the column or key that holds a field ({', '.join(ARTICLE_FIELDS)}); FIELD= for none",
        )
        parser.add_argument(
            "--dataset",
            choices=sorted(DATASETS),
            help="the one file holds claims, with labels or verdicts",
        )
        parser.add_argument("--wait", action="store_true", help="wait for a worker to finish, with a progress bar")
        parser.add_argument("--here", action="store_true", help="do the work in this process instead of a worker's")
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one JSON object with the job's id, how it ended, counts and the first errors",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        job = self._start(options)
        if options["here"]:
            jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
            job.refresh_from_db()
        elif options["wait"]:
            job = wait_for(job, show=sys.stderr.isatty())
        self._report(job, options.get("left_out", []), as_json=options["json"])
        if job.state in ("failed", "partial", "cancelled"):
            raise SystemExit(1)

    def _start(self, options: dict[str, Any]) -> Job:
        project = project_called(options["project"])
        if not options["paths"] and not options["addresses"]:
            raise ToldError("nothing_named", "Name at least one file, folder or address.")
        addresses = [given for given in options["paths"] if given.startswith(("http://", "https://"))]
        if addresses or options["addresses"]:
            return self._start_fetch(project, addresses, options)
        if options["paths"] == ["-"]:
            return self._start_text(project, options)
        found = list(found_files(options["paths"]))
        paths = [path for path, is_read in found if is_read]
        options["left_out"] = [str(path) for path, is_read in found if not is_read]
        if not paths:
            names = ", ".join(READERS)
            raise ToldError(
                "nothing_readable", f"Nothing in {', '.join(options['paths'])} is of a kind that is read: {names}."
            )
        if options["dataset"]:
            return self._start_dataset(project, paths, options)
        settings = {name: options[name] for name in ("encoding", "delimiter") if options[name]}
        if columns := dict(column_of(said) for said in options["column"]):
            settings["columns"] = columns
        with ExitStack() as opened:
            files = [File(opened.enter_context(path.open("rb")), name=path.name) for path in paths]
            return start_import(
                project,
                files=files,
                outlet=options["outlet"],
                options=settings,
                by=importer(project, options["by"]),
                limit=None,
            )

    def _start_fetch(self, project: Project, addresses: list[str], options: dict[str, Any]) -> Job:
        if len(addresses) < len(options["paths"]):
            raise ToldError("files_and_addresses", "Give files or addresses, not both at once.")
        if options["addresses"]:
            addresses = [*addresses, *text_of(options["addresses"]).split()]
        return start_fetch(project, urls=addresses, outlet=options["outlet"], by=importer(project, options["by"]))

    def _start_text(self, project: Project, options: dict[str, Any]) -> Job:
        """What is piped in or typed is one article, as if it were pasted on the page."""
        by = importer(project, options["by"])
        return start_import(project, text=text_of("-"), outlet=options["outlet"], by=by, limit=None)

    def _start_dataset(self, project: Project, paths: list[Path], options: dict[str, Any]) -> Job:
        if len(paths) != 1:
            raise ToldError("one_file_only", "Give one file with --dataset.")
        with paths[0].open("rb") as opened:
            file, by = File(opened, name=paths[0].name), importer(project, options["by"])
            return start_claims_import(project, dataset=options["dataset"], file=file, by=by, limit=None)

    def _report(self, job: Job, left_out: list[str], *, as_json: bool) -> None:
        errors = job.errors.order_by("id")[:SHOWN]
        if as_json:
            shown = {"job": job.pk, "state": job.state, "reason": job.reason, "sentence": job.sentence}
            shown |= {"counts": job.counts, "errors": [*errors.values(*TOLD)], "left_out": left_out}
            self.stdout.write(json.dumps(shown))
            return
        self.stdout.write(f"Job {job.pk}: {job.state}. {job.sentence}".strip())
        for error in errors:
            place = ":".join(str(part) for part in (error.member, error.line) if part)
            self.stdout.write(f"  {place} {error.code}: {error.sentence}")
        if left_out:
            more = f" and {len(left_out) - NAMED} more" if len(left_out) > NAMED else ""
            self.stdout.write(f"Left out, of no kind that is read: {', '.join(left_out[:NAMED])}{more}")


def column_of(said: str) -> tuple[str, str]:
    """`text=Body` as its two parts."""
    field, is_said, name = said.partition("=")
    if not is_said or field not in ARTICLE_FIELDS:
        raise ToldError("wrong_column", f"“{said[:60]}” is no FIELD=NAME. Fields: {', '.join(ARTICLE_FIELDS)}.")
    return field, name


def text_of(name: str) -> str:
    """What a file or, for a dash, the standard input says, as UTF-8."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToldError(
            "not_utf8", f"{name} is not UTF-8. Convert it, or import it as a file with --encoding."
        ) from error
    except OSError as error:
        raise ToldError("file_unreadable", f"{name} cannot be read: {error.strerror}.") from error


def found_files(given: list[str]) -> Iterator[tuple[Path, bool]]:
    """Yield the files that are meant, by name, each with whether it goes in: those named do, and of folders those there
    is a reader for. Others are usual in a folder (pictures of a saved page), so they are no failure, but told."""
    for name in given:
        path = Path(name)
        if path.is_dir():
            files = (file for file in sorted(path.rglob("*")) if file.is_file())
            yield from ((file, bool(format_of(file.name))) for file in files)
        elif path.is_file():
            yield path, True
        else:
            raise ToldError("file_missing", f"There is no file or folder “{name}”.")


def importer(project: Project, name: str) -> User:
    """Return the named user, or an owner of the project."""
    if name:
        return user_called(name)
    owners = User.objects.filter(membership__project=project, membership__role="owner")
    owner = owners.order_by("pk").first()
    if owner is None:
        raise ToldError("no_owner", "The project has no owner. Name a user with --by.")
    return owner


def wait_for(job: Job, *, show: bool) -> Job:
    """Look at the job every half second until it ends."""
    while job.state not in JOB.terminal:
        if show:
            sys.stderr.write("\r" + progress_line(job))
            sys.stderr.flush()
        time.sleep(0.5)
        job.refresh_from_db()
    if show:
        sys.stderr.write("\r" + progress_line(job) + "\n")
    return job


def progress_line(job: Job) -> str:
    """Say how far a job is, in one line of constant width."""
    counts = job.counts
    read, total = counts.get("read", 0), counts.get("total", 0)
    done = min(1.0, read / total) if total else 0.0
    bar = ("#" * round(done * WIDTH)).ljust(WIDTH, ".")
    waiting = "" if jobs.is_alive("worker") else "  no worker is running"
    return f"[{bar}] {read:,} of {total:,} read, {counts.get('imported', 0):,} imported{waiting}".ljust(100)
