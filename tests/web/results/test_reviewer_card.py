"""The page of one reviewer's work, and what the reviewer sees of it."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.models import WorkReview
from tests import factories
from tests.adjudication.panels import cleo_drifts, make_panel

pytestmark = pytest.mark.django_db


def test_it_works_who_drifts_is_seen_on_both_pages(client: Client) -> None:
    project, _ = make_panel(cleo_drifts)
    client.force_login(factories.owner_of(project))
    cleo = factories.reviewer(project, "cleo")
    rows = {row.reviewer.pk: flags for row, flags in client.get(f"/p/{project.slug}/reviewers/").context["rows"]}
    assert "drift" in rows[cleo.pk]
    assert "drift" not in rows[factories.reviewer(project, "alice").pk]
    page = client.get(f"/p/{project.slug}/reviewers/{cleo.pk}/").content.decode()
    for part in ("fell from week 2026-W04 on", "<polyline", "As a table", "Harsher or milder"):
        assert part in page
    assert "style=" not in page


def test_an_act_is_told_and_answered(client: Client) -> None:
    project = factories.make_project(bob="reviewer")
    bob = factories.reviewer(project, "bob")
    address = f"/p/{project.slug}/reviewers/{bob.pk}/"
    client.force_login(factories.owner_of(project))
    assert client.post(address, {"kind": "message", "words": ""}).status_code == 422
    done = client.post(address, {"kind": "message", "words": "Look at <b>section 4</b>."})
    assert (done.status_code, done["Location"]) == (303, address)
    review = WorkReview.objects.get()
    client.force_login(factories.member(project, "bob"))
    shown = client.get(f"/p/{project.slug}/my-labels/").content.decode()
    assert "Look at &lt;b&gt;section 4&lt;/b&gt;." in shown
    reply = client.post(f"/p/{project.slug}/my-labels/reply/{review.pk}/", {"words": "I did."})
    assert reply.status_code == 303
    assert "Your reply:" in client.get(f"/p/{project.slug}/my-labels/").content.decode()
    client.force_login(factories.owner_of(project))
    assert "replied:" in client.get(address).content.decode()


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_refused(client: Client, day: str) -> None:
    project = factories.make_project(bob="reviewer")
    client.force_login(factories.owner_of(project))
    sent = {"kind": "void_range", "words": "x", "first_day": day, "last_day": day}
    answer = client.post(f"/p/{project.slug}/reviewers/{factories.reviewer(project, 'bob').pk}/", sent)
    assert (answer.status_code, "is not a date" in answer.content.decode()) == (422, True)
