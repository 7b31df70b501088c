"""`open_round --project SLUG --name NAME --codebook PRESET`: plans a round and opens it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from claims.assignment.actions import create_round, open_round
from claims.assignment.presets import ROUND_PRESETS
from claims.assignment.strategies import STRATEGIES
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import PRESETS
from claims.management.acting import ActingCommand, actor, do_now
from claims.management.told import ToldError
from claims.models import CodebookVersion, Project, User

# options that are fields of the plan by the same name
PLANNED = ("overlap", "shared_share", "shared_overlap", "grows_to", "grows_below", "order", "quota", "seed")


def plan_of(options: dict[str, Any]) -> dict[str, Any]:
    """The preset's plan with what was given in its place."""
    plan = dict(ROUND_PRESETS[options["preset"]].plan) if options["preset"] else {}
    plan |= {name: options[name] for name in PLANNED if options[name] is not None}
    if options["sample"]:
        plan["selection"] = {"limit": options["sample"]}
    if options["hide_outlet"]:
        plan["hides_outlet"] = True
    return plan


class Command(ActingCommand):
    help = "Plan a round over the project's units and open it: reviewers can draw from it at once."
    example = "open_round --project harbour --name First --codebook stance --overlap 2 --sample 200"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--codebook",
            required=True,
            metavar="NAME",
            help=f"one of the project's (its newest published version), or a shipped one: {', '.join(PRESETS)}",
        )
        parser.add_argument(
            "--preset", choices=list(ROUND_PRESETS), help="a plan that comes along; the other options change it"
        )
        parser.add_argument("--unit", default="claim_occurrence", help="what is labelled (default: claim_occurrence)")
        parser.add_argument("--overlap", type=int, metavar="K", help="reviewers a unit (default: 2)")
        parser.add_argument("--shared-share", type=float, metavar="SHARE", help="of the units, for example 0.2 ...")
        parser.add_argument("--shared-overlap", type=int, metavar="K", help="... gets so many reviewers instead")
        parser.add_argument("--grows-to", type=int, metavar="K", help="units whose labels differ get more, up to K")
        parser.add_argument(
            "--grows-below", type=float, metavar="P", help="grow where the likeliest answer is less likely than this"
        )
        parser.add_argument("--sample", type=int, metavar="N", help="at most so many units, drawn with the seed")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--order", choices=list(STRATEGIES))
        parser.add_argument("--quota", type=int, metavar="N", help="units for one person")
        parser.add_argument("--hide-outlet", action="store_true", help="reviewers do not see who published it")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        project, by = actor(options)
        round_ = create_round(
            project,
            name=options["name"],
            codebook_version=self.codebook(project, options["codebook"], by),
            unit_kind=options["unit"],
            **plan_of(options),
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
            raise ToldError("unknown_codebook", f"There is no codebook {name!r}. Choose one of: {', '.join(names)}.")
        return version
