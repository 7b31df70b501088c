"""Means of shares with intervals by article, against intervals worked out by scipy and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from claims.statistics.means import mean_with_interval
from claims.statistics.sets import score_sets


def test_on_the_scale_of_the_logarithm_it_is_the_jackknife_of_scipys_t() -> None:
    shares = [0.9, 0.4, 0.7, 0.6, 0.8]
    value, found = mean_with_interval(shares, [None] * 5)
    without = np.log(1 - np.array([np.mean(shares[:n] + shares[n + 1 :]) for n in range(5)]))
    error = stats.t(4).ppf(0.975) * np.sqrt(4 / 5 * ((without - without.mean()) ** 2).sum())
    centre = np.log(1 - np.mean(shares))
    assert value == pytest.approx(np.mean(shares))
    assert (found.low, found.high) == (
        pytest.approx(1 - np.exp(centre + error)),
        pytest.approx(1 - np.exp(centre - error)),
    )


def test_units_of_one_article_count_as_one() -> None:
    alone = mean_with_interval([0.2, 0.9, 0.6], [None, None, None])
    together = mean_with_interval([0.2, 0.9, 0.6] * 4, [1, 2, 3] * 4)
    assert together[0] == pytest.approx(alone[0])
    assert (together[1].low, together[1].high) == (pytest.approx(alone[1].low), pytest.approx(alone[1].high))


@pytest.mark.parametrize(
    ("shares", "articles", "reason"),
    [
        ([], [], "undefined"),
        ([0.5], [7], "too_few_units"),
        ([0.5, 0.6], [7, 7], "too_few_articles"),
        ([1.0, 1.0, 1.0], [None] * 3, "no_disagreement"),
        ([0.5, 0.5, 0.5], [None] * 3, "no_spread"),
    ],
)
def test_where_there_is_no_interval_it_says_why(shares: list[float], articles: list[int | None], reason: str) -> None:
    _, found = mean_with_interval(shares, articles)
    assert (found.low, found.high, found.reason) == (None, None, reason)


def test_the_interval_holds_the_mean_of_the_whole_in_95_of_100() -> None:
    """Forty articles of three alike units each; shares are drawn from Beta(4, 2), whose mean is 2/3."""
    rng, held = np.random.default_rng(11), 0
    for _ in range(600):
        shares = np.repeat(rng.beta(4, 2, size=40), 3)
        _, found = mean_with_interval(shares.tolist(), [n // 3 for n in range(120)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 2 / 3 <= found.high
    assert 0.93 <= held / 600 <= 0.97


def test_sets_of_one_article_count_as_one() -> None:
    """Each of ten articles twice over: the figure by article has the interval of half as many units."""
    rng = np.random.default_rng(3)
    rows = [[set(rng.choice(list("abc"), 2, replace=False)) for _ in range(2)] for _ in range(10)]
    by_unit = score_sets(rows, "masi")
    by_article = score_sets(rows * 2, "masi", articles=list(range(10)) * 2)
    assert (by_article.resampled, by_article.n_resampled) == ("article", 10)
    assert by_article.low is not None
    assert by_unit.low is not None
    assert by_article.low == pytest.approx(by_unit.low, abs=0.1)
    assert score_sets(rows * 2, "masi").low > by_article.low  # type: ignore[operator]
