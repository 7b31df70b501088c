"""Publications about outlets, ratings by others and proposals, through the API: the same acts as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from claims.models import AuditEvent, ExternalRating, Outlet, Publication
from tests.api.caller import Caller, code
from tests.factories import make_outlet, make_project, make_user, member, owner_of

pytestmark = pytest.mark.django_db


def prepared(outlet: Outlet, **columns: Any) -> Publication:
    plan = {"n": 1, "snapshot": {"figures": []}, "n_reviewers": 3, "letter": "Dear Tidal Post"}
    row: Publication = Publication.objects.create(
        outlet=outlet, reply_until=timezone.now(), **{"state": "awaiting_reply", **plan, **columns}
    )
    return row


def test_it_works_from_the_reply_to_two_approvals_and_the_end() -> None:
    project = make_project(clio="curator", dora="curator", olga="observer")
    outlet = make_outlet(project)
    prepared(outlet)
    clio, dora = Caller(member(project, "clio")), Caller(member(project, "dora"))
    address = f"outlets/{outlet.pk}/publications/"
    assert code(clio.post(f"{address}1/", {"act": "respond", "text": "We looked."})) == "no_reply"
    replied = clio.post(f"{address}1/", {"act": "reply", "text": "We disagree.", "disputed": "The bridge."})
    assert (replied.json()["reply"], replied.json()["disputed"]) == ("We disagree.", "The bridge.")
    assert clio.post(f"{address}1/", {"act": "respond", "text": "Checked."}).json()["state"] == "in_approval"
    assert clio.post(f"{address}1/", {"act": "approve"}).json()["approvals"] == 1
    assert code(clio.post(f"{address}1/", {"act": "approve"})) == "second_person_needed"
    assert dora.post(f"{address}1/", {"act": "approve"}).json()["state"] == "published"
    corrected = clio.post(f"{address}1/", {"act": "correct", "text": "Nine, not ten."}).json()["corrections"]
    assert [one["notice"] for one in corrected] == ["Nine, not ten."]
    assert clio.post(f"{address}1/", {"act": "withdraw", "text": "By request."}).json()["state"] == "withdrawn"
    assert [row["n"] for row in Caller(member(project, "olga")).get(address).json()["results"]] == [1]
    assert Caller(member(project, "olga")).post(f"{address}1/", {"act": "approve"}).status_code == 403
    assert clio.post(f"{address}2/", {"act": "approve"}).status_code == 404
    assert Caller(make_user()).post(f"{address}1/", {"act": "approve"}).status_code == 404


def test_figures_without_enough_people_are_not_begun() -> None:
    project = make_project()
    outlet = make_outlet(project)
    carol, address = Caller(owner_of(project)), f"outlets/{outlet.pk}/publications/"
    assert code(carol.post(address, {"letter": " ", "days": 14})) == "letter_missing"
    assert code(carol.post(address, {"letter": "Dear all", "days": 0})) == "invalid_deadline"
    refused = carol.post(address, {"letter": "Dear all", "days": 14})
    assert refused.status_code == 422
    assert not Publication.objects.exists()


def test_a_hold_is_the_owners() -> None:
    project = make_project(clio="curator")
    outlet = make_outlet(project)
    address = f"outlets/{outlet.pk}/hold/"
    assert Caller(member(project, "clio")).put(address, {"is_held": True}).status_code == 403
    carol = Caller(owner_of(project))
    assert carol.put(address, {"is_held": True}).json() == {"is_held": True}
    assert Outlet.objects.get(pk=outlet.pk).held_at is not None
    assert carol.put(address, {"is_held": False}).status_code == 200
    assert Outlet.objects.get(pk=outlet.pk).held_at is None
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))[-2:] == [
        "hold_outlet",
        "release_hold",
    ]


def test_a_list_of_ratings_goes_in_with_a_report() -> None:
    project = make_project()
    make_outlet(project, "Tidal Post")
    carol, address = Caller(owner_of(project)), f"projects/{project.slug}/outlet-ratings/"
    plan = {
        "rater": "Press Panel",
        "content": "source,bias,factual_reporting\nTidal Post,center,\nNowhere Times,left,\n",
    }
    report = carol.post(address, plan).json()
    assert (report["read"], report["kept"], report["unknown_outlets"], report["errors"]) == (2, 1, 1, [])
    assert carol.post(address, plan).json()["kept"] == 0
    [row] = carol.get(address).json()["results"]
    assert (row["outlet"], row["rater"], row["raw"]) == ("Tidal Post", "Press Panel", "center")
    assert ExternalRating.objects.count() == 1


def test_outlets_of_one_name_are_proposed_until_somebody_says_that_they_are_two() -> None:
    project = make_project()
    one, two = make_outlet(project, "Tidal Post"), make_outlet(project, "Tidal Post 2")
    carol, address = Caller(owner_of(project)), f"projects/{project.slug}/outlet-proposals/"
    [pair] = carol.get(address).json()["merges"]
    assert {pair["kept"]["id"], pair["other"]["id"]} == {one.pk, two.pk}
    assert carol.post(f"{address}apart/", {"kept": one.pk, "other": two.pk}).status_code == 204
    assert carol.get(address).json()["merges"] == []
    foreign = make_outlet(make_project())
    assert carol.post(f"{address}apart/", {"kept": one.pk, "other": foreign.pk}).status_code == 404
