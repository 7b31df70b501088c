"""`deposit_release --project SLUG --release N`: the files of a release as a draft at Zenodo, to be cited by its DOI."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from claims.errors import Refused
from claims.exporting.depositing import Deposit, deposit_release
from claims.management.commands.export_release import check_ready
from claims.management.commands.import_articles import importer
from claims.management.lookups import project_called, release_called
from claims.management.taught import TaughtCommand

UNANSWERED = ("fetch_failed", "fetch_timeout", "fetch_incomplete", "tls_error")


class Command(TaughtCommand):
    help = (
        "Upload a release to Zenodo as a draft that only its owner sees; --publish makes it public for ever, with a "
        "DOI. Run again, it goes on where it stopped and sends nothing twice. The token is read from ZENODO_TOKEN "
        "(scopes deposit:write and deposit:actions). To try it, set ZENODO_ENDPOINT=https://sandbox.zenodo.org/api. "
        "The release needs the format citation, which holds the metadata."
    )
    example = "deposit_release --project harbour --release 2 --creator 'Quill, Edda'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--release", required=True, type=int, metavar="N")
        parser.add_argument(
            "--creator",
            action="append",
            default=[],
            metavar="NAME",
            help="'Family name, Given names'; may be given several times (default: the project)",
        )
        parser.add_argument(
            "--publish", action="store_true", help="make it public: this cannot be taken back, not even by Zenodo"
        )
        parser.add_argument("--by", metavar="USER", default="", help="who deposits; an owner of the project by default")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object with id, address, doi, sent and kept files"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        project = project_called(options["project"])
        by = importer(project, options["by"])
        release = release_called(project, options["release"])
        check_ready(release)
        say = self.show if self.stderr.isatty() and not options["json"] else lambda _: None
        try:
            deposit = deposit_release(release, by=by, creators=options["creator"], publish=options["publish"], say=say)
        except Refused as refusal:
            raise CommandError(f"{told(refusal)} ({refusal.code})") from refusal
        self.report(deposit, as_json=options["json"])

    def show(self, said: str) -> None:
        self.stderr.write(f"\r{said}\x1b[K", ending="")

    def report(self, deposit: Deposit, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(deposit)))
            return
        files = f"{len(deposit.sent)} files sent, {len(deposit.kept)} were there"
        state = f"published as {deposit.doi}" if deposit.is_published else "a draft; look at it, then publish it there"
        self.stdout.write(f"Deposit {deposit.id} is {state}: {deposit.address} ({files})")


def told(refusal: Refused) -> str:
    """What the site did not answer to is told with its address; what Zenodo answered speaks for itself."""
    if refusal.code not in UNANSWERED:
        return refusal.sentence
    return f"{settings.ZENODO_ENDPOINT}: {refusal.sentence} Run the same command again: it goes on where it stopped."
