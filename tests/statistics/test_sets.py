"""Sets of tags: distances as Passonneau (2006) defines them, with two empty sets alike."""

from __future__ import annotations

import pytest

from claims.statistics.sets import jaccard_distance, masi_distance, score_sets

PAIRS = [
    ("ab", "ab", 0.0, 0.0),
    ("ab", "abcd", 1 - 1 / 2 * 2 / 3, 1 / 2),
    ("ab", "ac", 1 - 1 / 3 * 1 / 3, 2 / 3),
    ("a", "b", 1.0, 1.0),
    ("", "a", 1.0, 1.0),
    ("", "", 0.0, 0.0),
]


@pytest.mark.parametrize(("one", "other", "masi", "jaccard"), PAIRS)
def test_it_works(one: str, other: str, masi: float, jaccard: float) -> None:
    assert masi_distance(frozenset(one), frozenset(other)) == pytest.approx(masi)
    assert masi_distance(frozenset(other), frozenset(one)) == pytest.approx(masi)
    assert jaccard_distance(frozenset(one), frozenset(other)) == pytest.approx(jaccard)


def test_alpha_of_sets_grows_with_likeness() -> None:
    near = score_sets([["ab", "a"], ["cd", "cd"], ["e", "e"]], "masi").value
    far = score_sets([["ab", "cd"], ["cd", "ab"], ["e", "e"]], "masi").value
    assert near is not None
    assert far is not None
    assert far < near < 1


@pytest.mark.parametrize(
    ("rows", "reason"), [([], "no_labels"), ([["a", "a"]], "no_variation"), ([["a", None]], "no_pairable_units")]
)
def test_undefined(rows: list[list[str | None]], reason: str) -> None:
    assert score_sets(rows, "masi").reason == reason
