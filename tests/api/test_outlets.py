"""Outlets over the API: the same actions as on the pages, and figures with their reasons."""

from __future__ import annotations

import pytest

from claims.credibility.tallies import derive
from claims.models import AttributionHop, AuditEvent, Unit
from claims.models.formula import CRITERIA
from tests.api.caller import Caller
from tests.factories import (
    label,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
)

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
    assert owner.get(address).json() == {"version": 0, "is_on": False, "weights": {}, "rationale": "", "camps": {}}
    asked = {"expected_version": 0, "is_on": True, "weights": {"corrections": 5}, "rationale": "Our readers ask."}
    assert olga.post(address, asked).status_code == 403
    assert owner.post(address, asked).json()["version"] == 1
    assert owner.post(address, asked).status_code == 409
    found = olga.get(f"outlets/{outlet.pk}/score/").json()
    assert (found["value"], found["reason"], found["formula"]["version"]) == (None, "outlet_not_confirmed", 1)
    assert [(row["criterion"], row["state"]) for row in found["components"]] == [
        ("corrections", "insufficient_evidence")
    ]


def test_camps_are_declared_by_program_and_told_to_those_who_may_change_them() -> None:
    project = make_project(alice="reviewer", bob="reviewer", olga="observer")
    owner, olga = Caller(owner_of(project)), Caller(member(project, "olga"))
    alice, bob = (reviewer(project, name).pk for name in ("alice", "bob"))
    address = f"projects/{project.slug}/score-formula/"
    asked = {"expected_version": 0, "is_on": True, "weights": {"corrections": 5}, "rationale": "Our readers ask."}
    camps = {str(alice): "north", str(bob): "south"}
    assert owner.post(address, asked | {"camps": camps}).json()["camps"] == camps
    assert owner.post(address, asked | {"expected_version": 1}).json()["camps"] == camps, "they stay unless given"
    assert (owner.get(address).json()["camps"], olga.get(address).json()["camps"]) == (camps, {})
    for wrong in ({"x": "north"}, {"99999999": "north"}, {str(alice): 3}):
        answer = owner.post(address, asked | {"expected_version": 2, "camps": wrong})
        assert answer.status_code in (400, 422), answer.json()
    assert owner.post(address, asked | {"expected_version": 2, "camps": {}}).json()["camps"] == {}


def test_places_are_read_within_camps_and_across() -> None:
    """Left and left of one camp, right of the other: 1 and 5 on the scale, so 3 across."""
    project = make_project(alice="reviewer", bob="reviewer", cleo="reviewer")
    outlet = make_outlet(project)
    round_ = make_round(project, codebook=make_codebook(project, "outlet"), unit_kind="outlet", overlap=3)
    unit = Unit.objects.get(outlet_version__outlet=outlet)
    camps = {}
    for name, place, camp in (("alice", "left", "a"), ("bob", "left", "a"), ("cleo", "right", "b")):
        given = dict.fromkeys(CRITERIA, "insufficient_evidence") | {"outlet_bias": place}
        label(round_, unit, reviewer(project, name), **given)
        camps[reviewer(project, name).pk] = camp
    owner = Caller(owner_of(project))
    [alone] = [row for row in owner.get(f"outlets/{outlet.pk}/places/").json()["axes"] if row["axis"] == "outlet_bias"]
    assert (alone["value"], alone["camps"], alone["reviewers"]) == (pytest.approx(7 / 3), {}, 3)
    words = {"expected_version": 0, "is_on": False, "weights": {"corrections": 5}, "rationale": "Camps alone."}
    owner.post(f"projects/{project.slug}/score-formula/", words | {"camps": camps})
    [across] = [row for row in owner.get(f"outlets/{outlet.pk}/places/").json()["axes"] if row["axis"] == "outlet_bias"]
    assert (across["value"], across["camps"], across["low"]) == (3.0, {"a": 1.0, "b": 5.0}, None)


def test_the_dossier_by_program() -> None:
    project = make_project(olga="observer", alice="reviewer")
    outlet = make_outlet(project)
    olga, alice = Caller(member(project, "olga")), Caller(member(project, "alice"))
    for ending, begins in (("zip", b"PK"), ("pdf", b"%PDF-")):
        answer = olga.get(f"outlets/{outlet.pk}/dossier.{ending}")
        assert answer.headers["Content-Type"] == f"application/{ending}"
        assert answer.getvalue().startswith(begins)
        assert alice.get(f"outlets/{outlet.pk}/dossier.{ending}").status_code == 403
    assert AuditEvent.objects.filter(verb="download_dossier", subject_id=outlet.pk).count() == 2


def test_outlets_are_compared_on_words_or_on_a_claim() -> None:
    project = make_project(olga="observer", alice="reviewer")
    outlets = [make_outlet(project), make_outlet(project, "Orrin Courier")]
    claims = [
        make_claim(make_article(project, f"Dam\n\n{quote}", outlet=outlet, state="split"), quote, source=source)
        for outlet, quote, source in zip(
            outlets, ("The dam holds.", "The dam leaks."), ("", "Keeper Ames"), strict=True
        )
    ]
    olga, address = Caller(member(project, "olga")), f"projects/{project.slug}/comparison/"
    numbers = ",".join(str(outlet.pk) for outlet in outlets)
    found = olga.get(f"{address}?q=dam&outlets={numbers}").json()
    assert found["outlets"] == [outlet.pk for outlet in outlets]
    assert {row["text"]: [saying is None for saying in row["sayings"]] for row in found["rows"]} == {
        "The dam holds.": [False, True],
        "The dam leaks.": [True, False],
    }
    alone = olga.get(f"{address}?claim={claims[0].claim_id}")
    assert (alone.status_code, alone.json()["code"]) == (422, "compare_two_to_five")
    both = olga.get(f"{address}?claim={claims[0].claim_id}&outlets={numbers}").json()["rows"]
    assert [row["text"] for row in both] == ["The dam holds."]
    assert olga.get(f"{address}?q=dam&outlets={outlets[0].pk},{2**40}").status_code == 404
    assert olga.get(f"{address}?q=dam&outlets=a").status_code == 400
    for name in ("claim", "outlets"):
        wrong = olga.get(f"{address}?q=dam&{name}=-4").json()
        assert (wrong["code"], f"The parameter {name} must" in wrong["detail"]) == ("invalid_filter", True)
    assert Caller(member(project, "alice")).get(f"{address}?q=dam&outlets={numbers}").status_code == 403


def test_targets_of_stance_are_listed_and_named() -> None:
    project = make_project()
    make_codebook(project, "outlet")
    caller = Caller(owner_of(project))
    path = f"projects/{project.slug}/stance-targets/"
    assert caller.get(path).json() == {"targets": [], "suggested": []}
    made = caller.post(path, {"kind": "party", "name": "Lake Party"})
    assert made.status_code == 201
    assert made.json()["targets"] == [{"code": "toward_party_lake", "kind": "party", "name": "Lake Party"}]
    again = caller.post(path, {"kind": "party", "name": "the lake party"})
    assert (again.status_code, again.json()["code"]) == (409, "target_named")
