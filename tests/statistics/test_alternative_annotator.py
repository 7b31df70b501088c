"""The alternative annotator test on a table small enough to work through by hand, and its false discovery rate."""

from __future__ import annotations

import pytest
from scipy.stats import false_discovery_control, ttest_1samp

from claims.statistics.alternative_annotator import alternative_annotator_test, benjamini_yekutieli

# Ten units, three people; the machine errs on the last, where all people agree.
PEOPLE = [[0, 0, 0]] * 4 + [[1, 1, 1]] * 3 + [[0, 0, 1], [0, 1, 0], [1, 1, 1]]
MACHINE = [0, 0, 0, 0, 1, 1, 1, 0, 0, 0]


def test_it_works() -> None:
    found = alternative_annotator_test(PEOPLE, MACHINE, margin=0.2, least_units=10)
    # Person 1 loses no unit to the machine but wins the last: 9 of 10 go at least as well for the machine.
    assert [c.advantage for c in found.comparisons] == pytest.approx([0.9, 0.9, 0.9])
    assert found.advantage == pytest.approx(0.9)
    # Person 1: person - machine wins is 0 on nine units and 1 on the last. Persons 2 and 3: the machine also wins one.
    first, second = [0] * 9 + [1], [0] * 8 + [-1, 1]
    assert found.comparisons[0].p == pytest.approx(ttest_1samp(first, 0.2, alternative="less").pvalue)
    assert found.comparisons[1].p == pytest.approx(ttest_1samp(second, 0.2, alternative="less").pvalue)
    assert found.winning_rate == 0


def test_a_machine_that_always_agrees_with_a_unanimous_panel_wins_against_all() -> None:
    people = [[n % 2] * 3 for n in range(40)]
    assert alternative_annotator_test(people, [n % 2 for n in range(40)]).winning_rate == 1
    assert alternative_annotator_test(people, [1 - n % 2 for n in range(40)]).winning_rate == 0


@pytest.mark.parametrize("people", [[], [[0, 0, 0]] * 5, [[0, 1]] * 40])
def test_too_few_people_or_units_are_no_test(people: list[list[int | None]]) -> None:
    found = alternative_annotator_test(people, [0] * len(people))
    assert (found.winning_rate, found.reason) == (None, "too_few_people")


@pytest.mark.parametrize("p_values", [[0.001, 0.02, 0.03, 0.5], [0.04], [0.01, 0.012, 0.013], [0.9, 0.8]])
def test_false_discoveries_are_controlled_as_scipy_does(p_values: list[float]) -> None:
    adjusted = false_discovery_control(p_values, method="by")
    assert benjamini_yekutieli(p_values, 0.05) == [bool(p <= 0.05) for p in adjusted]
