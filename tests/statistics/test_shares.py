"""Shares, shrinkage and their intervals, against scipy and published examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from claims.statistics.shares import (
    JEFFREYS,
    Sampled,
    Share,
    beta_prior,
    difference,
    mean_of,
    shrunken,
    weighted_share,
)


def test_equal_chances_weigh_nothing() -> None:
    share = weighted_share([Sampled(12, 40, 0.25)])
    assert share is not None
    assert share.value == pytest.approx(0.3)
    assert share.n_effective == pytest.approx(40)


def test_unequal_chances_are_weighed_out_and_cost_effective_number() -> None:
    """By hand: weights 1 and 10; (4 + 2*10) / (40 + 20*10); Kish: 240**2 / (40 + 20*100)."""
    share = weighted_share([Sampled(4, 40, 1.0), Sampled(2, 20, 0.1)])
    assert share is not None
    assert share.value == pytest.approx(24 / 240)
    assert share.n_effective == pytest.approx(240**2 / 2040)
    assert share.n == 60


def test_nothing_has_no_share() -> None:
    assert weighted_share([]) is None


@pytest.mark.parametrize(("hits", "n"), [(0, 30), (30, 30), (7, 50), (430, 1000)])
def test_the_posterior_is_scipys_beta(hits: int, n: int) -> None:
    found = shrunken(Share(hits / n, n, n), (2.5, 7.5))
    posterior = stats.beta(2.5 + hits, 7.5 + n - hits)
    assert found.value == pytest.approx(posterior.mean())
    assert (found.low, found.high) == pytest.approx(posterior.interval(0.95), rel=1e-9)


def test_the_prior_of_the_other_outlets_is_found_again() -> None:
    """Groups drawn from Beta(6, 14) (mean .3, strength 20): the moments estimate is near for many groups."""
    rng = np.random.default_rng(7)
    sizes = rng.integers(40, 400, size=600)
    hits = rng.binomial(sizes, rng.beta(6, 14, size=600))
    a, b = beta_prior(list(zip(hits.tolist(), sizes.tolist(), strict=True)))
    assert a / (a + b) == pytest.approx(0.3, abs=0.01)
    assert a + b == pytest.approx(20, rel=0.15)


def test_equal_outlets_are_pooled_hard_and_few_outlets_not_at_all() -> None:
    rng = np.random.default_rng(3)
    same = [(int(rng.binomial(200, 0.4)), 200) for _ in range(200)]
    a, b = beta_prior(same)
    assert a + b > 150  # nothing but chance between them
    assert beta_prior([(3, 10), (9, 10)]) == JEFFREYS
    assert beta_prior([(0, 10)] * 8) == JEFFREYS
    assert beta_prior([]) == JEFFREYS


def test_a_prior_weighs_no_more_than_what_it_was_learnt_from() -> None:
    """Five outlets, 1 of 136 in all, alike by chance: moments would make that as sure as 1,000 observations, and the
    interval of an outlet with 1 of 53 would end at 1.4 %, below the 1.9 % that were counted."""
    few = [(0, 17), (0, 22), (1, 53), (0, 29), (0, 15)]
    a, b = beta_prior(few)
    assert (a + b, a / (a + b)) == pytest.approx((136, 1 / 136))
    found = shrunken(Share(1 / 53, 53, 53), (a, b))
    assert found.low < 1 / 53 < found.high
    assert (found.low, found.high) == pytest.approx(stats.beta(1 + 1, 135 + 52).interval(0.95), rel=1e-9)


def test_a_share_of_few_moves_more_than_one_of_many() -> None:
    few, many = shrunken(Share(0.9, 10, 10), (6, 14)), shrunken(Share(0.9, 1000, 1000), (6, 14))
    assert few.value < many.value < 0.9
    assert few.high - few.low > many.high - many.low


def test_the_difference_is_newcombes_published_example() -> None:
    """Newcombe 1998, table II, 56/70 against 48/80, method 10: .0524 to .3339."""
    found = difference(Share(56 / 70, 70, 70), Share(48 / 80, 80, 80))
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_mean_has_students_interval() -> None:
    values = [0.0] * 20 + [1.0] * 13 + [3.0] * 4
    found = mean_of({0.0: 20, 1.0: 13, 3.0: 4})
    assert found is not None
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(values), low, high))
    assert mean_of({1.0: 1}) is None


@pytest.mark.slow
def test_shrunken_intervals_hold_what_they_promise() -> None:
    """Over outlets drawn from the prior, a 95 % interval holds the true share in 93 to 97 of 100."""
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(4000):
        truth = rng.beta(6, 14)
        n = int(rng.integers(30, 300))
        found = shrunken(Share(rng.binomial(n, truth) / n, n, n), (6, 14))
        inside += found.low <= truth <= found.high
    assert 0.93 <= inside / 4000 <= 0.97
