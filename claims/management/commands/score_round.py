"""`score_round --project SLUG --round ROUND`: counts a round again from its labels and prints its figures."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from claims.agreement.actions import recount_round, score_round
from claims.management.acting import ActingCommand, actor
from claims.management.lookups import round_called
from claims.models import AgreementScore

FIGURES = ("question", "view", "coefficient", "value", "low", "high", "reason", "n_pairable", "n_labels", "n_reviewers")


class Command(ActingCommand):
    help = (
        "Count a round again from its labels and print its agreement. Exit status 1 when the running counts differed: "
        "that must not be, and what differed is put right and printed."
    )
    example = "score_round --project harbour --round First"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--round", required=True, help="its id or name")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        project, by = actor(options)
        round_ = round_called(project, options["round"])
        differences = recount_round(round_, by=by)
        score_round(round_)
        rows = AgreementScore.objects.filter(round=round_, stratum="all", phase="first")
        scores = list(rows.order_by("question", "view", "coefficient").values(*FIGURES))
        return {
            "round": round_.pk,
            "differences": len(differences),
            "scores": scores,
            "is_whole": not differences,
            "sentence": "\n".join([f"{len(differences)} differences to the running counts", *map(line, scores)]),
        }


def line(score: dict[str, Any]) -> str:
    name = f"{score['question']} ({score['view']}), {score['coefficient']}: "
    if score["value"] is None:
        return f"{name}none, {score['reason']}"
    interval = f" ({score['low']:.3f} to {score['high']:.3f})" if score["low"] is not None else ""
    return f"{name}{score['value']:.3f}{interval}, n = {score['n_pairable']}"
