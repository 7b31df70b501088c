"""Names of people in chains of sources go with an article that is taken down, and the hash chains still verify."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.agreement.marks import mark_figures
from claims.importing.takedown import take_down_article
from claims.labelling.chain import verify_labels
from claims.labelling.queries import own_events
from claims.labelling.submission import revise_label
from claims.models import Article, Draft, Label, LabelEvent, Round, SecondSettlement, SettledLabel
from tests.api.caller import Caller
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
QUOTE = "Inspectors found 14 broken bolts"
ALICE, BOB, SETTLED = ["Mara Quill", "Tidal Post"], ["mara quill", "Orrin Courier"], ["Mara Quill", "Nils Farrow"]
NAMES = ("quill", "tidal", "orrin", "farrow")


@pytest.fixture
def round_() -> Round:
    """One claim; Alice and Bob agree on who said it and not on who passes it on; two curators settle it."""
    project = make_project(alice="reviewer", bob="reviewer", carla="curator")
    make_claim(make_article(project), QUOTE)
    round_ = make_round(project, codebook=make_codebook(project, "attribution"))
    given: dict[str, Any] = {"attribution_presence": "attributed"}
    label_next(round_, reviewer(project, "alice"), **given, attribution_chain=ALICE)
    unit = label_next(round_, reviewer(project, "bob"), **given, attribution_chain=BOB)
    run_jobs()
    assert unit is not None
    first = settle_label(
        round_,
        unit,
        "attribution_chain",
        expected_revision=0,
        outcome="answer",
        value=SETTLED,
        method="expert",
        by=owner_of(project),
    )
    SecondSettlement.objects.create(first=first, outcome="answer", value=ALICE, created_by=member(project, "carla"))
    Draft.objects.create(
        round=round_,
        unit=unit,
        reviewer=reviewer(project, "alice"),
        payload={"x": ALICE},
        client_seq=1,
        saved_at=first.created_at,
    )
    return round_


def take_down(round_: Round) -> None:
    article = Article.objects.get(project=round_.project)
    take_down_article(article, reason="A person asked.", by=owner_of(round_.project), with_claims=True)


def kept() -> str:
    """Everything that the database still says about sources."""
    return json.dumps(
        [
            *LabelEvent.objects.values_list("answers", flat=True),
            *Label.objects.values_list("value", flat=True),
            *SettledLabel.objects.values_list("value", flat=True),
            *SecondSettlement.objects.values_list("value", flat=True),
            *Draft.objects.values_list("payload", flat=True),
        ]
    ).casefold()


def test_it_works_names_go_and_what_they_show_of_agreement_stays(round_: Round) -> None:
    before = mark_figures(round_)
    assert all(name in kept() for name in NAMES)
    take_down(round_)
    assert not any(name in kept() for name in NAMES)
    alice, bob = Label.objects.filter(question="attribution_chain").order_by("event")
    assert alice.value == ["Taken down 1", "Taken down 2"]
    assert bob.value == ["Taken down 1", "Taken down 3"]
    assert SettledLabel.objects.get().value == ["Taken down 1", "Taken down 4"]
    assert SecondSettlement.objects.get().value == ["Taken down 1", "Taken down 2"]
    assert before == mark_figures(round_)
    call_command("verify_labels", stdout=io.StringIO())


def test_other_articles_and_take_downs_that_keep_the_claims_keep_the_names(round_: Round) -> None:
    other = make_article(round_.project, "Another report\n\nNothing was found.")
    owner = owner_of(round_.project)
    take_down_article(other, reason="A person asked.", by=owner, with_claims=True)
    take_down_article(Article.objects.exclude(pk=other.pk).get(), reason="A person asked.", by=owner)
    assert all(name in kept() for name in NAMES)


def test_pages_and_the_api_name_nobody_any_more(round_: Round, client: Client) -> None:
    take_down(round_)
    slug, unit, owner = round_.project.slug, Label.objects.all()[0].unit_id, owner_of(round_.project)
    for user, address in (
        (owner, f"/p/{slug}/rounds/{round_.pk}/settle/{unit}/attribution_chain/"),
        (owner, f"/p/{slug}/disputes/?round={round_.pk}&settled=1"),
        (member(round_.project, "alice"), f"/p/{slug}/my-labels/"),
    ):
        client.force_login(user)
        page = client.get(address)
        assert page.status_code == 200, address
        assert not any(name in page.content.decode().casefold() for name in NAMES), address
    own = Caller(member(round_.project, "alice")).get(f"rounds/{round_.pk}/labels/")
    assert own.status_code == 200, own.content
    assert "Taken down 1" in own.content.decode()
    assert not any(name in own.content.decode().casefold() for name in (*NAMES, "salt", "digest"))


def test_a_name_is_as_safe_from_change_as_it_was(round_: Round) -> None:
    """The hash covers names by their digest: another name, or a false stand-in, is a fault."""
    event = LabelEvent.objects.earliest("pk")
    salted = event.answers["attribution_chain"]
    assert salted.keys() == {"value", "salt"}
    for changed in (
        {"value": ["Somebody Else", "Tidal Post"], "salt": salted["salt"]},
        {"value": ["Somebody Else"], "digest": "00"},
        {"value": ["Taken down 1"], "digest": "00"},
        {"value": ALICE},
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            LabelEvent.objects.filter(pk=event.pk).update(answers=event.answers | {"attribution_chain": changed})
            assert [fault.seq for fault in verify_labels(round_.project)] == [event.seq], changed
            LabelEvent.objects.filter(pk=event.pk).update(answers=event.answers)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert list(verify_labels(round_.project)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"value": ["Taken down 1"], "digest": "00"},
        {"value": ["Taken down 1", "Somebody Else"], "digest": "00"},
        {"value": ["Taken down 1", "Taken down 2"]},
        {"value": ["Taken down 1", "Taken down 2"], "digest": "00", "more": 1},
        {"missing": "cannot_judge"},
    ],
)
def test_the_database_lets_names_be_blanked_and_nothing_else(round_: Round, change: dict[str, Any]) -> None:
    event = LabelEvent.objects.earliest("pk")
    for answers in (event.answers | {"attribution_chain": change}, event.answers | {"source_kind": {"value": "x"}}, {}):
        with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
            LabelEvent.objects.filter(pk=event.pk).update(answers=answers)
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        LabelEvent.objects.filter(pk=event.pk).update(seconds=1)
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        SettledLabel.objects.update(value=["Somebody", "Else"])
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        SecondSettlement.objects.update(rationale="x")


def test_a_correction_that_says_the_same_is_still_none(round_: Round) -> None:
    [entry] = own_events(reviewer(round_.project, "alice"))
    receipt = revise_label(
        round_,
        entry.unit,
        entry.reviewer,
        answers={code: answer["value"] for code, answer in entry.answers.items()},
        expected_seq=entry.seq,
        codebook_version_id=round_.codebook_version_id,
        idempotency_key="the-same-again",
    )
    assert receipt.unchanged
    assert LabelEvent.objects.count() == 2
