"""PR-01: reviewers never learn who the others are, whatever they open."""

from __future__ import annotations

import pytest

from claims.models import Reviewer
from tests.security.test_canary import crawl
from tests.security.world import World, routes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_pr_01_names_of_co_reviewers_are_nowhere(world: World, role: str) -> None:
    """Neither the login nor the e-mail of anybody else who labels; what the rest of the team is called is no secret."""
    me = world.people[role]
    others = Reviewer.objects.filter(project=world.project, user__membership__role="reviewer").exclude(user=me)
    hidden = [word for row in others for word in (row.user.username, row.user.email) if row.user and word]
    assert hidden
    client = world.client(role)
    addresses = [world.address(route) for route, _ in routes() if not route.startswith("admin/")]
    for address, response in crawl(client, addresses).items():
        body = response.getvalue() if response.streaming else response.content
        assert [name for name in hidden if name in body.decode("utf-8", "replace")] == [], address


def test_pr_01_the_reviewer_is_a_pseudonym_to_curators_until_it_is_settled(world: World) -> None:
    """The quality page and the API speak of pseudonyms too."""
    curator = world.client("curator")
    bob = Reviewer.objects.get(project=world.project, user__username__startswith="bob")
    assert bob.user is not None
    for path in (f"/p/{world.project.slug}/disputes/", f"/api/v1/rounds/{world.round.pk}/disputes/"):
        assert bob.user.username not in curator.get(path).content.decode()
