"""What is counted for a question, without a database."""

from __future__ import annotations

import pytest

from claims.agreement.patterns import SCORES, SCORES_OF_LEVEL, ChoicePlan, QuestionPlan, division, is_split
from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.tables import Pattern, table_from_patterns


def plan(*codes: str, level: str = "nominal") -> QuestionPlan:
    """`plan("a", "b>c")`: choice b counts as c in the collapsed view."""
    pairs = [(code.partition(">")[0], code.partition(">")[2] or code) for code in codes]
    return QuestionPlan("q", "Which?", level, tuple(ChoicePlan(code, code.upper(), to) for code, to in pairs))


def test_it_works() -> None:
    assert plan("a", "b", "c").count([("b", 2), ("a", 1), ("gone", 5)]) == (1, 2, 0)


def test_every_score_is_one_the_statistics_know() -> None:
    assert {coefficient for coefficient, _ in SCORES.values()} <= COEFFICIENTS.keys()
    assert all(measure in COEFFICIENTS[coefficient].measures for coefficient, measure in SCORES.values())
    assert {name for names in SCORES_OF_LEVEL.values() for name in names} == SCORES.keys()
    assert all("percent_agreement" in names for names in SCORES_OF_LEVEL.values())


@pytest.mark.parametrize(
    ("choices", "level", "views", "collapsed_level"),
    [
        (("a", "b", "c"), "ordinal", ("full",), "ordinal"),
        (("a", "b>c", "c"), "ordinal", ("full", "collapsed"), "ordinal"),
        (("a>c", "b", "c"), "ordinal", ("full", "collapsed"), "nominal"),
        (("a>x", "b>x"), "ordinal", ("full",), "ordinal"),
    ],
)
def test_views(choices: tuple[str, ...], level: str, views: tuple[str, ...], collapsed_level: str) -> None:
    question = plan(*choices, level=level)
    assert question.views == views
    assert question.level_of("full") == level
    assert question.level_of("collapsed") == collapsed_level


def test_collapsing_adds_what_is_put_together() -> None:
    question = plan("a", "b>c", "c", "d")
    table, scale = question.table_of(table_from_patterns({(1, 1, 1, 0): 2, (0, 2, 1, 0): 1}, 4), "collapsed")
    assert scale.size == 3
    assert sorted(zip(table.counts.tolist(), table.units.tolist(), strict=True)) == [([0, 3, 0], 1), ([1, 2, 0], 2)]
    assert question.labels_of("collapsed") == ("A", "C", "D")


@pytest.mark.parametrize(
    ("pattern", "split", "share"),
    [((2, 0), False, 0.0), ((1, 1), True, 1.0), ((2, 1), True, 2 / 3), ((1, 0), False, 0.0), ((0, 0), False, 0.0)],
)
def test_division(pattern: Pattern, split: bool, share: float) -> None:
    assert is_split(pattern) is split
    assert division(pattern) == pytest.approx(share)
