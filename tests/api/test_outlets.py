"""Outlets over the API: the same actions as on the pages, and figures with their reasons."""

from __future__ import annotations

import pytest

from claims.credibility.tallies import derive
from claims.models import AttributionHop
from tests.api.caller import Caller
from tests.factories import make_article, make_claim, make_outlet, make_project, member, owner_of

pytestmark = pytest.mark.django_db


def test_it_works_from_the_list_to_the_figures() -> None:
    project = make_project()
    outlet = make_outlet(project)
    article = make_article(project, outlet=outlet, state="split")
    make_claim(article, "The bridge carries 9,000 cars a day.")
    derive([article.pk])
    owner = Caller(owner_of(project))
    listed = owner.get(f"projects/{project.slug}/outlets/?q=tidal").json()["results"]
    assert [row["id"] for row in listed] == [outlet.pk]
    assert owner.post(f"outlets/{outlet.pk}/confirm/", {}).json()["confirmed_at"] is not None
    found = owner.get(f"outlets/{outlet.pk}/").json()
    voice = next(figure for figure in found["figures"] if figure["outcome"] == "author_voice")
    assert (voice["n"], voice["value"], voice["reason"]) == (1, None, "too_few")
    assert found["frames"]["voice"] == [{"round": None, "probability": 1.0, "n": 1}]


def test_a_merge_and_its_undoing() -> None:
    project = make_project()
    kept, merged = make_outlet(project), make_outlet(project, "Orrin Courier")
    owner = Caller(owner_of(project))
    assert owner.post(f"outlets/{merged.pk}/merge/", {"into": kept.pk}).json()["merged_into"] == kept.pk
    assert owner.post(f"outlets/{merged.pk}/merge/", {"into": kept.pk}).status_code == 409
    assert owner.post(f"outlets/{merged.pk}/part/", {}).json()["merged_into"] is None
    assert owner.post(f"outlets/{merged.pk}/merge/", {"into": make_outlet(make_project()).pk}).status_code == 404


def test_reviewers_are_not_shown_what_outlets_are_worth() -> None:
    project = make_project(alice="reviewer")
    outlet = make_outlet(project)
    alice = Caller(member(project, "alice"))
    for address in (
        f"outlets/{outlet.pk}/",
        f"projects/{project.slug}/outlets/",
        f"projects/{project.slug}/citations/",
    ):
        assert alice.get(address).status_code == 403


def test_who_cites_whom() -> None:
    project = make_project()
    article = make_article(project, outlet=make_outlet(project), state="split")
    claim = make_claim(article, "The bridge carries 9,000 cars a day.", source="the Harbour Ministry", cue="said")
    AttributionHop.objects.create(
        occurrence_version=claim.versions.get(), n=1, source_text="Orrin Courier", mode="indirect"
    )
    edges = Caller(owner_of(project)).get(f"projects/{project.slug}/citations/").json()["edges"]
    assert {(edge["citing"], edge["cited"]) for edge in edges} == {
        ("Tidal Post", "Orrin Courier"),
        ("Orrin Courier", "Harbour Ministry"),
    }


def test_a_composite_is_switched_on_with_a_reason() -> None:
    project = make_project(olga="observer")
    outlet = make_outlet(project)
    owner, olga = Caller(owner_of(project)), Caller(member(project, "olga"))
    assert owner.get(f"outlets/{outlet.pk}/score/").json()["reason"] == "switched_off"
    address = f"projects/{project.slug}/score-formula/"
    assert owner.get(address).json() == {"version": 0, "is_on": False, "weights": {}, "rationale": ""}
    asked = {"expected_version": 0, "is_on": True, "weights": {"corrections": 5}, "rationale": "Our readers ask."}
    assert olga.post(address, asked).status_code == 403
    assert owner.post(address, asked).json()["version"] == 1
    assert owner.post(address, asked).status_code == 409
    found = olga.get(f"outlets/{outlet.pk}/score/").json()
    assert (found["value"], found["reason"], found["formula"]["version"]) == (None, "outlet_not_confirmed", 1)
    assert [(row["criterion"], row["state"]) for row in found["components"]] == [
        ("corrections", "insufficient_evidence")
    ]
