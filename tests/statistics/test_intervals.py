"""Intervals: exact on small tables, right in simulation, never a number where none can be had."""

from __future__ import annotations

import math

import numpy as np
import pytest

from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.intervals import article_sample, jackknife_interval, unit_sample
from claims.statistics.scales import Scale
from claims.statistics.score import INTERVAL_REASONS, WARNINGS, Score
from claims.statistics.scoring import score_labels
from claims.statistics.tables import (
    LabelTable,
    article_types,
    table_from_articles,
    table_from_labels,
    table_from_matrix,
)

SCALE = Scale(3)


def alpha(table: LabelTable, level: str = "nominal", seed: int = 0) -> Score:
    return score_labels(table, "krippendorff_alpha", SCALE, level, seed=seed)


def random_labels(n_units: int, *, accuracy: float = 0.8, seed: int = 0, per_unit: int = 3) -> LabelTable:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, n_units)
    units = np.repeat(np.arange(n_units), per_unit)
    right = random.random(len(units)) < accuracy
    values = np.where(right, truth[units], random.integers(0, 3, len(units)))
    return table_from_labels(units, values, 3)


def test_it_works() -> None:
    score = alpha(random_labels(100))
    assert score.method == "jackknife_log_t"
    assert score.resampled == "unit"
    assert score.n_resampled == 100
    assert score.low is not None
    assert score.value is not None
    assert score.high is not None
    assert score.low < score.value < score.high < 1


def test_jackknife_is_leaving_each_unit_out_by_hand() -> None:
    rows = [[0, 0], [0, 1], [1, 1], [2, 2], [2, 1], [0, 0], [1, 1], [2, 2]] * 2
    left_out = [alpha(table_from_matrix(rows[:i] + rows[i + 1 :], 3)).value for i in range(len(rows))]
    logs = np.log(1 - np.array(left_out, dtype=float))
    error = math.sqrt((len(rows) - 1) / len(rows) * ((logs - logs.mean()) ** 2).sum())
    score = alpha(table_from_matrix(rows, 3))
    assert score.value is not None
    t = 2.131450  # Student's t, 15 degrees of freedom, .975
    assert score.low == pytest.approx(1 - math.exp(math.log(1 - score.value) + t * error), abs=1e-5)
    assert score.high == pytest.approx(1 - math.exp(math.log(1 - score.value) - t * error), abs=1e-5)


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_many_units_are_drawn_and_the_same_seed_gives_the_same_interval(level: str) -> None:
    table = random_labels(1000)
    score = alpha(table, level)
    assert score.method == "bootstrap"
    assert (alpha(table, level).low, alpha(table, level).high) == (score.low, score.high)
    assert alpha(table, level, seed=1).low != score.low


def test_bootstrap_and_jackknife_agree_on_many_units() -> None:
    table, coefficient = random_labels(4000), COEFFICIENTS["krippendorff_alpha"]
    drawn = alpha(table)
    sample = unit_sample(coefficient.sums(table, SCALE, "nominal"), table.units)
    assert drawn.value is not None
    left_out = jackknife_interval(sample, drawn.value, lambda totals: coefficient.estimate(totals, SCALE, "nominal"))
    assert (drawn.low, drawn.high) == pytest.approx((left_out.low, left_out.high), abs=0.003)


def test_articles_are_resampled_where_units_share_one() -> None:
    """Ten like units an article are worth hardly more than one: by article the interval is wider."""
    random = np.random.default_rng(3)
    patterns: dict[tuple[int, tuple[int, ...]], int] = {}
    for article in range(60):
        choice = int(random.integers(0, 3))
        other = choice if random.random() < 0.7 else (choice + 1) % 3
        pattern = tuple(int(k == choice) + int(k == other) for k in range(3))
        patterns[article, pattern] = 10
    table = table_from_articles(patterns, 3)
    by_article = alpha(table)
    by_unit = alpha(LabelTable(table.counts, table.units))
    assert (by_article.resampled, by_article.n_resampled) == ("article", 60)
    assert (by_unit.resampled, by_unit.n_resampled) == ("unit", 600)
    assert by_article.value == by_unit.value
    assert by_article.high - by_article.low > 2 * (by_unit.high - by_unit.low)  # type: ignore[operator]


def alike_articles(articles: int) -> dict[tuple[int, tuple[int, ...]], int]:
    """Each has the same number of disputed units, of fifteen, but for one: as if articles never differed."""
    same = {(2, 0, 0): 5, (0, 2, 0): 5, (1, 1, 0): 4, (0, 0, 2): 1}
    return {(n, pattern): units for n in range(articles) for pattern, units in same.items()} | {(0, (1, 1, 0)): 5}


def test_few_articles_that_are_alike_by_chance_are_not_surer_than_their_units() -> None:
    """Three articles, 46 units: the error by article is nearly nothing, and so would be the interval."""
    table = table_from_articles(alike_articles(3), 3)
    score, by_unit = alpha(table), alpha(LabelTable(table.counts, table.units))
    assert (score.resampled, score.n_resampled, score.method) == ("article", 3, "jackknife_log_t")
    assert score.value is not None
    centre = math.log(1 - score.value)
    error = (math.log(1 - by_unit.low) - centre) / 2.014103  # type: ignore[operator]  # Student's t, 45 degrees, .975
    for bound, t in ((score.low, 4.302653), (score.high, -4.302653)):  # 2 degrees of freedom
        assert bound == pytest.approx(max(1 - math.exp(centre + t * error), -1), abs=1e-5)


def test_from_thirteen_articles_on_their_own_error_counts() -> None:
    table = table_from_articles(alike_articles(13), 3)
    score, by_unit = alpha(table), alpha(LabelTable(table.counts, table.units))
    assert score.high - score.low < 0.5 * (by_unit.high - by_unit.low)  # type: ignore[operator]


def test_one_unit_an_article_is_resampled_by_unit() -> None:
    table = table_from_articles({(1, (2, 0, 0)): 1, (2, (0, 2, 0)): 1, (3, (1, 1, 0)): 1}, 3)
    assert alpha(table).resampled == "unit"


def test_article_sums_are_those_of_their_units() -> None:
    """Article 7 has two units of the first row and one of the second; the row of article 9 adds nothing."""
    sums = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]])
    articles = article_types(np.array([7, 7, 9]), np.array([0, 1, 2]), np.array([2, 1, 5]), 3)
    sample = article_sample(sums, articles)
    assert sample.sums.tolist() == [[5.0, 8.0]]
    assert sample.size == 1


WITHOUT_INTERVAL = [
    ([[0, 0], [1, 1], [2, 2]], "no_disagreement"),
    ([[0, 1]], "too_few_units"),
    ([[0, 0], [0, 0], [0, 1]], "hangs_on_one_unit"),
    ([[0, 1], [0, 1], [0, 1]], "no_spread"),
]


@pytest.mark.parametrize(("rows", "reason"), WITHOUT_INTERVAL)
def test_no_interval_has_a_reason(rows: list[list[int]], reason: str) -> None:
    score = score_labels(
        table_from_matrix(rows, 3), "percent_agreement" if reason == "no_spread" else "krippendorff_alpha", SCALE
    )
    assert score.value is not None
    assert (score.low, score.high, score.interval_reason) == (None, None, reason)
    assert reason in INTERVAL_REASONS


def test_one_article_has_no_interval() -> None:
    score = alpha(table_from_articles({(1, (2, 0, 0)): 5, (1, (0, 2, 0)): 5, (1, (1, 1, 0)): 3}, 3))
    assert score.interval_reason == "too_few_articles"


@pytest.mark.parametrize(
    ("units", "expected"),
    [(10, ("too_few_units", "too_rare_to_judge")), (30, ("preliminary",)), (60, ()), (0, ())],
)
def test_warnings(units: int, expected: tuple[str, ...]) -> None:
    rows = [[i % 2, i % 2] for i in range(units)] or [[0, None]]
    score = alpha(table_from_matrix(rows, 3))
    assert score.warnings == expected
    assert set(score.warnings) <= WARNINGS.keys()


def test_a_rare_second_choice_is_told_whatever_the_number() -> None:
    rows = [[0, 0]] * 990 + [[1, 1]] * 9
    assert alpha(table_from_matrix(rows, 3)).warnings == ("too_rare_to_judge",)


BALANCED, SKEWED, RARE = (1 / 3, 1 / 3, 1 / 3), (0.9, 0.1), (0.97, 0.03)


def labels_of(shares: tuple[float, ...], n_units: int, per_unit: int, seed: int) -> LabelTable:
    """Four of five labels are the unit's own choice, the others are drawn like the units."""
    random = np.random.default_rng(seed)
    truth = random.choice(len(shares), n_units, p=shares)
    units = np.repeat(np.arange(n_units), per_unit)
    right = random.random(len(units)) < 0.8
    values = np.where(right, truth[units], random.choice(len(shares), len(units), p=shares))
    return table_from_labels(units, values, len(shares))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "per_unit", "n_units"),
    [
        *((BALANCED, 3, n_units) for n_units in (20, 100, 400)),
        *((SKEWED, 3, n_units) for n_units in (100, 300)),
        *((RARE, 2, n_units) for n_units in (300, 1000)),
    ],
)
def test_intervals_cover_the_truth_in_93_to_97_of_100(shares: tuple[float, ...], per_unit: int, n_units: int) -> None:
    """A thousand samples of each design; the truth is the figure of a million units."""
    scale, runs, covered, undefined = Scale(len(shares)), 1000, 0, 0
    truth = score_labels(labels_of(shares, 1_000_000, per_unit, 99), "krippendorff_alpha", scale).value
    assert truth is not None
    for run in range(runs):
        score = score_labels(labels_of(shares, n_units, per_unit, run), "krippendorff_alpha", scale, seed=run)
        if score.low is None or score.high is None:
            undefined += 1
        else:
            covered += score.low <= truth <= score.high
    print(f"\n{shares}, {per_unit} labels, {n_units} units: {covered / runs:.3f} covered, {undefined} undefined")
    assert 0.93 <= covered / runs <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("articles", "highest"), [(3, 1.0), (5, 1.0), (8, 1.0), (15, 0.97), (30, 0.97)])
@pytest.mark.parametrize("accuracies", [(0.8,), (0.6, 1.0)])
def test_intervals_by_article_cover_the_truth_also_where_articles_are_few(
    articles: int, highest: float, accuracies: tuple[float, ...]
) -> None:
    """Eight units an article, all alike or easy and hard ones; below thirteen articles an interval may be too wide."""

    def table_of(n: int, seed: int) -> LabelTable:
        random = np.random.default_rng(seed)
        accuracy = np.repeat(random.choice(accuracies, n), 8)
        truth = random.integers(0, 3, 8 * n)
        said = np.where(random.random((2, 8 * n)) < accuracy, truth, random.integers(0, 3, (2, 8 * n)))
        patterns: dict[tuple[int, tuple[int, ...]], int] = {}
        for unit, pair in enumerate(said.T):
            pattern = tuple(int((pair == choice).sum()) for choice in range(3))
            patterns[unit // 8, pattern] = patterns.get((unit // 8, pattern), 0) + 1
        return table_from_articles(patterns, 3)

    truth = alpha(table_of(20_000, 99)).value
    assert truth is not None
    scores = [score for run in range(1000) if (score := alpha(table_of(articles, run))).low is not None]
    covered = sum(score.low <= truth <= score.high for score in scores) / len(scores)  # type: ignore[operator]
    print(f"\n{articles} articles, accuracy {accuracies}: {covered:.3f} covered, {1000 - len(scores)} undefined")
    assert 0.91 <= covered <= highest


def test_the_interval_of_a_share_of_agreement_does_not_go_below_nothing() -> None:
    score = score_labels(table_from_matrix([[0, 0], [0, 1], [1, 0]], size=2), "percent_agreement", Scale(2))
    assert score.value == pytest.approx(1 / 3)
    assert score.low == 0.0
    assert score.high is not None
    assert 1 / 3 < score.high <= 1
