"""The page of one question's agreement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from claims.agreement.actions import enqueue_lost_folds
from claims.models import Project, Round
from tests import factories
from tests.agreement.builders import write_label

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = factories.make_project(alice="reviewer", bob="reviewer", cleo="reviewer")
    client.force_login(factories.owner_of(project))
    return project


def make_weeks(project: Project, *agreeing: int, units: int = 12) -> Round:
    """A round over as many weeks; in each, so many of `units` units are answered alike by Alice and Bob."""
    for _ in range(units * len(agreeing)):
        factories.make_claims(project, 1)
    round_ = factories.make_round(project, overlap=2)
    places = list(round_.round_units.order_by("position").values_list("unit_id", flat=True))
    alice, bob = (factories.reviewer(project, name) for name in ("alice", "bob"))
    for week, alike in enumerate(agreeing):
        at = datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(weeks=week)
        for n in range(units):
            unit, first = places[week * units + n], "supports" if n % 2 else "refutes"
            second = first if n < alike else ("refutes" if n % 2 else "supports")
            write_label(round_, unit, alice, "stance", first, at=at)
            write_label(round_, unit, bob, "stance", second, at=at)
    enqueue_lost_folds()
    factories.run_jobs()
    return round_


def test_it_works(client: Client, project: Project) -> None:
    """Eleven of twelve alike for three weeks, then four of twelve: the level falls in the fourth week, 2026-W05."""
    round_ = make_weeks(project, 11, 11, 11, 4, 4, 4)
    page = client.get(f"/p/{project.slug}/agreement/{round_.pk}/stance/")
    detail = page.context["detail"]
    assert [week.name for week in detail.weeks] == [f"2026-W0{n}" for n in range(2, 8)]
    assert [week.name for week in detail.weeks if week.changed_from is not None] == ["2026-W05"]
    assert detail.row.percent_agreement.value == pytest.approx(45 / 72)
    assert len(detail.costly) == 10
    assert detail.costly[0].share == pytest.approx(1 / 27)  # 27 of 72 units differ, all alike
    [supports, refutes, *_] = detail.confusions
    assert supports[1].observed == pytest.approx(27 / 144)
    assert refutes[0].observed == supports[1].observed
    body = page.content.decode()
    for part in ("<polyline", "fill-opacity", "72 units", "As a table", "2026-W05"):
        assert part in body
    assert "style=" not in body


def answered(project: Project, *articles: tuple[int, int]) -> str:
    """The page of a round over articles of (units, units that Alice and Bob answer alike)."""
    for n, _ in articles:
        factories.make_claims(project, n)
    round_ = factories.make_round(project, overlap=2)
    units = iter(round_.round_units.order_by("position").values_list("unit_id", flat=True))
    alice, bob = (factories.reviewer(project, name) for name in ("alice", "bob"))
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    for n, alike in articles:
        for place in range(n):
            unit, first = next(units), "supports" if place % 2 else "refutes"
            write_label(round_, unit, alice, "stance", first, at=at)
            write_label(round_, unit, bob, "stance", first if place < alike else "reports", at=at)
    enqueue_lost_folds()
    factories.run_jobs()
    return f"/p/{project.slug}/agreement/{round_.pk}/stance/"


def test_the_interval_stands_in_words_and_says_how_few_articles_it_rests_on(client: Client, project: Project) -> None:
    page = client.get(answered(project, (6, 5), (6, 5), (6, 5)))
    low, high = page.context["question"].headline.low, page.context["question"].headline.high
    assert high - low > 0.5  # alike as the articles are, three of them are no reason to be sure
    body = page.content.decode()
    assert "each of 3 articles left out in turn" in body
    assert "All of it comes from 3 articles" in body
    assert "/help/methods/#intervals" in body


def test_why_there_is_no_interval_is_said(client: Client, project: Project) -> None:
    body = client.get(answered(project, (3, 3))).content.decode()
    assert "No 95 % interval: The units come from one article" in body
    assert "All of it comes from" not in body


def test_a_week_by_itself(client: Client, project: Project) -> None:
    round_ = make_weeks(project, 12, 0)
    page = client.get(f"/p/{project.slug}/agreement/{round_.pk}/stance/?stratum=week:2026-W03")
    assert page.context["question"].percent_agreement.value == 0
    assert page.context["question"].pairs[0].n == 12


@pytest.mark.parametrize("place", ["nothing/", "stance/?view=none", "stance/?phase=none", "path:stance/"])
def test_what_is_not_counted_is_not_found(client: Client, project: Project, place: str) -> None:
    round_ = factories.make_round(project, units=1)
    assert client.get(f"/p/{project.slug}/agreement/{round_.pk}/{place}").status_code == 404


def test_hidden_scores_are_hidden_here_too(client: Client, project: Project) -> None:
    round_ = factories.make_round(project, units=1, shows_live_scores=False)
    assert client.get(f"/p/{project.slug}/agreement/{round_.pk}/stance/").status_code == 404
