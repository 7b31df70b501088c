"""A round that hides the outlet hides it everywhere from its reviewers, and from nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.assignment.actions import close_round
from claims.models import Round
from claims.people.actions import create_token
from tests.factories import (
    PASSWORD,
    make_article,
    make_claim,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
)

pytestmark = pytest.mark.django_db
QUOTE = "The bridge carries 9,000 cars a day"
OUTLET = "Kelpgate Gazette"


def blind_round(**plan: bool) -> Round:
    project = make_project(alice="reviewer", olga="observer")
    article = make_article(project, outlet=make_outlet(project, OUTLET), byline="Iona Marsh")
    make_claim(article, QUOTE)
    return make_round(project, **plan)


def clients(round_: Round, name: str) -> tuple[Client, Client]:
    user, page = member(round_.project, name), Client()
    page.login(username=user.username, password=PASSWORD)
    _, token = create_token(user=user, name="t", scopes=["read", "label"])
    return page, Client(headers={"authorization": f"Bearer {token}"})


def addresses(round_: Round) -> list[tuple[bool, str]]:
    """(by API, address) of everything that shows articles."""
    slug = round_.project.slug
    pk, claim = round_.project.article_set.get().pk, round_.project.claim_set.get().pk
    pages = [f"/p/{slug}/articles/", f"/p/{slug}/articles/{pk}/", f"/p/{slug}/claims/", f"/p/{slug}/claims/{claim}/"]
    api = [f"projects/{slug}/articles/", f"articles/{pk}/", f"projects/{slug}/claims/", f"claims/{claim}/"]
    return [(False, page) for page in pages] + [(True, f"/api/v1/{path}") for path in api]


@pytest.mark.parametrize("hidden", ["hides_outlet", "hides_author", "hides_date"])
def test_reviewers_read_nothing_beside_the_labelling_page_while_a_round_is_blind(hidden: str) -> None:
    round_ = blind_round(**{hidden: True})
    page, api = clients(round_, "alice")
    for by_api, address in addresses(round_):
        answer = (api if by_api else page).get(address)
        assert answer.status_code == 403, address
        assert OUTLET not in answer.content.decode()
    close_round(round_, by=owner_of(round_.project))
    assert all((api if by_api else page).get(address).status_code == 200 for by_api, address in addresses(round_))


def test_the_labelling_page_does_not_hold_what_is_hidden() -> None:
    round_ = blind_round(hides_outlet=True, hides_author=True)
    page, api = clients(round_, "alice")
    unit_page = page.post(f"/p/{round_.project.slug}/rounds/{round_.pk}/label/").headers["Location"]
    seen = page.get(unit_page).content.decode()
    assert QUOTE in seen
    assert OUTLET not in seen
    assert "Iona Marsh" not in seen
    unit = unit_page.rstrip("/").rsplit("/", 1)[1]
    given = api.get(f"/api/v1/rounds/{round_.pk}/units/{unit}/").content.decode()
    assert QUOTE in given
    assert OUTLET not in given
    assert "Iona Marsh" not in given


@pytest.mark.parametrize("name", ["carol", "olga"])
def test_those_who_do_not_review_go_on_reading(name: str) -> None:
    round_ = blind_round(hides_outlet=True)
    page, api = clients(round_, name)
    assert all((api if by_api else page).get(address).status_code == 200 for by_api, address in addresses(round_))


def test_an_open_round_that_hides_nothing_stops_nobody() -> None:
    round_ = blind_round()
    page, api = clients(round_, "alice")
    assert all((api if by_api else page).get(address).status_code == 200 for by_api, address in addresses(round_))
