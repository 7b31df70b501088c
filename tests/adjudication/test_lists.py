"""Chains of sources and sets in the queue, on the settle page, by the API, and what chains are left out of."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.adjudication.disputes import Dispute, dispute_detail, disputes
from claims.adjudication.reviewer_quality import OVERRULES
from claims.adjudication.second import curators_agreement, settle_second, waiting_for_second
from claims.errors import Refused
from claims.models import Project, Round, SettledLabel, Unit
from claims.models.statements import fetch_one
from tests import factories
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
CODE = "attribution_chain"
MINISTRY, RUDAW = ["The ministry", "Rudaw"], ["Rudaw"]


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", dan="reviewer", clio="curator", dora="curator")


@pytest.fixture
def round_(project: Project) -> Round:
    """Three units: alike but for the spelling; two against one; all different."""
    round_ = factories.make_round(project, units=3, codebook=factories.make_codebook(project, "attribution"), overlap=3)
    given = {
        "alice": [MINISTRY, MINISTRY, MINISTRY],
        "bob": [["ministry", "RUDAW"], ["the Ministry.", "Rudaw"], RUDAW],
        "dan": [MINISTRY, RUDAW, ["Anadolu"]],
    }
    for name, chains in given.items():
        for chain in chains:
            said = {"attribution_presence": "attributed", CODE: chain}
            factories.label_next(round_, factories.reviewer(project, name), **said)
    factories.run_jobs()
    return round_


def settle(round_: Round, unit: int, value: object, by: str = "clio") -> SettledLabel:
    return settle_label(
        round_, Unit.objects.get(pk=unit), CODE, expected_revision=0, outcome="answer", value=value, method="expert",
        by=factories.member(round_.project, by),
    )  # fmt: skip


def queue(round_: Round, **asked: object) -> list[Dispute]:
    return disputes(round_, **asked)  # type: ignore[arg-type]


def test_it_works_most_divided_first(round_: Round) -> None:
    third, second = queue(round_)
    assert (third.question, third.division, third.counts) == (CODE, 1, (1, 1, 1))
    assert (second.division, second.counts) == (pytest.approx(2 / 3), (2, 1))
    assert second.words == ("The ministry → Rudaw", "Rudaw")
    assert queue(round_, question="act") == []
    assert queue(round_, alone=True) == []


def test_pages_follow_each_other_among_other_questions(project: Project) -> None:
    round_ = factories.make_round(project, units=4, codebook=factories.make_codebook(project, "attribution"))
    for n in range(4):
        for name, act, chain in (("alice", "statement", MINISTRY), ("bob", "denial", RUDAW if n % 2 else MINISTRY)):
            said = {"attribution_presence": "attributed", "act": act, CODE: chain}
            factories.label_next(round_, factories.reviewer(project, name), **said)
    factories.run_jobs()
    whole = queue(round_)
    assert [one.question for one in whole].count(CODE) == 2
    assert len(whole) == 6
    paged: list[Dispute] = []
    while page := queue(round_, after=paged[-1].key if paged else None, limit=2):
        paged += page
    assert paged == whole


def test_alike_chains_are_one_group_and_a_settled_one_leaves_the_queue(round_: Round) -> None:
    third, second = queue(round_)
    detail = dispute_detail(Unit.objects.get(pk=second.unit), round_, CODE)
    assert sorted((group.label, len(group.voices)) for group in detail.groups) == [
        ("Rudaw", 1), ("The ministry → Rudaw", 2),
    ]  # fmt: skip
    settle(round_, second.unit, [" The  ministry", "Rudaw"])
    assert SettledLabel.objects.get().value == MINISTRY
    assert [one.unit for one in queue(round_)] == [third.unit]
    assert [one.unit for one in queue(round_, settled=True)] == [second.unit]


@pytest.mark.parametrize("value", [[], "Rudaw", ["Rudaw", ""], ["x" * 201], ["Rudaw"] * 9, [7]])
def test_what_is_no_chain_is_not_settled(round_: Round, value: object) -> None:
    with pytest.raises(Refused) as caught:
        settle(round_, queue(round_)[0].unit, value)
    assert caught.value.code == "unknown_value"


def test_the_page_settles_with_one_of_them_or_another(client: Client, round_: Round) -> None:
    client.force_login(factories.member(round_.project, "clio"))
    root = f"/p/{round_.project.slug}"
    third, second = queue(round_)
    assert "The ministry → Rudaw" in client.get(f"{root}/disputes/").content.decode()
    address = f"{root}/rounds/{round_.pk}/settle/{second.unit}/{CODE}/"
    offers = {words: value for value, words in client.get(address).context["lists"]}
    assert set(offers) == {"The ministry → Rudaw", "Rudaw"}
    decision = {"decision": offers["The ministry → Rudaw"], "expected_revision": "0"}
    assert client.post(address, decision).status_code == 303
    assert "The ministry → Rudaw <span" in client.get(address).content.decode()
    other = f"{root}/rounds/{round_.pk}/settle/{third.unit}/{CODE}/"
    typed = {"decision": "another_chain", "expected_revision": "0", "chain": "x" * 201}
    refused = client.post(other, typed)
    assert refused.status_code == 422
    assert f"{'x' * 201}</textarea>" in refused.content.decode()
    assert client.post(other, typed | {"chain": "An admiral\nAnadolu"}).status_code == 303
    assert sorted(SettledLabel.objects.values_list("value", flat=True)) == [["An admiral", "Anadolu"], MINISTRY]


def test_the_api_shows_and_settles_them(round_: Round) -> None:
    clio = Caller(factories.member(round_.project, "clio"))
    [third, _] = clio.get(f"rounds/{round_.pk}/disputes/").json()["results"]
    assert (third["question"], third["counts"], len(third["words"])) == (CODE, [1, 1, 1], 3)
    address = f"rounds/{round_.pk}/disputes/{third['unit']}/{CODE}/"
    groups = clio.get(address).json()["groups"]
    assert (RUDAW, "Rudaw") in [(group["value"], group["label"]) for group in groups]
    decision = {"expected_revision": 0, "outcome": "answer", "value": RUDAW}
    answer = clio.post(f"{address}settle/", decision)
    assert (answer.status_code, answer.json()["value"]) == (201, RUDAW)


def test_two_curators_who_spell_a_chain_differently_agree(round_: Round) -> None:
    settle(round_, queue(round_)[0].unit, ["The ministry"])
    dora = factories.member(round_.project, "dora")
    [first] = waiting_for_second(round_, dora, one_in=1)
    settle_second(first, outcome="answer", value=["ministry."], by=dora, one_in=1)
    found = curators_agreement(round_, dora, one_in=1)
    assert (found.n, found.same) == (1, 1)


def test_nobody_is_overruled_by_how_a_chain_is_written(round_: Round) -> None:
    settle(round_, queue(round_)[0].unit, ["An admiral"])
    assert fetch_one(OVERRULES, {"project": round_.project_id, "round": round_.pk}) is None


@pytest.fixture
def sets(project: Project) -> Round:
    """Two units of a question with several choices at once: alike in another order; one choice more."""
    round_ = factories.make_round(project, units=2, codebook=factories.make_codebook(project, "bias"))
    given = {
        "alice": [["lexical", "informational"], ["lexical"]],
        "bob": [["informational", "lexical"], ["lexical", "informational"]],
    }
    for name, answers in given.items():
        for answer in answers:
            said = {"sentence_bias": "biased", "bias_kind": answer}
            factories.label_next(round_, factories.reviewer(project, name), **said)
    factories.run_jobs()
    return round_


def test_sets_that_differ_are_queued_and_settled_on_the_page(client: Client, sets: Round) -> None:
    [found] = queue(sets)
    assert (found.question, found.counts, found.division) == ("bias_kind", (1, 1), 1)
    client.force_login(factories.member(sets.project, "clio"))
    address = f"/p/{sets.project.slug}/rounds/{sets.pk}/settle/{found.unit}/bias_kind/"
    page = client.get(address)
    offers = {words: value for value, words in page.context["lists"]}
    assert set(offers) == set(found.words)
    assert page.content.decode().count('type="checkbox" name="choice"') == len(page.context["choices"])
    empty = client.post(address, {"decision": "chosen", "expected_revision": "0"})
    assert (empty.status_code, "Nothing is chosen yet" in empty.content.decode()) == (422, True)
    ticked = {"decision": "chosen", "choice": ["lexical", "informational"], "expected_revision": "0"}
    assert client.post(address, ticked).status_code == 303
    assert SettledLabel.objects.get().value == ["informational", "lexical"]
    one = next(value for value in offers.values() if "informational" not in value)
    assert client.post(address, {"decision": one, "expected_revision": "1"}).status_code == 303
    assert SettledLabel.objects.latest("pk").value == ["lexical"]
    assert queue(sets) == []


def test_an_empty_set_is_no_answer(sets: Round) -> None:
    with pytest.raises(Refused) as caught:
        settle_label(
            sets, Unit.objects.get(pk=queue(sets)[0].unit), "bias_kind", expected_revision=0, outcome="answer",
            value=[], method="expert", by=factories.member(sets.project, "clio"),
        )  # fmt: skip
    assert caught.value.code == "unknown_value"
