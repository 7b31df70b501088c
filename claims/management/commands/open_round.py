"""`open_round --project SLUG --name NAME --codebook PRESET`: plans a round and opens it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from claims.assignment.actions import create_round, open_round
from claims.assignment.strategies import STRATEGIES
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import PRESETS
from claims.management.acting import ActingCommand, actor, do_now
from claims.models import CodebookVersion, Project, User


class Command(ActingCommand):
    help = "Plan a round over the project's units and open it: reviewers can draw from it at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--codebook",
            required=True,
            metavar="NAME",
            help=f"one of the project's (its newest published version), or a shipped one: {', '.join(PRESETS)}",
        )
        parser.add_argument("--unit", default="claim_occurrence", help="what is labelled (default: claim_occurrence)")
        parser.add_argument("--overlap", type=int, default=2, metavar="K", help="reviewers a unit (default: 2)")
        parser.add_argument("--sample", type=int, metavar="N", help="at most so many units, drawn with the seed")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--order", choices=list(STRATEGIES), default="fixed")
        parser.add_argument("--hide-outlet", action="store_true", help="reviewers do not see who published it")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        project, by = actor(options)
        round_ = create_round(
            project,
            name=options["name"],
            codebook_version=self.codebook(project, options["codebook"], by),
            unit_kind=options["unit"],
            overlap=options["overlap"],
            order=options["order"],
            seed=options["seed"],
            selection={"sample": options["sample"]} if options["sample"] else None,
            hides_outlet=options["hide_outlet"],
            by=by,
        )
        job = do_now(open_round(round_, by=by))
        round_.refresh_from_db()
        return {
            "round": round_.pk,
            "state": round_.state,
            "units": round_.round_units.count(),
            "is_whole": round_.state == "open",
            "sentence": f"Round {round_.pk}: {round_.state}. {job.sentence}",
        }

    def codebook(self, project: Project, name: str, by: User) -> CodebookVersion:
        mine = CodebookVersion.objects.filter(codebook__project=project, codebook__slug=name, state="published")
        version = mine.order_by("-n").first()
        if version is None and name in PRESETS:
            version = create_codebook(project, preset=name, by=by)
        if version is None:
            known = CodebookVersion.objects.filter(codebook__project=project, state="published")
            names = sorted({*known.values_list("codebook__slug", flat=True), *PRESETS})
            raise CommandError(f"There is no codebook {name!r}. Choose one of: {', '.join(names)}.")
        return version
