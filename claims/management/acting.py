"""What commands that act for a person share: who acts, refusals as errors, one JSON object or a sentence."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from claims import jobs
from claims.management.commands.import_articles import importer
from claims.management.lookups import project_called
from claims.management.taught import TaughtCommand
from claims.models import Job, Project, User
from claims.tasks import HANDLERS, do


class ActingCommand(TaughtCommand):
    """`act` does the one thing and returns what is printed: ids, codes and numbers; "sentence" is for people.

    Exit status 0: it was done. 1: it was refused, or not all of it could be done ("is_whole" is false).
    """

    needs_project = True
    who = "who acts; an owner of the project by default"

    def add_arguments(self, parser: ArgumentParser) -> None:
        if self.needs_project:
            parser.add_argument("--project", required=True, metavar="SLUG", help="the word its address ends with")
        parser.add_argument("--by", metavar="USER", default="", help=self.who)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        said = self.act(options)
        is_whole, sentence = said.pop("is_whole", True), said.pop("sentence")
        self.stdout.write(json.dumps(said) if options["json"] else sentence)
        if not is_whole:
            raise SystemExit(1)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


def actor(options: dict[str, Any]) -> tuple[Project, User]:
    project = project_called(options["project"])
    return project, importer(project, options["by"])


def do_now(job: Job) -> Job:
    """Do a job here unless a worker is quicker, and say how it ended."""
    jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
    job.refresh_from_db()
    return job
