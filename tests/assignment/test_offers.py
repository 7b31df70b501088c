"""Which rounds are shown as having work for whom: what is offered is what would be drawn, and nothing else is."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.assignment.actions import draw_next
from claims.assignment.interests import add_interest
from claims.assignment.offers import rounds_with_work
from claims.errors import Conflict
from claims.models import Article, Outlet, Round
from claims.people.traits import say_traits
from tests.assignment.test_panels import PANEL, outlets_round, stand
from tests.factories import label_next, make_claims, make_project, make_round, member, reviewer

pytestmark = pytest.mark.django_db


def offered(round_: Round, *names: str) -> set[str]:
    """Those of the people to whom the round is shown as having work; the draw says the same of each."""
    found = set()
    for name in names:
        is_offered = rounds_with_work([round_], member(round_.project, name)) == {round_.pk}
        try:
            is_drawn = draw_next(round_, reviewer(round_.project, name)) is not None
        except Conflict:
            is_drawn = False
        assert is_offered == is_drawn, name
        found |= {name} if is_offered else set()
    return found


def test_a_panel_is_offered_to_the_camps_that_have_a_free_seat() -> None:
    project = make_project(**dict.fromkeys(("alice", "bob", "dora", "emil"), "reviewer"))
    round_ = make_round(project, units=1, overlap=3, panel=PANEL)
    stand(project, alice="left", bob="left", dora="right")
    assert offered(round_, "alice", "bob", "dora", "emil") == {"alice", "dora"}  # one seat on the left; Emil says none


def test_a_language_is_offered_to_who_reads_it() -> None:
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    make_claims(project, 2)
    Article.objects.update(language="de-AT")
    round_ = make_round(project, overlap=3, matches_languages=True)
    say_traits(reviewer(project, "alice"), by=member(project, "alice"), languages=["de"])
    say_traits(reviewer(project, "bob"), by=member(project, "bob"), languages=["tr"])
    assert offered(round_, "alice", "bob", "dora") == {"alice"}


def test_what_touches_an_interest_is_not_offered() -> None:
    round_, _ = outlets_round()
    project = round_.project
    alice, by = reviewer(project, "alice"), member(project, "alice")
    for outlet in Outlet.objects.filter(project=project):
        add_interest(alice, by=by, outlet=outlet)
    assert offered(round_, "alice", "bob") == {"bob"}


def test_an_interest_leaves_the_rest_and_the_home_page_says_when_it_is_done(client: Client) -> None:
    round_, place = outlets_round()
    project = round_.project
    alice, by = reviewer(project, "alice"), member(project, "alice")
    add_interest(alice, by=by, outlet=Outlet.objects.get(pk=place["outlet"]))
    add_interest(alice, by=by, entity="harbour board")
    assert rounds_with_work([round_], by) == {round_.pk}
    assert label_next(round_, alice) is not None
    assert rounds_with_work([round_], by) == set()
    client.force_login(by)
    page = client.get(f"/p/{project.slug}/rounds/{round_.pk}/").content.decode()
    assert "You are done here" in page
