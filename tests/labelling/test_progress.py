"""How far a reviewer is: by their own work alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from claims.assignment.actions import draw_next
from claims.labelling.progress import minutes_for, standing_in
from tests.factories import label_next, make_project, make_round, member, reviewer


@pytest.mark.parametrize(("units", "seconds", "minutes"), [(10, 30, 5), (1, 20, 1), (0, 30, None), (10, None, None)])
def test_time_left_is_so_many_units_at_ones_pace(units: int, seconds: float | None, minutes: int | None) -> None:
    assert minutes_for(units, seconds) == minutes


@pytest.mark.django_db
def test_the_pace_is_the_median_of_enough_answers() -> None:
    """Of 20, 30, 30, 40 and 3600 seconds the median is 30: four units are two minutes."""
    round_ = make_round(make_project(alice="reviewer"), units=9)
    alice = reviewer(round_.project, "alice")
    for n, seconds in enumerate((20, 30, 30, 40, 3_600)):
        assert standing_in(round_, alice, now=timezone.now()).minutes is None
        label_next(round_, alice, seconds=seconds)
        assert standing_in(round_, alice, now=timezone.now()).today == n + 1
    assert standing_in(round_, alice, now=timezone.now()).minutes == 2


@pytest.mark.django_db
def test_it_works_and_does_not_change_with_what_others_do() -> None:
    round_ = make_round(make_project(alice="reviewer", bob="reviewer"), units=4)
    alice, bob = reviewer(round_.project, "alice"), reviewer(round_.project, "bob")
    label_next(round_, alice)
    before = standing_in(round_, alice, now=timezone.now())
    assert (before.done, before.today, before.most_left, before.minutes) == (1, 1, 3, None)
    while label_next(round_, bob, stance="refutes") is not None:
        pass
    assert standing_in(round_, alice, now=timezone.now()) == before
    tomorrow = standing_in(round_, alice, now=timezone.now() + timedelta(days=1))
    assert (tomorrow.done, tomorrow.today) == (1, 0)


@pytest.mark.django_db
def test_a_quota_ends_it_and_the_page_says_it(client: Client) -> None:
    round_ = make_round(make_project(alice="reviewer"), units=4, quota=3)
    label_next(round_, reviewer(round_.project, "alice"))
    client.force_login(member(round_.project, "alice"))
    page = " ".join(client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/").content.decode().split())
    assert "1 of them today" in page
    assert "at most 2 left" in page


@pytest.mark.django_db
def test_the_labelling_page_says_it_in_one_line_without_pressure(client: Client) -> None:
    round_ = make_round(make_project(alice="reviewer"), units=9)
    alice = reviewer(round_.project, "alice")
    client.force_login(member(round_.project, "alice"))
    for _ in range(5):
        label_next(round_, alice, seconds=45)
    drawn = draw_next(round_, alice)
    assert drawn is not None
    page = client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/label/{drawn.unit_id}/").content.decode()
    shown = " ".join(page.partition('class="quiet nums done"')[2].partition("</p>")[0].split())
    assert "5 today · at most 4 left<" in shown
    assert "· about 3 min<" in shown
    assert "streak" not in page
