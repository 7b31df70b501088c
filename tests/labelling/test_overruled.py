"""Answers that were settled otherwise, as the reviewer who gave them reads it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from claims.labelling.overruled import overruled_answers
from claims.models import Round, SettledLabel, Unit
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_() -> Round:
    project = make_project(alice="reviewer", bob="reviewer")
    codebook = make_codebook(project, "factcheck")
    return make_round(project, units=1, codebook=codebook, questions=["verifiability", "claim_kind"])


def settled_otherwise(round_: Round, **outcome: Any) -> None:
    """Alice says that the claim is a number and a quotation; the round is closed."""
    said = {"verifiability": "verifiable", "claim_kind": ["numerical", "quote"]}
    unit: Unit | None = label_next(round_, reviewer(round_.project, "alice"), **said)
    owner = owner_of(round_.project)
    SettledLabel.objects.create(
        round=round_, unit=unit, question="claim_kind", revision=1, method="expert", created_by=owner, **outcome
    )
    Round.objects.filter(pk=round_.pk).update(state="closed")


def page(round_: Round, client: Client, language: str = "en") -> str:
    client.force_login(member(round_.project, "alice"))
    found = client.get(f"/p/{round_.project.slug}/my-labels/overruled/", headers={"accept-language": language})
    assert found.status_code == 200
    return found.content.decode()


def test_it_works_a_set_is_told_by_the_names_of_its_choices(round_: Round) -> None:
    settled_otherwise(round_, outcome="answer", value=["causal", "numerical"])
    [row] = overruled_answers(reviewer(round_.project, "alice"))
    names = {
        choice.code: choice.label for choice in round_.codebook_version.questions.get(code="claim_kind").choices.all()
    }
    assert row.mine.split(", ") == [names[code] for code in names if code in ("numerical", "quote")]
    assert row.settled.split(", ") == [names[code] for code in names if code in ("causal", "numerical")]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("slip", "A slip."),
        ("guideline_gap", "The guideline does not say."),
        ("ambiguous", "The text can be read in several ways."),
        ("legitimate_disagreement", "Careful people may differ here."),
        ("none", "no reason given"),
    ],
)
def test_a_reason_is_told_also_without_a_rationale(round_: Round, client: Client, reason: str, words: str) -> None:
    settled_otherwise(round_, outcome="answer", value=["causal"], reason_code=reason)
    shown = page(round_, client)
    assert words in shown
    assert ("no reason given" in shown) is (reason == "none")


def test_all_answers_were_wrong_in_the_language_of_the_reader(round_: Round, client: Client) -> None:
    settled_otherwise(round_, outcome="all_wrong", reason_code="slip", rationale="See section 2.")
    assert "none of the answers" in page(round_, client)
    assert "keine der Antworten" in page(round_, client, "de")
    assert "Ein Versehen. See section 2." in page(round_, client, "de")
