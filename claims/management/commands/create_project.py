"""`create_project --name NAME --slug SLUG --goal GOAL --by USER`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from claims.management.acting import ActingCommand
from claims.management.lookups import user_called
from claims.models.project import GOALS
from claims.people.actions import create_project


class Command(ActingCommand):
    help = "Make a project. Next: import_articles, split_articles, open_round, invite."
    example = "create_project --name Harbour --slug harbour --goal code_corpus --by carol"
    needs_project = False
    who = "who owns it; has to be said"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="what people call it")
        parser.add_argument("--slug", required=True, help="what its address ends with: small letters, digits, hyphens")
        parser.add_argument("--goal", choices=GOALS, default="code_corpus", help="what its pages begin with")
        parser.add_argument("--language", default="en", help="of its articles, as a code (default: en)")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        by = user_called(options["by"])
        given = {name: options[name] for name in ("name", "slug", "goal", "language")}
        project = create_project(**given, by=by)
        return {"project": project.slug, "sentence": f"Project {project.slug}, owned by {by.username}."}
