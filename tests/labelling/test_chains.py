"""Answers that are chains of sources: how they are stored, and that nothing sorts them."""

from __future__ import annotations

import pytest

from claims.errors import Refused
from claims.labelling.answers import Submission, check_submission
from claims.labelling.chain import verify_labels
from claims.labelling.codebook import collapse, load_preset, spec_from_toml
from claims.labelling.codebook_text import to_toml
from claims.labelling.overruled import overruled_answers
from claims.labelling.unchanged import says_the_same
from claims.models import Label, Round, SettledLabel, Unit
from tests.factories import (
    answers_for,
    label_next,
    make_codebook,
    make_project,
    make_round,
    owner_of,
    reviewer,
)

pytestmark = pytest.mark.django_db
CHAIN = ["the Ministry of Defence", "Rudaw", "Anadolu"]


@pytest.fixture
def round_() -> Round:
    project = make_project(alice="reviewer", bob="reviewer")
    return make_round(project, units=2, codebook=make_codebook(project, "attribution"))


def answer(round_: Round, who: str, chain: list[str]) -> Unit:
    said = {"attribution_presence": "attributed", "attribution_chain": chain}
    unit = label_next(round_, reviewer(round_.project, who), **said)
    assert unit is not None
    return unit


def test_it_works_in_the_order_given(round_: Round) -> None:
    answer(round_, "alice", ["  the Ministry\u00a0of\tDefence", "Rudaw ", "Anadolu"])
    assert Label.objects.get(question="attribution_chain").value == CHAIN
    assert [*verify_labels(round_.project)] == []


def test_letters_are_composed_and_too_many_sources_are_refused_with_their_place(round_: Round) -> None:
    unit = answer(round_, "alice", ["Cafe\u0301"])
    assert Label.objects.get(question="attribution_chain").value == ["Café"]
    given = answers_for(round_, attribution_presence="attributed", attribution_chain=["Rudaw", "n" * 201, *["x"] * 7])
    with pytest.raises(Refused) as caught:
        check_submission(round_, unit, Submission(given))
    assert [problem.code for problem in caught.value.problems] == ["too_many_hops", "hop_too_long"]
    assert "source 2" in caught.value.sentence


def test_the_same_chain_again_is_no_correction_and_another_order_is(round_: Round) -> None:
    answer(round_, "alice", CHAIN)
    stored = {label.question: {"value": label.value} for label in Label.objects.all()}
    current = {"answers": stored, "notes": {}}
    plain = {code: said["value"] for code, said in stored.items()}
    assert says_the_same(round_, Submission(dict(plain)), current)
    assert not says_the_same(round_, Submission(plain | {"attribution_chain": CHAIN[::-1]}), current)


def test_no_view_sorts_it() -> None:
    question = load_preset("attribution").question("attribution_chain")
    assert question is not None
    assert (question.kind, question.level, question.required) == ("chain", "none", False)
    assert collapse(question, CHAIN) == CHAIN


@pytest.mark.parametrize("name", ["attribution", "full"])
def test_a_codebook_that_asks_for_it_is_written_and_read(name: str) -> None:
    spec = load_preset(name)
    assert spec_from_toml(to_toml(spec.document)).sha256 == spec.sha256


def test_two_spellings_of_a_chain_overrule_nobody(round_: Round) -> None:
    first, second = answer(round_, "alice", CHAIN), answer(round_, "alice", CHAIN)
    for unit, value in ((first, ["Ministry of Defence", "RUDAW", "Anadolu."]), (second, ["Rudaw"])):
        SettledLabel.objects.create(
            round=round_, unit=unit, question="attribution_chain", revision=1, outcome="answer", value=value,
            method="expert", created_by=owner_of(round_.project),
        )  # fmt: skip
    Round.objects.filter(pk=round_.pk).update(state="closed")
    [told] = overruled_answers(reviewer(round_.project, "alice"))
    assert (told.mine, told.settled) == (" → ".join(CHAIN), "Rudaw")
