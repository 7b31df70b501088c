"""Fixture records of agreement tables through the product: what `score_record` returns is compared by the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from claims.statistics.dawid_skene import estimate_consensus
from claims.statistics.running import RunningCounts
from claims.statistics.scales import Measure, Scale, weights_from_disagreement
from claims.statistics.scoring import score_labels
from claims.statistics.sets import score_sets
from claims.statistics.spans import unitizing, unitizing_of_labels
from claims.statistics.tables import LabelTable, table_from_matrix

Record = dict[str, Any]


def score_record(record: Record) -> Any:
    """What the product makes of one fixture record; the shape depends on its kind."""
    return KINDS[record["kind"]](record)


def scale_of(categories: Sequence[Any]) -> Scale:
    numeric = all(isinstance(category, int | float) for category in categories)
    return Scale(len(categories), tuple(map(float, categories)) if numeric else None)


def table_of(record: Record) -> LabelTable:
    index = {category: number for number, category in enumerate(record["categories"])}
    coded = [[None if label is None else index[label] for label in row] for row in record["matrix"]]
    return table_from_matrix(coded, len(index))


def measure_of(given: Any) -> Measure:
    if not isinstance(given, dict):
        return str(given)
    if "distance_matrix" in given:
        return np.array(given["distance_matrix"], dtype=np.float64)
    return weights_from_disagreement(given["disagreement_weights"])


def _score_coding(record: Record) -> list[float | None]:
    table, scale = table_of(record), scale_of(record["categories"])
    return [
        score_labels(table, entry["coefficient"], scale, measure_of(entry["level_or_weights"])).value
        for entry in record["expect"]
    ]


def _score_sets(record: Record) -> list[float | None]:
    return [score_sets(record["matrix"], entry["level_or_weights"]).value for entry in record["expect"]]


def _score_spans(record: Record) -> list[float | None]:
    labels = sorted({span["label"] for span in record["spans"]})
    text = record["continuum"]
    parts = {
        label: unitizing(
            [
                [(s["start"], s["end"]) for s in record["spans"] if s["rater"] == rater and s["label"] == label]
                for rater in range(record["raters"])
            ],
            text["begin"],
            text["length"],
        )
        for label in labels
    }
    together = unitizing_of_labels(parts)
    return [parts.get(entry["label"], together).alpha for entry in record["expect"]]


def _score_incremental(record: Record) -> list[dict[str, float | None]]:
    scale = scale_of(record["categories"])
    index = {category: number for number, category in enumerate(record["categories"])}
    running = RunningCounts(scale.size)
    answers = []
    for operation in record["operations"]:
        value = None if operation["op"] == "delete" else index[operation["value"]]
        running.set_answer(operation["unit"], operation["rater"], value)
        table = running.table()
        answers.append(
            {
                level: score_labels(table, "krippendorff_alpha", scale, level).value
                for level in ("nominal", "ordinal", "interval")
            }
        )
    return answers


def _score_dawid_skene(record: Record) -> dict[str, Any]:
    labels = record["labels"]
    codes = {
        key: {code: number for number, code in enumerate(sorted({label[key] for label in labels}))}
        for key in ("unit", "rater", "value")
    }
    columns = {key: np.array([codes[key][label[key]] for label in labels]) for key in codes}
    found = estimate_consensus(columns["unit"], columns["rater"], columns["value"], len(codes["value"]))
    answers = {
        "class_marginals": found.marginals.tolist(),
        "error_rates_true_by_observed": found.error_rates.tolist(),
        "log_likelihood": found.log_likelihood,
        "posteriors": found.posteriors.tolist(),
    }
    published = {
        "published_class_marginals": [f"{share:.2f}" for share in answers["class_marginals"]],
        "published_observer_1": [[f"{share:.2f}" for share in line] for line in found.error_rates[0].tolist()],
        "tolerance": record["expect"].get("tolerance"),
    }
    return {key: (answers | published)[key] for key in record["expect"]}


LEVELS = ("nominal", "ordinal")
LEVELS_OF_NUMBERS = (*LEVELS, "interval", "ratio")
COEFFICIENTS_OF_TABLES = (
    "percent_agreement",
    "gwet_ac",
    "fleiss_kappa",
    "brennan_prediger",
    "conger_kappa",
    "cohen_kappa",
    "scott_pi",
)


def _score_degenerate(record: Record) -> dict[str, tuple[float | None, str | None]]:
    """Each coefficient by its name; alpha by its name (nominal) and by each level that the categories have."""
    table, scale = table_of(record), scale_of(record["categories"])
    known = LEVELS if scale.values is None else LEVELS_OF_NUMBERS
    levels = {level: score_labels(table, "krippendorff_alpha", scale, level) for level in known}
    scores = {name: score_labels(table, name, scale) for name in COEFFICIENTS_OF_TABLES}
    scores |= {"krippendorff_alpha": levels["nominal"]} | levels
    return {name: (score.value, score.reason) for name, score in scores.items()}


KINDS: dict[str, Callable[[Record], Any]] = {
    "coding": _score_coding,
    "sets": _score_sets,
    "spans": _score_spans,
    "incremental": _score_incremental,
    "dawid_skene": _score_dawid_skene,
    "degenerate": _score_degenerate,
}
