"""Expected numbers: the model's own definition, worked by hand and by simulation of labels."""

from __future__ import annotations

import numpy as np
import pytest

from claims.statistics.one_coin import accuracy_of, posterior_of_leader


def test_two_against_one_at_nine_in_ten() -> None:
    # three choices, accuracy 0.9: one label has odds of 18 to 1, so 18 / (18 + 1 + 1/18)
    assert posterior_of_leader((2, 1, 0), 0.9) == pytest.approx(324 / (324 + 18 + 1))
    assert posterior_of_leader((1, 1, 0), 0.9) == pytest.approx(18 / 37)
    assert posterior_of_leader((0, 0, 0), 0.9) == pytest.approx(1 / 3)
    assert posterior_of_leader((60, 0), 0.99) == pytest.approx(1)


def test_the_accuracy_that_made_the_labels_is_found_again() -> None:
    rng = np.random.default_rng(7)
    truth, n_choices, accuracy = rng.integers(0, 4, 20_000), 4, 0.8
    labels = np.where(
        rng.random((20_000, 3)) < accuracy,
        truth[:, None],
        (truth[:, None] + rng.integers(1, n_choices, (20_000, 3))) % n_choices,
    )
    patterns = [(tuple(np.bincount(row, minlength=n_choices).tolist()), 1) for row in labels]
    assert accuracy_of(patterns, n_choices) == pytest.approx(accuracy, abs=0.01)


def test_without_labels_the_prior_speaks_and_chance_agreement_tells_nothing() -> None:
    assert accuracy_of([], 2) == pytest.approx((1 + 0.6**0.5) / 2)  # 0.8 = a^2 + (1 - a)^2
    assert accuracy_of([((1, 1), 1_000)], 2) == pytest.approx(0.5)
    assert posterior_of_leader((3, 0), 0.5) == pytest.approx(0.5)
