"""Consent by API: the same rules as on the page (tests/people/test_consent.py)."""

from __future__ import annotations

import pytest

from claims.models import Consent, Reviewer
from tests.api.caller import Caller, code
from tests.factories import make_project, make_round, member, owner_of

pytestmark = pytest.mark.django_db


def test_it_is_published_read_accepted_and_withdrawn() -> None:
    project = make_project(alice="reviewer", olga="observer")
    round_ = make_round(project, units=2)
    owner, alice = Caller(owner_of(project)), Caller(member(project, "alice"))
    address = f"projects/{project.slug}/consent/"
    none = {"n": 0, "text": "", "published_at": None, "has_accepted": False}
    assert alice.get(address).json() == none
    assert code(alice.put(address, {"text": "Read on."})) == "role_not_allowed"
    published = owner.put(address, {"text": "Answers are kept under a pseudonym."}).json()
    assert (published["n"], published["has_accepted"]) == (1, False)
    assert code(alice.post(f"rounds/{round_.pk}/next/")) == "consent_missing"
    assert code(alice.post(f"{address}own/", {"n": 2})) == "consent_changed"
    assert alice.post(f"{address}own/", {"n": 1}).json()["has_accepted"] is True
    assert alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    assert alice.send("DELETE", f"{address}own/").status_code == 204
    assert code(alice.post(f"rounds/{round_.pk}/next/")) == "consent_missing"
    assert list(Consent.objects.order_by("pk").values_list("verb", flat=True)) == ["accepted", "withdrawn"]
    assert Reviewer.objects.get(user=member(project, "alice")).consented_to == 0
    assert owner.put(address, {"text": ""}).json()["n"] == 0


def test_observers_read_it_and_have_nothing_to_accept() -> None:
    project = make_project(olga="observer")
    olga = Caller(member(project, "olga"))
    assert olga.get(f"projects/{project.slug}/consent/").status_code == 200
    assert code(olga.post(f"projects/{project.slug}/consent/own/", {"n": 1})) == "role_not_allowed"
