"""The sentences beside a figure."""

from __future__ import annotations

import pytest

from claims.agreement.actions import enqueue_lost_folds
from claims.agreement.overview import QuestionAgreement, agreement_overview
from claims.agreement.sentences import methods_sentence, number, paradox_sentence, plain_sentence
from claims.models import Round
from tests import factories
from tests.agreement.builders import write_label

pytestmark = pytest.mark.django_db


def binary(both: int, neither: int, one: int, other: int) -> QuestionAgreement:
    """Alice and Bob say biased on `both`, not biased on `neither`, and differ on the rest."""
    project = factories.make_project(alice="reviewer", bob="reviewer")
    round_ = factories.make_round(project, units=both + neither + one + other)
    alice, bob = (factories.reviewer(project, name) for name in ("alice", "bob"))
    answers = [("biased",) * 2] * both + [("not_biased",) * 2] * neither
    answers += [("biased", "not_biased")] * one + [("not_biased", "biased")] * other
    units = round_.round_units.order_by("position").values_list("unit_id", flat=True)
    for unit, given in zip(units, answers, strict=True):
        for who, value in zip((alice, bob), given, strict=True):
            write_label(round_, unit, who, "sentence_bias", value)
    enqueue_lost_folds()
    factories.run_jobs()
    return next(row for row in agreement_overview(round_) if row.code == "sentence_bias")


def test_the_paradox_is_explained() -> None:
    """16 / 1 / 2 / 1 of 20: agreement .85; chance 1 - 2 (35/40)(5/39) = .7756; alpha 1 - .15 / .2244 = .331."""
    row = binary(16, 1, 2, 1)
    assert row.headline.value == pytest.approx(1 - 0.15 / (2 * 35 * 5 / (40 * 39)))
    sentence = paradox_sentence(row)
    assert sentence.startswith("85 % agreement and an alpha of .331 do not contradict each other: “Biased” is 88 %")
    assert "Gwet's AC1" in sentence
    assert plain_sentence(row).endswith("about 33 % of that disagreement is not there.")


def test_without_the_paradox_nothing_is_said() -> None:
    row = binary(5, 5, 0, 1)
    assert paradox_sentence(row) == ""


def test_only_one_answer_is_no_proof() -> None:
    row = binary(3, 0, 0, 0)
    assert "nobody has shown" in paradox_sentence(row)
    assert "only one answer was ever given" in plain_sentence(row)


def test_the_methods_sentence_says_what_on_what_and_how() -> None:
    row = binary(5, 5, 1, 1)
    said = methods_sentence(Round.objects.get(), row)
    for part in ("2 choices", "2 reviewers", "24 independent first labels on 12 units", ".681 (no interval)", "AC1 = "):
        assert part in said


@pytest.mark.parametrize(("value", "words"), [(0.6667, ".667"), (1, "1.000"), (-0.25, "\u2212.250"), (0, ".000")])
def test_number(value: float, words: str) -> None:
    assert number(value) == words
