"""Kinds, hedges and the check-worthiness heuristic."""

from __future__ import annotations

import pytest

from claims.splitting.splitters import SPLITTERS, Block, SplitClaim
from claims.splitting.splitters.weight import WEIGHTS


def first(text: str, language: str = "en") -> SplitClaim:
    return SPLITTERS["rules"](text, language, [Block(0, len(text), "body")])[0]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The mayor met the owners in Tormo.", ("event_property",)),
        ("The port shipped 40,000 tonnes of grain.", ("event_property", "numerical")),
        ("The road was shut because the river rose.", ("causal",)),
        ("The ferry will sail again in spring.", ("prediction",)),
        ("“The ferry sails every morning,” the mayor said.", ("event_property", "quote")),
        ("The mayor denied that the ferry had a leak.", ("position",)),
    ],
)
def test_kinds(text: str, kinds: tuple[str, ...]) -> None:
    assert first(text).kinds == kinds


@pytest.mark.parametrize(
    ("text", "language", "hedges"),
    [
        ("The dam might fail.", "en", ["might"]),
        ("If so, the dam failed twice.", "en", ["If so"]),
        ("The dam failed twice.", "en", []),
        ("Der Damm könnte brechen.", "de", ["könnte"]),
    ],
)
def test_hedges_are_kept(text: str, language: str, hedges: list[str]) -> None:
    assert [text[start:end] for start, end in first(text, language).hedges] == hedges


def test_figures_and_harm_are_worth_more_than_opinion() -> None:
    fact = first("Two bombs killed 14 people in Tormo in 2021.")
    opinion = first("It was a great day by the river.")
    assert fact.checkworthiness > 0.6
    assert opinion.checkworthiness < 0.3
    assert {"number", "harm", "date"} <= set(fact.reasons)
    assert "opinion" in opinion.reasons


def test_the_score_is_the_sum_of_its_reasons() -> None:
    claim = first("Two bombs killed 14 people in Tormo in 2021.")
    assert set(claim.reasons) <= set(WEIGHTS)
    assert claim.checkworthiness == pytest.approx(0.25 + sum(WEIGHTS[reason] for reason in claim.reasons))
