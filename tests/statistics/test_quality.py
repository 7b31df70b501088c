"""Drift, runs, pace and leaning of single reviewers."""

from __future__ import annotations

import random

import numpy as np
import pytest

from claims.statistics.drift import cusum
from claims.statistics.leaning import leaning, others_mean
from claims.statistics.pace import compare_pace
from claims.statistics.straight_lining import compare_runs, holm, longest_run
from claims.statistics.trend import Point


def test_drift_signals_when_the_level_falls() -> None:
    """By hand: week 3 is .4 below a mean of 0 with error .1 / sqrt 2; z = -.4 / sqrt(.01 + .005) = -3.27, sum 2.77.
    Week 4 against the same and week 3 (mean -.133, error .0577): z = -.267 / .1155 = -2.31, sum 2.77 + 1.81 = 4.58."""
    steps = cusum([Point(0, 0.1), Point(0, 0.1), Point(-0.4, 0.1), Point(-0.4, 0.1)])
    assert [round(step.down, 2) for step in steps] == [0, 0, 2.77, 4.58]
    assert [step.signals for step in steps] == ["", "", "", "down"]


def test_a_steady_low_level_is_no_drift() -> None:
    assert not any(step.signals for step in cusum([Point(-0.4, 0.1)] * 20))


def test_false_alarms_are_rare() -> None:
    dice = random.Random(2)
    rows = [cusum([Point(dice.gauss(0, 1), 1) for _ in range(20)]) for _ in range(500)]
    assert sum(any(step.signals == "down" for step in row) for row in rows) / 500 < 0.12  # 20 weeks of some 170


def test_longest_run() -> None:
    assert longest_run(np.array([0, 1, 1, 1, 0, 0])) == 3
    assert longest_run(np.array([2])) == 1
    assert longest_run(np.array([], dtype=int)) == 0


def test_straight_lining_stands_out() -> None:
    """Twenty of one and twenty of the other in two blocks: 40 of the 137,846,528,820 orders have a run of twenty."""
    blocks = compare_runs(np.array([0] * 20 + [1] * 20))
    assert blocks is not None
    assert (blocks.longest, blocks.p) == (20, pytest.approx(1 / 10_000))
    mixed = compare_runs(np.array([0, 1] * 20))
    assert mixed is not None
    assert mixed.p == 1
    assert compare_runs(np.array([0] * 40)) is None


def test_holm() -> None:
    """statsmodels 0.15 multipletests([.01, .04, .03, .005], method="holm"): .03, .06, .06, .02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_pace_allows_for_length() -> None:
    """Reviewer 1 always takes half of what reviewer 0 takes, whatever the text: factors sqrt 2 and 1 / sqrt 2."""
    lengths = np.array([100.0, 200, 400, 800] * 10)
    reviewers = np.repeat([0, 1], 20)
    seconds = 0.1 * lengths * np.where(reviewers == 1, 0.5, 1)
    found = compare_pace(reviewers, seconds, lengths)
    assert found[0].factor == pytest.approx(2**0.5)
    assert found[1].factor == pytest.approx(2**-0.5)
    assert compare_pace(reviewers[:10], seconds[:10], lengths[:10]) == {}


def test_leaning_is_the_paired_difference() -> None:
    """Three units: 1 against .5, 1 against 0, 0 against 0: mean .5, sd .5, t(2) = 4.303: .5 -+ 1.242."""
    units = np.array([0, 0, 0, 1, 1, 2, 2])
    values = np.array([1.0, 1, 0, 1, 0, 0, 0])
    own = [0, 3, 5]
    found = leaning(values[own], others_mean(units, values)[own])
    assert found is not None
    assert (found.difference, found.low, found.high) == pytest.approx((0.5, -0.742, 1.742), abs=1e-3)
    assert not found.is_clear
    assert leaning(np.array([1.0]), np.array([0.0])) is None
