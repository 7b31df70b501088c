"""Cards and flags, from labels in the database."""

from __future__ import annotations

import pytest
from django.db import connection

from claims.adjudication.cards.card import Card, make_cards
from claims.adjudication.cards.flags import Flag, flags_of
from claims.adjudication.cards.reading import Panel, read_panel
from claims.models import Label, Project, Reviewer, Round, RoundUnit, SettledLabel
from tests import factories
from tests.adjudication.panels import STANCES, Answer, cleo_drifts, make_panel, right

pytestmark = pytest.mark.django_db


def cards_of(project: Project) -> tuple[dict[str, Card], Panel]:
    panel = read_panel(project)
    people = Reviewer.objects.in_project(project).in_bulk()
    names = {factories.reviewer(project, name).pk: name for name in ("alice", "bob", "cleo")}
    return {names[pk]: card for pk, card in make_cards(panel, people).items() if pk in names}, panel


def flags(card: Card, panel: Panel) -> dict[str, Flag]:
    return {flag.code: flag for flag in flags_of(card, panel)}


def test_it_works_who_drifts_in_week_three_is_shown_from_week_three() -> None:
    project, _ = make_panel(cleo_drifts)
    cards, panel = cards_of(project)
    flag = flags(cards["cleo"], panel)["drift"]
    assert "fell from week 2026-W04 on" in flag.sentence
    assert flag.examples
    assert {"Supports"} <= {example.own for example in flag.examples} <= {"Supports", "Reports"}
    assert not {"drift"} & (flags(cards["alice"], panel).keys() | flags(cards["bob"], panel).keys())


def test_who_leans_is_shown_with_the_choice() -> None:
    """From week 3 on Cleo says supports to the 32 of 48 units to which the others say something else (and a few less,
    for the ones on which Alice and Bob slip)."""
    project, _ = make_panel(cleo_drifts)
    cards, _ = cards_of(project)
    leans = {lean.choice: lean.found for lean in cards["cleo"].leans}
    assert leans["Supports"].difference == pytest.approx(32 / 72, abs=0.05)
    assert leans["Supports"].low > 0
    assert leans["Reports"].high < 0
    assert all(lean.found.high < 0 for lean in cards["alice"].leans if lean.choice == "Supports")


def test_confusions_name_what_is_answered_for_what() -> None:
    project, _ = make_panel(
        lambda name, week, n: "supports" if name == "cleo" and right(week, n) == "reports" else right(week, n)
    )
    cards, _ = cards_of(project)
    [one] = cards["cleo"].confusions
    rates = {label: dict(zip(one.labels, line, strict=True)) for label, line in one.lines}
    assert rates["Reports"]["Supports"] > 0.9
    assert rates["Refutes"]["Refutes"] > 0.9
    assert cards["alice"].confusions[0].competence > 0.9


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda name, week, n: right(week, n), set()),
        (lambda name, week, n: STANCES[week // 3] if name == "cleo" else right(week, n), {"distance", "runs"}),
    ],
)
def test_what_is_flagged(answer: Answer, expected: set[str]) -> None:
    project, _ = make_panel(answer)
    cards, panel = cards_of(project)
    assert flags(cards["alice"], panel).keys() == set()
    assert flags(cards["cleo"], panel).keys() >= expected
    if not expected:
        assert flags(cards["cleo"], panel) == {}


def test_control_items_count_for_control_and_for_nothing_else() -> None:
    """Two of three known answers are right: Wilson 95 % from .208 to .939 (statsmodels proportion_confint)."""
    project, round_ = make_panel(lambda name, week, n: right(week, n), weeks=1, units=4)
    for n, place in enumerate(RoundUnit.objects.filter(round=round_).order_by("position")[:3]):
        place.is_control = True
        place.save()
        known = right(0, n) if n else "unrelated"
        SettledLabel.objects.create(
            round=round_, unit=place.unit, question="stance", revision=1, outcome="answer", value=known, method="expert"
        )
    cards, panel = cards_of(project)
    control = cards["alice"].control
    assert control is not None
    assert (control.right, control.n) == (2, 3)
    assert (control.low, control.high) == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert sum(len(column.units) for column in panel.columns) == 3  # the fourth unit, three labels


def test_a_round_by_itself() -> None:
    project, round_ = make_panel(cleo_drifts, weeks=1)
    other = factories.make_round(project)
    assert read_panel(other).columns == ()
    assert len(read_panel(round_).columns) == 1
    assert Round.objects.in_project(project).count() == 2


def test_pr_08_a_hundred_answers_in_two_seconds_each_are_flagged_and_none_is_dropped() -> None:
    def said(name: str, week: int, number: int) -> str:
        return STANCES[(number * 7 + week) % 3] if name == "cleo" else right(week, number)

    project, round_ = make_panel(said, weeks=5, units=20)
    cleo = factories.reviewer(project, "cleo")
    with connection.cursor() as cursor:  # events are never changed; the test says how long they took
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE claims_labelevent SET seconds = CASE WHEN reviewer_id = %s THEN 1 "
                       "ELSE 20 + unit_id %% 40 END", [cleo.pk])  # fmt: skip
        cursor.execute("SET session_replication_role = origin")
    cards, panel = cards_of(project)
    assert [name for name, card in cards.items() if "speed" in flags(card, panel)] == ["cleo"]
    assert Label.objects.filter(round=round_, reviewer=cleo, is_void=False).count() == 100
