"""One reviewer against the others on the same units."""

from __future__ import annotations

import numpy as np
import pytest

from claims.statistics.reviewers import agreement_without, label_agreement, peer_agreement
from claims.statistics.scales import Scale


def test_it_works() -> None:
    """Three units, three reviewers; the third always differs from the other two."""
    units, reviewers = np.repeat(np.arange(3), 3), np.tile(np.arange(3), 3)
    values = np.array([0, 0, 1, 1, 1, 0, 0, 0, 1])
    first, second, third = peer_agreement(units, reviewers, values, Scale(2))
    assert (first.n, first.raw) == (3, 0.5)
    assert second == first
    assert third.raw == 0
    panel = 1 / 3
    assert first.shrunk == pytest.approx((3 * 0.5 + 20 * panel) / 23)
    assert third.shrunk == pytest.approx(20 * panel / 23)
    assert not first.is_shown


def test_the_own_label_does_not_count() -> None:
    agreement = label_agreement(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), Scale(2))
    assert agreement[:3] == pytest.approx([0.5, 0.5, 0.0])
    assert np.isnan(agreement[3])


def test_near_misses_count_in_part() -> None:
    agreement = label_agreement(np.array([0, 0]), np.array([0, 1]), Scale(3), "quadratic")
    assert agreement == pytest.approx([0.75, 0.75])


def test_nobody_to_compare_with() -> None:
    [alone] = peer_agreement(np.array([0, 1]), np.array([0, 0]), np.array([1, 1]), Scale(2))
    assert (alone.n, alone.raw, alone.shrunk) == (0, None, None)


def test_shown_from_thirty_shared_labels() -> None:
    units, reviewers = np.repeat(np.arange(30), 2), np.tile([0, 1], 30)
    assert all(peer.is_shown for peer in peer_agreement(units, reviewers, np.zeros(60, dtype=np.int64), Scale(2)))


def test_better_work_ranks_higher() -> None:
    random = np.random.default_rng(0)
    accuracy = np.array([0.95, 0.85, 0.75, 0.6, 0.4])
    truth = random.integers(0, 4, 1000)
    units, reviewers = np.repeat(np.arange(1000), 5), np.tile(np.arange(5), 1000)
    right = random.random(5000) < accuracy[reviewers]
    values = np.where(right, truth[units], random.integers(0, 4, 5000))
    shrunk = [peer.shrunk for peer in peer_agreement(units, reviewers, values, Scale(4))]
    assert shrunk == sorted(shrunk, reverse=True)  # type: ignore[type-var]


def test_how_hard_a_unit_is_without_a_label() -> None:
    """Labels a, a, b: without b the others agree, without an a they do not; a pair takes the mean, 3 of 5."""
    units, values = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1])
    agreement = label_agreement(units, values, Scale(2))
    assert agreement_without(units, agreement) == pytest.approx([0, 0, 1, 0.6, 0.6])
