"""Settlements that two curators make without seeing each other's."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.adjudication.second import chosen, curators_agreement, settle_second, waiting_for_second
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.models import Project, Round, SecondSettlement, SettledLabel, User
from tests import factories
from tests.agreement.builders import label_all
from tests.api.caller import Caller, code

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", clio="curator", dora="curator")


@pytest.fixture
def clio(project: Project) -> User:
    return factories.member(project, "clio")


@pytest.fixture
def dora(project: Project) -> User:
    return factories.member(project, "dora")


@pytest.fixture
def round_(project: Project, clio: User) -> Round:
    """Three disputes, all of which Clio settled as supported."""
    round_ = factories.make_round(project, units=3, codebook=factories.make_codebook(project, "stance"))
    label_all(round_, project, alice=["supports"] * 3, bob=["refutes"] * 3)
    for place in round_.round_units.order_by("position"):
        settle_label(
            round_, place.unit, "stance", expected_revision=0, outcome="answer", value="supports", method="expert",
            by=clio, rationale="Clio's own words",
        )  # fmt: skip
    return round_


def test_it_works(round_: Round, clio: User, dora: User) -> None:
    """Two alike, one not: 2 / 3, and alpha 1 - (1/3) / (2 x 5 x 1 / (6 x 5)) = 0."""
    assert waiting_for_second(round_, clio, one_in=1) == []
    waiting = waiting_for_second(round_, dora, one_in=1)
    for first, value in zip(waiting, ("supports", "supports", "refutes"), strict=True):
        settle_second(first, outcome="answer", value=value, by=dora, one_in=1)
    assert waiting_for_second(round_, dora, one_in=1) == []
    found = curators_agreement(round_, clio, one_in=1)
    assert (found.n, found.same, found.waiting) == (3, 2, 0)
    assert found.alpha.value == pytest.approx(0)
    assert set(SettledLabel.objects.values_list("value", flat=True)) == {"supports"}


def test_about_a_tenth_is_drawn_and_the_same_again(project: Project, round_: Round) -> None:
    template = SettledLabel.objects.filter(round=round_)[0]
    unit = template.unit
    SettledLabel.objects.bulk_create(
        SettledLabel(
            round=round_, unit=unit, question=f"q{n}", revision=1, outcome="no_agreement", method="expert",
            created_by=template.created_by,
        )
        for n in range(1000)
    )  # fmt: skip
    drawn = chosen(round_)
    assert drawn == chosen(round_)
    assert 70 < len(drawn) < 130  # binomial, 1003 of one in ten: 100 -+ 3 x 9.5


def test_majorities_are_not_drawn(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    SettledLabel.objects.create(
        round=round_, unit=round_.round_units.get().unit, question="stance", revision=1, outcome="no_agreement",
        method="majority", created_by=factories.owner_of(project),
    )  # fmt: skip
    assert chosen(round_, one_in=1) == []


def test_nobody_settles_their_own_again(round_: Round, clio: User) -> None:
    first = SettledLabel.objects.filter(round=round_)[0]
    with pytest.raises(NotPermitted):
        settle_second(first, outcome="no_agreement", by=clio, one_in=1)


def test_what_is_not_drawn_is_not_found(round_: Round, dora: User) -> None:
    first = SettledLabel.objects.filter(round=round_)[0]
    with pytest.raises(NotFound):
        settle_second(first, outcome="no_agreement", by=dora, one_in=1 << 27)


def test_an_answer_must_be_one_that_could_be_given(round_: Round, dora: User) -> None:
    first = SettledLabel.objects.filter(round=round_)[0]
    with pytest.raises(Refused) as refused:
        settle_second(first, outcome="answer", value="maybe", by=dora, one_in=1)
    assert refused.value.code == "unknown_value"


def test_it_is_done_once_and_never_changed(round_: Round, dora: User, project: Project) -> None:
    first = SettledLabel.objects.filter(round=round_)[0]
    second = settle_second(first, outcome="no_agreement", by=dora, one_in=1)
    with pytest.raises(Conflict):
        settle_second(first, outcome="no_agreement", by=factories.owner_of(project), one_in=1)
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        second.delete()
    assert SecondSettlement.objects.count() == 1


def test_the_page_hides_what_was_decided_and_by_whom(
    client: Client, round_: Round, dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = chosen(round_, one_in=1)
    monkeypatch.setattr("claims.adjudication.second.chosen", lambda _, *, one_in: everything)
    client.force_login(dora)
    address = f"/p/{round_.project.slug}/rounds/{round_.pk}/second/"
    page = client.get(address)
    body = page.content.decode()
    assert "Clio" not in body
    assert {voice.name for group in page.context["detail"].groups for voice in group.voices} == {None}
    first = page.context["second"]
    sent = {"first": first.pk, "decision": "refutes", "expected_revision": "0"}
    assert client.post(address, sent).status_code == 303
    assert SecondSettlement.objects.get().value == "refutes"
    assert client.post(address, sent).status_code == 422


def test_a_program_decides_it_as_blindly(
    round_: Round, dora: User, clio: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = chosen(round_, one_in=1)
    monkeypatch.setattr("claims.adjudication.second.chosen", lambda _, *, one_in: everything)
    caller, address = Caller(dora), f"rounds/{round_.pk}/second/"
    found = caller.get(address).json()
    assert (found["waiting"], found["dispute"]["settled"]) == (3, None)
    assert "Clio" not in str(found)
    place = {"unit": found["dispute"]["unit"], "question": "stance"}
    kept = caller.post(address, {**place, "outcome": "answer", "value": "refutes"})
    assert (kept.status_code, kept.json()) == (201, {"waiting": 2})
    assert SecondSettlement.objects.get().value == "refutes"
    assert code(caller.post(address, {**place, "outcome": "no_agreement"})) == "not_waiting"
    assert Caller(clio).get(address).json() == {"waiting": 0, "dispute": None}
