"""The steps of the correction page, from a program."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from claims.models import Article, ClaimOccurrence, Correction
from tests.api.caller import Caller, code, fresh_key
from tests.factories import TEXT, make_article, make_claim, make_project, member, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    row = make_article(make_project(), state="split")
    make_claim(row, "Inspectors found 14 broken bolts, the Tidal Post reported.")
    make_claim(row, "The bridge carries 9,000 cars a day.")
    return row


@pytest.fixture
def caller(article: Article) -> Caller:
    return Caller(owner_of(article.project))


def test_a_program_does_and_undoes_every_step(article: Article, caller: Caller) -> None:
    at = f"articles/{article.pk}/corrections/"
    row = ClaimOccurrence.objects.filter(article=article).earliest("pk")
    versions = {row.pk: 1}

    def step(name: str, body: dict[str, object]) -> list[dict[str, object]]:
        answer = caller.post(f"{at}{name}/", body)
        assert answer.status_code == 200, answer.content
        for one in answer.json()["claims"]:
            versions[one["occurrence"]] = one["version"]
        found: list[dict[str, object]] = answer.json()["claims"]
        return found

    def claim() -> dict[str, object]:
        return {"occurrence": row.pk, "version": versions[row.pk]}

    comma = TEXT.index(", the Tidal")
    halves = step("split", claim() | {"at": comma})
    assert [one["verbatim"] for one in halves] == ["Inspectors found 14 broken bolts", ", the Tidal Post reported."]
    assert step("merge", {"claims": [claim(), {"occurrence": halves[1]["occurrence"], "version": 1}]})
    moved = step("boundaries", claim() | {"pieces": [[TEXT.index("14"), TEXT.index("14") + 15]]})
    assert moved[0]["verbatim"] == "14 broken bolts"
    assert moved[0]["pieces"] == [[TEXT.index("14"), TEXT.index("14") + 15]]
    step("word", claim() | {"wording": "Bolts broke.", "checks": ["entailed", "self_contained", "atomic"]})
    step("hops", claim() | {"hops": [{"source_text": "Inspectors", "cue_text": "found", "act": "perception"}]})
    step("add", {"pieces": [[0, 7]]})
    step("drop", claim() | {"reason": "other", "note": "A test"})
    assert Correction.objects.filter(article=article, state="done").count() == 7
    for _ in range(7):
        step("undo", {})
    assert code(caller.post(f"{at}undo/")) == "nothing_to_undo"
    step("redo", {"step": 1})
    assert len(caller.get(at).json()["results"]) == 7


def test_co_03_a_stale_version_is_refused_with_what_stands(article: Article, caller: Caller) -> None:
    row = ClaimOccurrence.objects.filter(article=article).earliest("pk")
    body = {"occurrence": row.pk, "version": 1, "pieces": [[TEXT.index("14"), TEXT.index("14") + 9]]}
    address = f"articles/{article.pk}/corrections/boundaries/"
    assert caller.post(address, body).status_code == 200
    refused = caller.post(address, body)
    assert (refused.status_code, code(refused)) == (409, "stale_version")
    assert refused.json()["current"]["verbatim"] == "14 broken"


def test_a_repeat_with_the_same_key_is_done_once(article: Article, caller: Caller) -> None:
    key = fresh_key()
    for _ in range(2):
        answer = caller.post(f"articles/{article.pk}/corrections/add/", {"pieces": [[0, 7]]}, Idempotency_Key=key)
        assert answer.status_code == 200
    assert Correction.objects.filter(article=article).count() == 1


def test_a_resplit_is_proposed_accepted_and_kept_out_by_the_lock(article: Article, caller: Caller) -> None:
    address = f"articles/{article.pk}/resplit/"
    proposal = caller.get(address).json()
    assert proposal["changes"]
    assert code(caller.post(address, {"keys": ["gone:1.99"]})) == "stale_proposal"
    assert caller.post(address).status_code == 200
    assert [one for one in caller.get(address).json()["changes"] if one["is_safe"]] == []
    assert caller.post(f"articles/{article.pk}/lock-claims/").json() == {"locked": 1}
    assert code(caller.post(f"articles/{article.pk}/corrections/add/", {"pieces": [[0, 7]]})) == "claims_locked"
    assert caller.get(f"projects/{article.project.slug}/flow/").json()["locked"] == 1
    assert caller.post(f"articles/{article.pk}/unlock-claims/", {"reason": "Missed one"}).status_code == 204


@pytest.mark.parametrize("n", [1, 20])
def test_a_step_costs_the_same_queries_in_any_article(
    n: int, article: Article, caller: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for i in range(n):
        make_claim(article, TEXT[i : i + 5])
    row = ClaimOccurrence.objects.filter(article=article).earliest("pk")
    caller.get("projects/")
    with django_assert_num_queries(32):
        body = {"occurrence": row.pk, "version": 1, "pieces": [[0, 7]]}
        assert caller.post(f"articles/{article.pk}/corrections/boundaries/", body).status_code == 200


def test_ones_own_cut_is_made_and_handed_in() -> None:
    project = make_project(alice="reviewer", bob="reviewer", olga="observer")
    article = make_article(project, state="split")
    alice, address = Caller(member(project, "alice"), scopes=["label"]), f"articles/{article.pk}/own-cut/"
    assert alice.get(address).json() == {"claims": [], "ended_at": None}
    start = TEXT.index("Inspectors")
    for step in ("add", "remove", "add"):
        said = alice.post(address, {"step": step, "pieces": [[start, start + 10]]})
        assert said.json()["claims"] == ([] if step == "remove" else [[[start, start + 10]]]), said.content
    assert Caller(member(project, "bob")).get(address).json()["claims"] == []  # nobody sees another's
    assert code(alice.post(address, {"step": "hand_in", "pieces": [[0, 9]]})) == "pieces_expected"
    assert alice.post(address, {"step": "hand_in"}).json()["ended_at"] is not None
    assert alice.post(address, {"step": "add", "pieces": [[0, 9]]}).status_code == 409
    assert Caller(member(project, "olga")).get(address).status_code == 403
