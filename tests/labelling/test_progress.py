"""How far a reviewer is: by their own work alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from claims.labelling.progress import minutes_for, standing_in
from claims.models import Round, RoundReviewer
from tests.factories import label_next, make_project, make_round, member, reviewer


def walk_of(round_: Round, name: str) -> RoundReviewer | None:
    return RoundReviewer.objects.filter(round=round_, reviewer=reviewer(round_.project, name)).first()


@pytest.mark.parametrize(
    ("units", "seconds", "minutes"),
    [(10, [30] * 5, 5), (10, [20, 30, 30, 40, 3_600], 5), (1, [20] * 9, 1), (0, [30] * 9, None), (10, [30] * 4, None)],
)
def test_time_left_is_by_the_median_of_enough_answers(units: int, seconds: list[int], minutes: int | None) -> None:
    assert minutes_for(units, seconds) == minutes


@pytest.mark.django_db
def test_it_works_and_does_not_change_with_what_others_do() -> None:
    round_ = make_round(make_project(alice="reviewer", bob="reviewer"), units=4)
    alice, bob = reviewer(round_.project, "alice"), reviewer(round_.project, "bob")
    label_next(round_, alice)
    before = standing_in(round_, alice, walk_of(round_, "alice"), now=timezone.now())
    assert (before.done, before.today, before.most_left, before.minutes) == (1, 1, 3, None)
    while label_next(round_, bob, stance="refutes") is not None:
        pass
    assert standing_in(round_, alice, walk_of(round_, "alice"), now=timezone.now()) == before
    tomorrow = standing_in(round_, alice, walk_of(round_, "alice"), now=timezone.now() + timedelta(days=1))
    assert (tomorrow.done, tomorrow.today) == (1, 0)


@pytest.mark.django_db
def test_a_quota_ends_it_and_the_page_says_it(client: Client) -> None:
    round_ = make_round(make_project(alice="reviewer"), units=4, quota=3)
    label_next(round_, reviewer(round_.project, "alice"))
    client.force_login(member(round_.project, "alice"))
    page = " ".join(client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/").content.decode().split())
    assert "1 of them today" in page
    assert "at most 2 left" in page
