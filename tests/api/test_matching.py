"""Relations between claims and the documents they go back to, from a program."""

from __future__ import annotations

import pytest

from claims.matching.actions import suggest_relations
from claims.models import ClaimOccurrence, ClaimRelation, Project, RelationDecision
from tests.api.caller import Caller, code
from tests.factories import make_article, make_claim, make_project, owner_of

pytestmark = pytest.mark.django_db
ONE = "The Lake Ferry carried 900 cars to Sandmouth on Monday"
OTHER = "The Lake Ferry carried 400 cars to Sandmouth on Monday"


@pytest.fixture
def project() -> Project:
    found = make_project()
    left = make_claim(make_article(found, f"Ferry\n\n{ONE}."), ONE)
    make_claim(make_article(found, f"Boat\n\n{OTHER}."), OTHER)
    suggest_relations(left.claim)
    return found


@pytest.fixture
def caller(project: Project) -> Caller:
    return Caller(owner_of(project))


def test_what_is_suggested_is_listed_and_decided_once(project: Project, caller: Caller) -> None:
    at = f"projects/{project.slug}/relations/"
    found = caller.get(f"{at}?relation=undecided&ordering=-score").json()["results"]
    assert [(one["suggested"], one["n"], one["relation"]) for one in found] == [("conflicts_in_detail", 0, "")]
    assert found[0]["differences"] == [{"kind": "number", "left": "900", "right": "400"}]
    pair = found[0]["id"]
    said = caller.post(f"relations/{pair}/", {"relation": "contradicts", "expected": 0, "note": "One is wrong."})
    assert (said.json()["relation"], said.json()["n"]) == ("contradicts", 1)
    assert code(caller.post(f"relations/{pair}/", {"relation": "same", "expected": 0})) == "decided_meanwhile"
    assert caller.get(f"{at}?relation=undecided").json()["results"] == []
    assert RelationDecision.objects.get().note == "One is wrong."


def test_two_claims_are_related_by_hand_as_read_from_the_one(project: Project, caller: Caller) -> None:
    first, second = ClaimOccurrence.objects.filter(project=project).order_by("pk").values_list("claim", flat=True)
    said = caller.post(f"claims/{second}/relate/", {"other": first, "relation": "more_specific"}).json()
    assert (said["left"], said["right"], said["relation"]) == (first, second, "more_general")
    foreign = make_claim(make_article(make_project(), f"Ferry\n\n{ONE}."), ONE).claim_id
    assert caller.post(f"claims/{second}/relate/", {"other": foreign, "relation": "same"}).status_code == 404
    assert ClaimRelation.objects.count() == 1


def test_two_reports_of_one_organisation_are_two_documents(project: Project, caller: Caller) -> None:
    at = f"projects/{project.slug}/documents/"
    first, second = ClaimOccurrence.objects.filter(project=project).order_by("pk")
    report = {"publisher": "Tidal Institute", "title": "Ferry safety", "published": "2025-03"}
    one = caller.post(at, report | {"occurrence": first.pk, "url": "https://tidal.example/report"}).json()
    same = caller.post(at, report | {"occurrence": second.pk, "publisher": "TIDAL institute "}).json()
    later = caller.post(at, report | {"occurrence": second.pk, "published": "2026-03"}).json()
    assert one["id"] == same["id"] != later["id"]
    assert same["claims"] == [first.claim_id, second.claim_id]
    assert [row["id"] for row in caller.get(f"{at}?claim={first.claim_id}").json()["results"]] == [one["id"]]
    assert code(caller.post(at, report | {"occurrence": first.pk, "published": "March"})) == "date_not_understood"
    wrong = caller.post(at, report | {"occurrence": first.pk, "url": "javascript:alert(1)"})
    assert wrong.status_code in (400, 422)
