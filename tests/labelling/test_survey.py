"""Blind surveys: the outlet is not named, and its sample is balanced and the same for everybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from claims.assignment.draw import draw_next
from claims.labelling.queries import label_context
from claims.labelling.survey import HEADLINES, hider, survey_of
from claims.models import Outlet, OutletAlias, OutletDomain, Project, Round, Unit
from tests.api.caller import Caller
from tests.factories import (
    PASSWORD,
    label,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    reviewer,
)

pytestmark = pytest.mark.django_db


def surveyed() -> tuple[Project, Outlet, Round]:
    """An outlet with twelve articles of January and one of each of three other months."""
    project = make_project(alice="reviewer", bob="reviewer")
    outlet = make_outlet(project)
    OutletAlias.objects.create(project=project, outlet=outlet, name="The Post")
    OutletDomain.objects.create(project=project, outlet=outlet, domain="tidalpost.example")
    months = [*[1] * 12, 2, 3, 4]
    for n, month in enumerate(months):
        article = make_article(
            project,
            f"Tidal Post tells story {n} of month {month}\n\nThe dam {n} leaks, tidalpost.example says.",
            outlet=outlet,
            state="split",
            published_at=datetime(2026, month, 9, tzinfo=UTC),
            published_how="stated",
        )
        make_claim(article, f"The dam {n} leaks, tidalpost.example says.")
    plan = {"unit_kind": "outlet", "hides_outlet": True, "overlap": 2, "questions": ["bias_frame", "outlet_bias"]}
    return project, outlet, make_round(project, codebook=make_codebook(project, "outlet"), **plan)


def test_the_sample_is_spread_over_months_and_stays() -> None:
    project, outlet, round_ = surveyed()
    version = outlet.versions.get()
    first = survey_of(round_, version)
    months = [headline.rsplit(" ", 1)[1] for headline in first.headlines]
    assert sorted(months[:4]) == ["1", "2", "3", "4"]  # a month has its turn before January has its second
    assert len(first.headlines) == HEADLINES
    make_article(project, "A late story\n\nIts text.", outlet=outlet)
    assert survey_of(round_, version) == first
    assert survey_of(Round(pk=round_.pk, seed=round_.seed + 1, opened_at=round_.opened_at), version) != first


def test_nothing_that_a_reviewer_receives_names_the_outlet() -> None:
    project, _, round_ = surveyed()
    alice = reviewer(project, "alice")
    drawn = draw_next(round_, alice)
    assert drawn is not None
    context = label_context(round_, drawn.unit_id, alice)
    assert context.outlet is None
    page = Client()
    page.login(username=member(project, "alice").username, password=PASSWORD)
    address = f"/p/{project.slug}/rounds/{round_.pk}/label/{drawn.unit_id}/"
    shown = page.get(address)
    told = Caller(member(project, "alice")).get(f"rounds/{round_.pk}/units/{drawn.unit_id}/")
    assert (shown.status_code, told.status_code) == (200, 200)
    label(round_, Unit.objects.get(), alice, outlet_bias="center")
    own = page.get(f"/p/{project.slug}/my-labels/")
    for received in (shown, told, own):
        text = received.content.decode().casefold()
        assert "tidal post" not in text
        assert "tidalpost" not in text
    assert "story" in shown.content.decode()
    assert len(told.json()["survey"]["claims"]) == 10


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("The TIDAL  Post says", "The […] says"),
        ("Tidal Postal services", "Tidal Postal services"),
        ("tidalpost.example/a", "[…]/a"),
        ("Tidal Post North opens", "[…] opens"),
    ],
)
def test_names_are_hidden_as_words(text: str, hidden: str) -> None:
    assert hider(["Tidal Post", "Tidal Post North", "tidalpost.example"]).sub("[…]", text) == hidden
