"""Coincidences and what single units cost."""

from __future__ import annotations

import numpy as np
import pytest

from claims.statistics.coincidences import costs, expected_coincidences, observed_coincidences
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.tables import table_from_matrix

# Krippendorff (2011), section C: four observers, twelve units, five values (1 to 5 are 0 to 4 here).
X = None
OBSERVERS = [
    [0, 1, 2, 2, 1, 0, 3, 0, 1, X, X, X],
    [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, X, 2],
    [X, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, X],
    [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, X],
]
TABLE = table_from_matrix([list(unit) for unit in zip(*OBSERVERS, strict=True)], 5)


def test_it_works() -> None:
    """The matrix of the paper's page 6."""
    observed = observed_coincidences(TABLE)
    third = 1 / 3
    assert observed == pytest.approx(
        np.array([
            [7, 4 * third, third, third, 0],
            [4 * third, 10, 4 * third, third, 0],
            [third, 4 * third, 8, third, 0],
            [third, third, third, 4, 0],
            [0, 0, 0, 0, 3],
        ])
    )  # fmt: skip
    assert observed.sum(axis=1) == pytest.approx([9, 13, 10, 5, 3])


def test_one_minus_observed_over_expected_is_alpha() -> None:
    observed = observed_coincidences(TABLE)
    expected = expected_coincidences(observed)
    off = ~np.eye(5, dtype=bool)
    assert 1 - observed[off].sum() / expected[off].sum() == pytest.approx(0.743421, abs=1e-6)  # the paper's .743
    assert expected.sum() == pytest.approx(observed.sum())


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_costs_of_all_units_are_the_whole_disagreement(level: str) -> None:
    scale = Scale(5, (1, 2, 3, 4, 5))
    share = costs(TABLE, scale, level)
    assert float(share @ TABLE.units) == pytest.approx(1)
    assert TABLE.counts[share.argmax()].tolist() == [1, 1, 1, 1, 0]  # the sixth unit: four answers by four people


def test_without_disagreement_nothing_costs() -> None:
    table = table_from_matrix([[0, 0], [1, 1]], 2)
    assert np.isnan(costs(table, Scale(2), "nominal")).all()
    assert score_labels(table, "krippendorff_alpha", Scale(2)).value == 1
