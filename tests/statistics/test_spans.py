"""Spans: the unitizing example of the book, and small pairs whose F1 is known."""

from __future__ import annotations

import pytest

from claims.statistics.spans import Span, character_alpha, span_f1, token_alpha, unitizing, unitizing_of_labels

# Krippendorff (2004), Content Analysis, 2nd edition, section 11.6: two observers, positions 150 to 450.
BOOK_C = [[(225, 295), (370, 400)], [(220, 300), (355, 375), (400, 420)]]
BOOK_K = [[(180, 240), (300, 350)], [(180, 240), (300, 350)]]


def test_it_works() -> None:
    found = unitizing(BOOK_C, 150, 300)
    assert found.alpha == pytest.approx(0.7286, abs=5e-5)
    assert found.observed == pytest.approx(0.0144, abs=5e-5)
    assert found.expected == pytest.approx(0.0532, abs=5e-5)


def test_same_spans_agree_fully() -> None:
    assert unitizing(BOOK_K, 150, 300).alpha == 1
    assert unitizing(BOOK_K, 150, 300).expected == pytest.approx(0.0490, abs=5e-5)


def test_labels_together() -> None:
    """The book prints .8591; exact arithmetic gives .85867."""
    parts = {"c": unitizing(BOOK_C, 150, 300), "k": unitizing(BOOK_K, 150, 300)}
    assert unitizing_of_labels(parts).alpha == pytest.approx(0.85867, abs=5e-6)


@pytest.mark.parametrize("marked", [[[], []], [[(1, 4)]], []])
def test_nothing_to_compare_is_undefined(marked: list[list[Span]]) -> None:
    assert unitizing(marked, 0, 10).alpha is None


def test_character_alpha() -> None:
    assert character_alpha([[(0, 5)], [(0, 5)]], 0, 10) == pytest.approx(1)
    assert character_alpha([[], []], 0, 10) is None


@pytest.mark.parametrize(
    ("marked", "overlap", "f1"),
    [
        ([[(0, 4), (6, 9)], [(0, 4)]], None, 2 / 3),
        ([[(0, 4)], [(0, 5)]], None, 0.0),
        ([[(0, 4)], [(0, 5)]], 0.5, 1.0),
        ([[(0, 4)], [(0, 2), (2, 4)]], 0.5, 2 / 3),
        ([[], []], None, None),
        ([[(0, 4)], [(0, 4)], [(0, 4)]], None, 1.0),
    ],
)
def test_span_f1(marked: list[list[Span]], overlap: float | None, f1: float | None) -> None:
    assert span_f1(marked, overlap) == (None if f1 is None else pytest.approx(f1))


def test_token_alpha_overlooks_ends_inside_a_token() -> None:
    tokens = [(0, 4), (5, 9), (10, 14), (15, 19)]
    assert token_alpha([[(0, 9)], [(0, 8)]], tokens) == pytest.approx(1)
    assert token_alpha([[(0, 4)], [(10, 14)]], tokens) == pytest.approx(1 - 7 * 4 / 24)
    assert token_alpha([[], []], tokens) is None
