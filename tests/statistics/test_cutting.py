"""How alike two people cut a text: reference values of boundary similarity, and sums over articles."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.statistics.cutting import (
    CutText,
    boundaries,
    boundary_similarity,
    cut_figures,
    pair_figures,
    places,
)
from claims.statistics.spans import apart, span_f1, unitizing


def cut(*masses: int) -> list[int]:
    """Where the boundaries of segments with so many units lie."""
    return list(accumulate(masses))[:-1]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (cut(2, 3, 6), cut(5, 6), 0.5),
        (cut(2, 3, 6), cut(2, 3, 3, 3), 2 / 3),
        (cut(2, 3, 6), cut(2, 2, 7), 0.75),
        (cut(2, 3, 6), cut(1, 1, 3, 1, 5), 0.5),
        (cut(2, 3, 6), cut(2, 3, 6), 1.0),
    ],
)
def test_boundary_similarity_is_that_of_segeval(one: list[int], other: list[int], expected: float) -> None:
    """Values of the tests of segeval 2.0, the program of the paper (Fournier 2013): missed, added, a near miss, several
    added beside each other, and the same."""
    assert boundary_similarity(one, other) == pytest.approx(expected)


def test_without_a_boundary_there_is_no_figure() -> None:
    assert boundary_similarity([], []) is None


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_boundaries_are_counted_once_and_from_both_sides_alike(one: set[int], other: set[int]) -> None:
    found, back = boundaries(one, other), boundaries(other, one)
    assert (found.same, found.near, found.alone) == (back.same, back.near, back.alone)
    assert 2 * (found.same + found.near) + found.alone == len(one) + len(other)
    assert 0 <= found.distance <= found.most


def test_the_edges_of_the_text_are_no_boundaries() -> None:
    words = [(0, 3), (4, 8), (9, 12), (13, 16)]
    assert places([(0, 8)], words) == {2}
    assert places([(4, 12), (0, 16)], words) == {1, 3}


WORDS = [(at, at + 4) for at in range(0, 100, 5)]
FIRST = CutText({1: [(0, 24), (25, 49)], 2: [(0, 24), (30, 49)], 3: [(50, 99)]}, WORDS, 100)
SECOND = CutText({1: [(0, 49)], 2: [(0, 49)]}, WORDS, 100)
THIRD = CutText({1: [(0, 44), (50, 99)], 2: [(0, 49)]}, WORDS, 100)


def test_figures_are_shares_of_sums_over_articles() -> None:
    pairs = pair_figures([FIRST, SECOND, THIRD])
    figures = {figure.name: figure for figure in pairs[1, 2]}
    assert figures["f1_exact"].value == pytest.approx(2 * (1 + 1 + 0) / (4 + 2 + 3))
    assert figures["f1_loose"].value == pytest.approx(2 * (2 + 1 + 1) / (4 + 2 + 3))
    # Same places of all places: 5, 10 of 5, 6, 10; 10 of 10; 10 of 9, 10.
    assert figures["boundary"].value == pytest.approx((2 + 1 + 1) / (3 + 1 + 2))
    seen = [unitizing([text.cuts[1], text.cuts[2]], 0, 100) for text in (FIRST, SECOND, THIRD)]
    assert figures["alpha_u"].value == pytest.approx(
        1 - sum(one.observed for one in seen) / sum(one.expected for one in seen)
    )
    assert all(figure.n_articles == 3 for figure in figures.values())
    assert pairs[1, 3][0].n_articles == 1
    assert pairs[1, 3][0].interval.reason == "too_few_units"


def test_intervals_hold_the_figure_and_a_single_cut_plays_no_part() -> None:
    texts = [FIRST, SECOND, THIRD, CutText({1: [(0, 9)]}, WORDS, 100)] * 4
    for figure in cut_figures(texts):
        assert figure.n_articles == 12
        assert figure.value is not None
        assert figure.interval.low is not None
        assert figure.interval.high is not None
        assert figure.interval.low < figure.value < figure.interval.high
    assert cut_figures([CutText({1: [], 2: []}, WORDS, 100)])[0].reason == "nothing_cut"
    assert cut_figures([]) == []


marked = st.lists(st.integers(0, 99).map(lambda n: (n // 2, n // 2 + 1 + n % 9)), max_size=6, unique=True)


@given(marked, marked)
def test_f1_is_that_of_marked_spans(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    mine, theirs = sorted(set(one)), sorted(set(other))
    figures = {figure.name: figure for figure in cut_figures([CutText({1: mine, 2: theirs}, WORDS, 100)])}
    assert figures["f1_exact"].value == span_f1([mine, theirs])
    if apart(mine) == mine and apart(theirs) == theirs:
        assert figures["f1_loose"].value == span_f1([mine, theirs], 0.5)
