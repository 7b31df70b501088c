"""Change points."""

from __future__ import annotations

import random

import pytest

from claims.statistics.trend import Point, change_points, weighted_mean


def points(*values: float, error: float = 0.05) -> list[Point]:
    return [Point(value, error) for value in values]


def test_it_works() -> None:
    """Means .8 and .4 over three weeks each; z = .4 / (.05 sqrt(2 / 3)) = 9.8, far beyond 2.4."""
    [change] = change_points(points(0.8, 0.82, 0.78, 0.4, 0.41, 0.39))
    assert (change.at, change.before, change.after) == (3, pytest.approx(0.8), pytest.approx(0.4))


def test_two_changes_are_found_in_order() -> None:
    assert [change.at for change in change_points(points(0.8, 0.8, 0.8, 0.3, 0.3, 0.3, 0.7, 0.7, 0.7))] == [3, 6]


def test_a_wide_interval_changes_little() -> None:
    assert change_points(points(0.8, 0.8, 0.3, 0.3, error=0.4)) == []


def test_three_figures_are_too_few() -> None:
    assert change_points(points(0.9, 0.1, 0.1, error=0.01)) == []


def test_in_rows_without_a_change_one_is_found_in_at_most_one_of_twenty() -> None:
    dice = random.Random(1)
    found = sum(bool(change_points([Point(dice.gauss(0.5, 0.1), 0.1) for _ in range(12)])) for _ in range(1000))
    assert found <= 50


def test_precise_figures_weigh_more() -> None:
    """1 / .1^2 = 100 and 1 / .2^2 = 25: (100 x 1 + 25 x 0) / 125, and sqrt(1 / 125)."""
    assert weighted_mean([Point(1, 0.1), Point(0, 0.2)]) == (pytest.approx(0.8), pytest.approx(125**-0.5))


def test_a_figure_without_an_error_is_refused() -> None:
    with pytest.raises(ValueError, match="standard error above 0"):
        change_points([Point(1, 0)])
