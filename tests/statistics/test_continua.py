"""Alpha-U and token alpha over many texts, against those of one text and of all tokens at once."""

from __future__ import annotations

import pytest

from claims.statistics.continua import Continuum, pooled_alpha_u, pooled_token_alpha
from claims.statistics.spans import character_alpha, unitizing

WORDS = [(at, at + 4) for at in range(0, 100, 5)]


def text(one: list[tuple[int, int]], other: list[tuple[int, int]], article: int | None = None) -> Continuum:
    return Continuum([{"": one}, {"": other}], WORDS, 100, article)


TEXTS = [
    text([(0, 24)], [(0, 19)], 1),
    text([(30, 49)], [(50, 69)], 2),
    text([(0, 49)], [(0, 49)], 3),
    text([(5, 9)], [], 4),
]


def test_of_one_text_it_is_its_alpha_u() -> None:
    """The text of Krippendorff 2004, section 11.6, has its values in tests/agreement; here any two marks."""
    value, around = pooled_alpha_u(TEXTS[:1])
    assert value == pytest.approx(unitizing([[(0, 24)], [(0, 19)]], 0, 100).alpha)
    assert around.reason == "too_few_units"


def test_labels_and_texts_are_added_up() -> None:
    two_labels = Continuum([{"a": [(0, 9)], "b": [(20, 29)]}, {"a": [(0, 9)], "b": [(25, 29)]}], WORDS, 100, 5)
    parts = [
        unitizing([[(0, 9)], [(0, 9)]], 0, 100),
        unitizing([[(20, 29)], [(25, 29)]], 0, 100),
        unitizing([[(0, 24)], [(0, 19)]], 0, 100),
    ]
    value, _ = pooled_alpha_u([two_labels, TEXTS[0]])
    assert value == pytest.approx(1 - sum(part.observed for part in parts) / sum(part.expected for part in parts))


def test_token_alpha_is_that_of_all_tokens_in_a_row() -> None:
    def tokens(spans: list[tuple[int, int]], shift: int) -> list[tuple[int, int]]:
        touched = [at for at, (s, e) in enumerate(WORDS) if any(s < y and x < e for x, y in spans)]
        return [(shift + at, shift + at + 1) for at in touched]

    rows = [
        [span for n, one in enumerate(TEXTS) for span in tokens(list(one.marked[who][""]), 20 * n)] for who in (0, 1)
    ]
    value, around = pooled_token_alpha(TEXTS)
    assert value == pytest.approx(character_alpha(rows, 0, 80))
    assert around.low is not None
    assert around.high is not None
    assert around.low < value < around.high


def test_texts_of_one_article_are_one_when_it_is_drawn() -> None:
    together = [text(list(one.marked[0][""]), list(one.marked[1][""]), 7) for one in TEXTS]
    assert pooled_alpha_u(together)[0] == pooled_alpha_u(TEXTS)[0]
    assert pooled_alpha_u(together)[1].reason == "too_few_articles"
    assert pooled_alpha_u(TEXTS)[1].low is not None


def test_where_nobody_marks_there_is_no_figure() -> None:
    assert pooled_alpha_u([text([], [])]) == pooled_token_alpha([]) == pooled_token_alpha([text([], [])])
    assert pooled_alpha_u([text([], [])])[0] is None
