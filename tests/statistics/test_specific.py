"""Agreement on one choice, and how many more units narrow an interval."""

from __future__ import annotations

import numpy as np
import pytest

from claims.statistics.planning import more_units_needed
from claims.statistics.scales import Scale
from claims.statistics.score import Score
from claims.statistics.scoring import score_labels
from claims.statistics.specific import specific_agreement
from claims.statistics.tables import LabelTable, table_from_matrix


def test_specific_agreement_is_positive_and_negative_agreement() -> None:
    """2a / (2a + b + c) and 2d / (2d + b + c) of the table 80, 7, 8, 5."""
    rows = [[0, 0]] * 80 + [[0, 1]] * 7 + [[1, 0]] * 8 + [[1, 1]] * 5
    assert specific_agreement(table_from_matrix(rows, 3)) == [
        pytest.approx(160 / 175), pytest.approx(10 / 25), None,
    ]  # fmt: skip


def test_single_labels_are_in_no_pair() -> None:
    rows = [[0, None], [1, None], [0, 0]]
    assert specific_agreement(table_from_matrix(rows, 2)) == [1.0, None]


def sampled(n_units: int, seed: int = 2) -> Score:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, n_units)
    answers = np.where(random.random((n_units, 3)) < 0.85, truth[:, None], 1 - truth[:, None])
    return score_labels(table_from_matrix(answers.tolist(), 2), "krippendorff_alpha", Scale(2))


def test_as_many_more_units_as_forecast_narrow_the_interval() -> None:
    before = sampled(100)
    more = more_units_needed(before, 0.05)
    assert more is not None
    after = sampled(100 + more, seed=3)
    assert after.value is not None
    assert after.low is not None
    assert after.value - after.low == pytest.approx(0.05, abs=0.015)


def test_nothing_is_forecast_without_an_interval() -> None:
    empty = LabelTable(np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert more_units_needed(score_labels(empty, "krippendorff_alpha", Scale(2))) is None
