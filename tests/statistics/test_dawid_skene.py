"""The consensus of labels: a made panel is found again, and what cannot be compared is said."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from claims.statistics.dawid_skene import estimate_consensus, estimate_one_coin, fit_consensus, is_connected


def made_panel(n_units: int, accuracies: list[float], seed: int = 1) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    random = np.random.default_rng(seed)
    truth = random.choice(3, n_units, p=[0.5, 0.3, 0.2])
    units = np.repeat(np.arange(n_units), len(accuracies))
    reviewers = np.tile(np.arange(len(accuracies)), n_units)
    right = random.random(len(units)) < np.array(accuracies)[reviewers]
    wrong = (truth[units] + random.integers(1, 3, len(units))) % 3
    return truth, units, reviewers, np.where(right, truth[units], wrong)


def test_it_works() -> None:
    truth, units, reviewers, values = made_panel(2000, [0.9, 0.8, 0.7, 0.6])
    found = estimate_consensus(units, reviewers, values, 3)
    assert found.converged
    assert found.marginals == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    assert found.competence == pytest.approx([0.9, 0.8, 0.7, 0.6], abs=0.04)
    assert (found.posteriors.argmax(axis=1) == truth).mean() > 0.9


def test_log_likelihood_never_falls() -> None:
    _, units, reviewers, values = made_panel(200, [0.8, 0.7, 0.6], seed=5)
    steps = [estimate_consensus(units, reviewers, values, 3, most_iterations=n).log_likelihood for n in range(1, 30)]
    assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(steps))


def test_agreement_of_all_is_certain() -> None:
    units, reviewers = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    found = estimate_consensus(units, reviewers, np.repeat([0, 1, 0, 1], 3), 2)
    assert found.posteriors.max(axis=1) == pytest.approx([1, 1, 1, 1])
    assert found.log_likelihood == pytest.approx(4 * np.log(0.5))


def test_smoothing_keeps_every_confusion_possible() -> None:
    units, reviewers = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    found = estimate_consensus(units, reviewers, np.repeat([0, 1, 0, 1], 3), 2, smoothing=0.5)
    assert found.error_rates.min() > 0


@pytest.mark.parametrize(
    ("pairs", "connected"),
    [
        ([(0, 0), (0, 1), (1, 1), (1, 2)], True),
        ([(0, 0), (0, 1), (1, 2), (1, 3)], False),
        ([(0, 0)], True),
    ],
)
def test_connected(pairs: list[tuple[int, int]], connected: bool) -> None:
    units, reviewers = np.array(pairs).T
    assert is_connected(units, reviewers) is connected


def test_one_coin_finds_who_errs() -> None:
    truth, units, reviewers, values = made_panel(2000, [0.9, 0.8, 0.6])
    found = estimate_one_coin(units, reviewers, values, 3)
    assert found.converged
    assert found.competence == pytest.approx([0.9, 0.8, 0.6], abs=0.04)
    assert (found.posteriors.argmax(axis=1) == truth).mean() > 0.85
    assert found.error_rates.sum(axis=2) == pytest.approx(np.ones((3, 3)))


def test_few_labels_get_one_coin_and_islands_nothing() -> None:
    _, units, reviewers, values = made_panel(20, [0.9, 0.8, 0.7])
    few = fit_consensus(units, reviewers, values, 3)
    assert few is not None
    assert few.marginals == pytest.approx([1 / 3] * 3)
    _, units, reviewers, values = made_panel(200, [0.9, 0.8, 0.7])
    many = fit_consensus(units, reviewers, values, 3)
    assert many is not None
    assert many.marginals[0] > 0.4
    assert fit_consensus(np.array([0, 1]), np.array([0, 1]), np.array([0, 0]), 2) is None
