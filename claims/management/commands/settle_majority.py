"""`settle_majority --project SLUG --round ROUND`: settles what is clear, leaves the rest to people."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from claims.adjudication.actions import settle_by_majority
from claims.management.acting import ActingCommand, actor
from claims.management.lookups import round_called


class Command(ActingCommand):
    help = "Settle what all, or more than half of those asked, answered alike. Ties and single answers stay open."
    example = "settle_majority --project harbour --round First"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--round", required=True, help="its id or name")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        project, by = actor(options)
        round_ = round_called(project, options["round"])
        settled = settle_by_majority(round_, by=by)
        sentence = f"Settled: {settled['unanimous']} unanimous, {settled['majority']} by majority."
        return {"round": round_.pk, **settled, "sentence": sentence}
