"""Every reference value of the agreement fixtures, where they are beside the repository."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.intervals import jackknife_error, unit_sample
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.sets import SET_DISTANCES, score_sets
from claims.statistics.tables import table_from_labels
from tests.agreement.adapter import scale_of, score_record, table_of

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "agreement"
FIXTURES: dict[str, Any] = (
    json.loads((FOLDER / "visible.json").read_text()) if (FOLDER / "visible.json").exists() else {}
)
pytestmark = pytest.mark.skipif(not FIXTURES, reason="the shared reference tables are not beside the repository")


def records(group: str, kind: str | None = None) -> list[Any]:
    found = [record for record in FIXTURES.get(group, []) if kind in (None, record["kind"])]
    return [pytest.param(record, id=record["id"]) for record in found]


@pytest.mark.parametrize("record", [*records("coding"), *records("sets", "sets"), *records("spans")])
def test_it_works_on_every_table(record: dict[str, Any]) -> None:
    for entry, value in zip(record["expect"], score_record(record), strict=True):
        assert value == pytest.approx(entry["value"], abs=entry["tolerance"]), entry["coefficient"]


@pytest.mark.parametrize("record", records("incremental"))
def test_incremental_trace(record: dict[str, Any]) -> None:
    for operation, found in zip(record["operations"], score_record(record), strict=True):
        for level, expected in operation["alpha"].items():
            assert found[level] == (None if expected is None else pytest.approx(expected, abs=record["tolerance"]))


@pytest.mark.parametrize("record", records("aggregation"))
def test_consensus(record: dict[str, Any]) -> None:
    found, expected = score_record(record), record["expect"]
    tolerance = expected["tolerance"]
    for key, name in {"class_marginals": "marginals", "error_rates_true_by_observed": "error_rates"}.items():
        assert np.array(found[key]) == pytest.approx(np.array(expected[key]), abs=tolerance[name])
    for key in ("log_likelihood", "posteriors"):
        assert np.array(found[key]) == pytest.approx(np.array(expected[key]), abs=tolerance[key])
    assert found["published_class_marginals"] == expected["published_class_marginals"]


REASON_WORDS = ("no_variation", "single_category", "no_pairable_units", "no_labels")


@pytest.mark.parametrize("record", records("degenerate"))
def test_degenerate(record: dict[str, Any]) -> None:
    found = score_record(record)
    promised = [word for word in REASON_WORDS if word in record["recommended_contract"]]
    assert found["krippendorff_alpha"][1] == (promised[0] if promised else None)
    for name, (value, reason) in found.items():
        assert (value is None) == (reason is not None), name


def test_categories_that_are_words_have_no_distances_of_numbers() -> None:
    """Two people, every unit the opposite: alpha -0.75 with the small-sample correction, by hand, kappa -1."""
    matrix = [["no", "yes"], ["yes", "no"], ["no", "yes"], ["yes", "no"]]
    found = score_record({"kind": "degenerate", "categories": ["no", "yes"], "matrix": matrix})
    assert not {"interval", "ratio"} & found.keys()
    for level in ("nominal", "ordinal", "krippendorff_alpha"):
        assert found[level] == (pytest.approx(-0.75), None)
    assert found["cohen_kappa"] == (pytest.approx(-1), None)


@pytest.mark.parametrize("record", [r for r in records("coding") if "jackknife_se_alpha" in r.values[0]])
def test_jackknife_error_is_that_of_leaving_each_unit_out(record: dict[str, Any]) -> None:
    alpha, table, scale = COEFFICIENTS["krippendorff_alpha"], table_of(record), scale_of(record["categories"])
    for level, expected in record["jackknife_se_alpha"].items():
        sample = unit_sample(alpha.sums(table, scale, level), table.units)
        assert sample.size == expected["units_used"]
        without = alpha.estimate(sample.total - sample.sums, scale, level)
        assert jackknife_error(without, sample.weight) == pytest.approx(expected["value"], abs=1e-9)


@pytest.mark.parametrize("record", records("sets", "distance"))
def test_set_distances(record: dict[str, Any]) -> None:
    for pair in record["pairs"]:
        one, other = frozenset(pair["a"]), frozenset(pair["b"])
        for name in ("masi", "jaccard"):
            assert SET_DISTANCES[name](one, other) == pytest.approx(pair[name])


def read_labels(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(newline="") as lines:
        return list(csv.DictReader(lines))


NAMES = {
    "alpha_nominal": ("krippendorff_alpha", "nominal"),
    "alpha_ordinal": ("krippendorff_alpha", "ordinal"),
    "alpha_interval": ("krippendorff_alpha", "interval"),
    "percent_agreement": ("percent_agreement", "identity"),
    "gwet_ac1": ("gwet_ac", "identity"),
    "fleiss_gwet": ("fleiss_kappa", "identity"),
    "brennan_prediger": ("brennan_prediger", "identity"),
}


@pytest.mark.parametrize("record", [r for r in records("datasets") if "varierr" not in r.id])
def test_real_labels(record: dict[str, Any]) -> None:
    rows = read_labels(record["file"])
    units, values = (np.array([int(row[key]) for row in rows]) for key in ("unit", "value"))
    _, units = np.unique(units, return_inverse=True)
    size = int(values.max()) + 1
    table, scale = table_from_labels(units, values, size), Scale(size, tuple(map(float, range(size))))
    assert table.n_labels == record["reference"]["rows"]
    for name in NAMES.keys() & record["reference"].keys():
        for figure in (v for k, v in record["reference"][name].items() if k in ("longagree", "krippendorff")):
            assert score_labels(table, NAMES[name][0], scale, NAMES[name][1]).value == pytest.approx(figure, abs=1e-9)
    for name in (key for key in record["reference"] if key.startswith("bootstrap_ci95_")):
        score = score_labels(table, "krippendorff_alpha", scale, name.removeprefix("bootstrap_ci95_"))
        assert (score.low, score.high) == pytest.approx(record["reference"][name], abs=0.003)  # another draw


@pytest.mark.parametrize("record", [r for r in records("datasets") if "varierr" in r.id])
def test_real_sets(record: dict[str, Any]) -> None:
    rows = read_labels(record["file"])
    answers: dict[str, list[list[str]]] = {}
    for row in rows:
        answers.setdefault(row["unit"], []).append(list(row["value"]))
    wide = max(map(len, answers.values()))
    matrix = [sets + [None] * (wide - len(sets)) for sets in answers.values()]
    for name in ("masi", "jaccard"):
        expected = record["reference"][f"alpha_{name}"]["nltk"]
        assert score_sets(matrix, name).value == pytest.approx(expected, abs=1e-9)
