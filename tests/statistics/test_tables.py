"""Tables of patterns: every way to build one counts the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.statistics.running import RunningCounts, moves
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.tables import (
    SLOTS,
    LabelTable,
    Pattern,
    find_distinct,
    table_from_articles,
    table_from_labels,
    table_from_matrix,
    table_from_patterns,
)


def as_dict(table: LabelTable) -> dict[Pattern, int]:
    counted: Counter[Pattern] = Counter()
    for counts, units in zip(table.counts.tolist(), table.units.tolist(), strict=True):
        counted[tuple(counts)] += units
    return dict(counted)


def test_it_works() -> None:
    units, values = np.array([0, 2, 0, 1, 2]), np.array([1, 0, 1, 2, 1])
    table = table_from_labels(units, values, 3)
    assert as_dict(table) == {(0, 2, 0): 1, (0, 0, 1): 1, (1, 1, 0): 1}
    assert (table.n_units, table.n_pairable, table.n_labels) == (3, 2, 5)


LABELS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 2)), max_size=60)


@given(LABELS)
def test_long_form_matrix_and_patterns_agree(labels: list[tuple[int, int, int]]) -> None:
    answers = {(unit, reviewer): value for unit, reviewer, value in labels}
    matrix = [[answers.get((unit, reviewer)) for reviewer in range(6)] for unit in range(10)]
    patterns = Counter(tuple(row.count(k) for k in range(3)) for row in matrix)
    units = np.array([unit for unit, _ in answers], dtype=np.int64)
    long = table_from_labels(units, np.array(list(answers.values()), dtype=np.int64), 3)
    expected = {pattern: n for pattern, n in patterns.items() if any(pattern)}
    assert (
        as_dict(long) == as_dict(table_from_matrix(matrix, 3)) == as_dict(table_from_patterns(patterns, 3)) == expected
    )


@pytest.mark.parametrize("size", [2, 12, 60])
@pytest.mark.parametrize("by_article", [False, True])
def test_every_width_counts_alike(size: int, by_article: bool) -> None:
    """Two choices are counted, twelve are sorted, sixty no longer fit one number."""
    random = np.random.default_rng(size)
    units, values = random.integers(0, 50, 400), random.integers(0, size, 400)
    articles = np.arange(50) // 5
    table = table_from_labels(units, values, size, articles=articles if by_article else None)
    rows, lines = Counter(), {}
    for unit in range(50):
        counts = tuple(np.bincount(values[units == unit], minlength=size).tolist())
        if any(counts):
            rows[counts] += 1
            lines.setdefault(int(articles[unit]), Counter())[counts] += 1
    assert as_dict(table) == rows
    if table.articles is not None:
        assert kinds_of(table) == Counter(frozenset(line.items()) for line in lines.values())


def kinds_of(table: LabelTable) -> Counter[frozenset[tuple[Pattern, int]]]:
    """Kind of article, as its patterns with their numbers -> how many articles are of that kind."""
    assert table.articles is not None
    patterns = [tuple(counts) for counts in table.counts.tolist()]
    lines = table.articles.units.toarray().astype(int).tolist()
    kinds = [frozenset((p, n) for p, n in zip(patterns, line, strict=True) if n) for line in lines]
    return Counter(dict(zip(kinds, table.articles.weight.tolist(), strict=True)))


def test_articles_of_one_kind_stand_in_one_line() -> None:
    table = table_from_articles({(1, (2, 0)): 1, (1, (1, 1)): 2, (7, (2, 0)): 1, (7, (1, 1)): 2, (9, (2, 0)): 1}, 2)
    assert kinds_of(table) == {frozenset({((2, 0), 1), ((1, 1), 2)}): 2, frozenset({((2, 0), 1)}): 1}


def test_kinds_whose_sums_meet_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all names are alike, articles of two units of any rows would be one kind."""
    monkeypatch.setattr("claims.statistics.tables.draw_names", lambda n, _: np.ones(n, dtype=np.int64))
    table = table_from_articles({(1, (2, 0)): 2, (2, (1, 1)): 2}, 2)
    assert kinds_of(table) == {frozenset({((2, 0), 2)}): 1, frozenset({((1, 1), 2)}): 1}


@pytest.mark.parametrize("apart", [1, SLOTS, SLOTS // 2 + 1])
@pytest.mark.parametrize("size", [0, 1, 5, 3000])
def test_distinct_numbers_are_those_of_a_sort_also_where_they_share_a_slot(size: int, apart: int) -> None:
    numbers = np.random.default_rng(size).integers(0, 300, size) * apart
    places, weight = find_distinct(numbers)
    distinct, counted = np.unique(numbers, return_counts=True)
    assert (numbers[places].tolist(), weight.tolist()) == (distinct.tolist(), counted.tolist())


def test_articles_are_counted() -> None:
    table = table_from_articles({(4, (2, 0)): 3, (5, (2, 0)): 1, (6, (0, 0)): 2}, 2)
    assert (table.n_articles, table.n_units) == (2, 4)


def test_no_labels_at_all() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert table_from_labels(empty, empty, 4).n_units == table_from_matrix([], 4).n_units == 0


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, (1, 0), {(1, 0): 1}),
        ((1, 0), (1, 1), {(1, 0): -1, (1, 1): 1}),
        ((1, 1), (1, 1), {}),
        ((0, 1), (0, 0), {(0, 1): -1}),
        (None, None, {}),
    ],
)
def test_moves(before: Pattern | None, after: Pattern | None, change: dict[Pattern, int]) -> None:
    assert moves(before, after) == change


CHANGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.none() | st.integers(0, 2)), max_size=80)


@given(CHANGES)
def test_running_counts_equal_a_recount(changes: list[tuple[int, int, int | None]]) -> None:
    running, answers = RunningCounts(3), {}
    for unit, reviewer, value in changes:
        running.set_answer(unit, reviewer, value)
        answers[unit, reviewer] = value
    matrix = [[answers.get((unit, reviewer)) for reviewer in range(4)] for unit in range(6)]
    assert as_dict(running.table()) == as_dict(table_from_matrix(matrix, 3))


def test_units_of_no_article_count_as_one_article_each() -> None:
    in_articles = {(1, (2, 0)): 3, (2, (1, 1)): 1}
    each_its_own = in_articles | {(n, (1, 1)): 1 for n in range(10, 14)} | {(20, (0, 2)): 1}
    table = table_from_articles(in_articles, 2, alone={(1, 1): 4, (0, 2): 1})
    expected = table_from_articles(each_its_own, 2)
    assert table.counts.tolist() == expected.counts.tolist()
    assert table.units.tolist() == expected.units.tolist()
    assert table.n_articles == expected.n_articles == 7
    for name in ("krippendorff_alpha", "gwet_ac"):
        assert score_labels(table, name, Scale(2)).low == pytest.approx(score_labels(expected, name, Scale(2)).low)
