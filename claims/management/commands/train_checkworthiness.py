"""`train_checkworthiness --project SLUG`: learns what is worth checking from the project's labels or from a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from claims.management.lookups import project_called
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError
from claims.splitting.training import (
    Row,
    rescore_claims,
    rows_of_file,
    rows_of_labels,
    store_model,
    train_checkworthiness,
)

SHOWN = 10


class Command(TaughtCommand):
    help = (
        "Learn what is worth checking, from people's answers to the question checkworthiness or from a file with the "
        "columns text, score (0 to 1, or no_need, trivial, worth, urgent) and group. Prints how well the model and the "
        "heuristic rank claims that the model had not seen. The model scores new claims only when it ranks better "
        "beyond doubt (the interval of the difference is above 0) or with --activate."
    )
    example = "train_checkworthiness --project harbour --json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--file", type=Path, metavar="FILE", help="a .csv or .jsonl, not the project's labels")
        parser.add_argument("--language", default="en", help="of the file's texts, for the heuristic (default: en)")
        parser.add_argument("--seed", type=int, default=0, help="of the folds and intervals")
        parser.add_argument("--activate", action="store_true", help="let it score, however it compares")
        parser.add_argument("--rescore", action="store_true", help="score the claims that are there already, too")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write the weights (.npz) to a file as well")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        project = project_called(options["project"])
        rows, source = self.rows(project, options)
        model, figures = train_checkworthiness(rows, seed=options["seed"])
        is_better = figures["difference"]["interval"][0] > 0
        activate = options["activate"] or is_better
        stored = store_model(project, model, rows, figures, source=source, activate=activate)
        if options["out"]:
            options["out"].write_bytes(model.to_bytes())
        rescored = rescore_claims(project, stored) if activate and options["rescore"] else 0
        said = {"model": stored.name, "is_active": activate, "sha256": stored.sha256, "rescored": rescored}
        said |= {"training_sha256": stored.training_sha256, "figures": figures}
        self.stdout.write(json.dumps(said) if options["json"] else self.sentence(said))

    def rows(self, project: Any, options: dict[str, Any]) -> tuple[list[Row], str]:
        path: Path | None = options["file"]
        if path is None:
            return rows_of_labels(project), "labels"
        try:
            content = path.read_bytes()
        except OSError as fault:
            raise ToldError("file_unreadable", f"{path} cannot be read: {fault.strerror}.") from fault
        rows, problems = rows_of_file(path.name, content, options["language"])
        for problem in problems[:SHOWN]:
            self.stderr.write(problem.sentence)
        if len(problems) > SHOWN:
            self.stderr.write(f"and {len(problems) - SHOWN:,} more bad rows, left out.")
        return rows, path.name

    @staticmethod
    def sentence(said: dict[str, Any]) -> str:
        figures = said["figures"]
        lines = [
            f"{said['model']}: learned from {figures['n']:,} claims of {figures['n_groups']:,} groups, "
            f"{figures['n_worth']:,} worth checking. Area under the ROC curve on claims not seen:"
        ]
        for name in ("learned", "heuristic", "difference"):
            low, high = figures[name]["interval"]
            lines.append(f"  {name:<10} {figures[name]['auc']:+.3f}  (95 % interval {low:+.3f} to {high:+.3f})")
        lines.append(
            "It scores claims that are split from now on."
            if said["is_active"]
            else "It does not score: it is not better beyond doubt. --activate lets it score all the same."
        )
        if said["rescored"]:
            lines.append(f"{said['rescored']:,} claims were scored anew.")
        return "\n".join(lines)
