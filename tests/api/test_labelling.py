"""A reviewer's own work through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Assignment, Draft, Label, LabelEvent, Project, Round, Unit
from tests.api.caller import Caller, code, fresh_key, signed_in
from tests.factories import (
    answers_for,
    label_next,
    make_codebook,
    make_project,
    make_round,
    make_user,
    member,
    reviewer,
)

pytestmark = pytest.mark.django_db


def begin(units: int = 2, **plan: Any) -> tuple[Project, Round]:
    project = make_project(alice="reviewer", bob="reviewer", olga="observer")
    return project, make_round(project, units=units, codebook=make_codebook(project, "stance"), **plan)


def body_for(round_: Round, **said: Any) -> dict[str, Any]:
    return {"codebook_version": round_.codebook_version_id, "answers": answers_for(round_), **said}


def test_it_works() -> None:
    project, round_ = begin()
    alice = Caller(member(project, "alice"), scopes=["label"])
    drawn = alice.post(f"rounds/{round_.pk}/next/").json()
    unit = drawn["unit"]
    shown = alice.get(f"rounds/{round_.pk}/units/{unit}/").json()
    span = shown["spans"][0]
    assert shown["text"][span["start"] : span["end"]] == shown["claim"]
    assert shown["questions"]
    assert shown["submitted"] == {}
    sent = alice.post(
        f"rounds/{round_.pk}/units/{unit}/label/", body_for(round_, seconds=12), Idempotency_Key=fresh_key()
    )
    assert (sent.status_code, sent.json()["seq"], sent.json()["repeated"]) == (201, 1, False)
    assert alice.post(f"rounds/{round_.pk}/next/").json()["unit"] != unit
    own = alice.get(f"rounds/{round_.pk}/labels/").json()["results"]
    assert [(row["unit"], row["seq"], row["seconds"]) for row in own] == [(unit, 1, 12)]
    assert Label.objects.filter(unit=unit, reviewer=reviewer(project, "alice")).exists()


def test_a_chain_of_sources_keeps_its_order_and_each_fault_names_its_source() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=1, codebook=make_codebook(project, "attribution"))
    alice = Caller(member(project, "alice"), scopes=["label"])
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    said = answers_for(round_, attribution_presence="attributed")
    address = f"rounds/{round_.pk}/units/{unit}/label/"
    for chain, fault in (("Rudaw", "invalid_answer"), (["Rudaw", " "], "empty_hop"), ([["Rudaw"]], "invalid_hop")):
        refused = alice.post(
            address, body_for(round_, answers=said | {"attribution_chain": chain}), Idempotency_Key=fresh_key()
        )
        assert refused.status_code == 422
        assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [("attribution_chain", fault)]
    body = body_for(round_, answers=said | {"attribution_chain": ["the  ministry ", "Rudaw", "Anadolu"]})
    assert alice.post(address, body, Idempotency_Key=fresh_key()).status_code == 201
    shown = alice.get(f"rounds/{round_.pk}/units/{unit}/").json()["submitted"]["answers"]
    assert shown["attribution_chain"] == {"value": ["the ministry", "Rudaw", "Anadolu"]}


def test_nothing_left_is_said() -> None:
    project, round_ = begin(units=1)
    label_next(round_, reviewer(project, "alice"))
    answer = Caller(member(project, "alice")).post(f"rounds/{round_.pk}/next/")
    assert (answer.status_code, answer.json()["unit"]) == (200, None)


def test_the_same_key_stores_once_and_other_answers_are_refused() -> None:
    project, round_ = begin()
    alice, key = Caller(member(project, "alice")), fresh_key()
    address = f"rounds/{round_.pk}/units/{alice.post(f'rounds/{round_.pk}/next/').json()['unit']}/label/"
    first = alice.post(address, body_for(round_), Idempotency_Key=key)
    again = alice.post(address, body_for(round_), Idempotency_Key=key)
    assert (again.status_code, again.json()["seq"], again.json()["repeated"]) == (200, first.json()["seq"], True)
    other = alice.post(address, body_for(round_, notes={"note": "Another thought."}), Idempotency_Key=key)
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    second = alice.post(address, body_for(round_), Idempotency_Key=fresh_key())
    assert (second.status_code, code(second)) == (409, "already_submitted")
    assert LabelEvent.objects.count() == 1


def test_a_label_is_corrected_with_the_number_that_was_seen() -> None:
    project, round_ = begin()
    alice = Caller(member(project, "alice"))
    address = f"rounds/{round_.pk}/units/{alice.post(f'rounds/{round_.pk}/next/').json()['unit']}/label/"
    sent = alice.post(address, body_for(round_), Idempotency_Key=fresh_key())
    seq = sent.json()["seq"]
    assert sent.headers["ETag"] == f'"{seq}"'  # what a correction has to name
    changed = body_for(round_, notes={"note": "On second reading."})
    unnamed = alice.put(address, changed, Idempotency_Key=fresh_key())
    assert (unnamed.status_code, code(unnamed)) == (428, "version_required")
    assert "submitted.seq" in unnamed.json()["detail"]
    done = alice.put(address, changed, Idempotency_Key=fresh_key(), If_Match=f'"{seq}"')
    assert (done.status_code, done.json()["seq"]) == (200, seq + 1)
    assert done.headers["ETag"] == f'"{seq + 1}"'
    stale = alice.put(address, changed, Idempotency_Key=fresh_key(), If_Match=f'"{seq}"')
    assert (stale.status_code, code(stale), stale.json()["current"]["seq"]) == (409, "stale_label", seq + 1)


def test_drafts_never_go_back() -> None:
    project, round_ = begin()
    alice = Caller(member(project, "alice"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    address = f"rounds/{round_.pk}/units/{unit}/draft/"
    assert alice.put(address, {"payload": {"answers": {"stance": "reports"}}, "client_seq": 5}).json() == {"kept": True}
    assert alice.put(address, {"payload": {}, "client_seq": 4}).json() == {"kept": False}
    assert alice.get(f"rounds/{round_.pk}/units/{unit}/").json()["draft_seq"] == 5
    nul = alice.put(address, {"payload": {"a": "\u0000"}, "client_seq": 6})
    assert (nul.status_code, nul.json()["errors"][0]["code"]) == (400, "invalid_characters")
    lone = alice.send("PUT", address, raw=b'{"payload": {"\\ud800": 1}, "client_seq": 6}')
    assert lone.status_code == 400
    assert Draft.objects.get().client_seq == 5


def test_a_skipped_unit_goes_to_others() -> None:
    project, round_ = begin(units=1, overlap=1)
    alice, bob = Caller(member(project, "alice")), Caller(member(project, "bob"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    address = f"rounds/{round_.pk}/units/{unit}/skip/"
    assert alice.post(address, {"reason": "I know the mayor."}, Idempotency_Key=fresh_key()).status_code == 200
    assert alice.post(f"rounds/{round_.pk}/next/").json()["unit"] is None
    assert bob.post(f"rounds/{round_.pk}/next/").json()["unit"] == unit


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"answers": {}}, 422, "invalid_answers"),
        ({"answers": {"stance": "nonsense"}}, 422, "invalid_answers"),
        ({"answers": []}, 400, "invalid_request"),
        ({"answers": {"stance": "a\u0000"}}, 400, "invalid_request"),
        ({"answers": {"stance": {"deep": [[[]]]}}}, 422, "invalid_answers"),
        ({"codebook_version": 10**9}, 409, "codebook_changed"),
        ({"reviewer": 3}, 400, "unknown_field"),
        ({"seconds": -1}, 400, "invalid_request"),
        ({"notes": {"note": 7}}, 400, "invalid_request"),
        ({"evidence": [{"relation": "supports", "added_by": 1}]}, 400, "unknown_field"),
        ({"evidence": [{"relation": "sideways"}]}, 422, "invalid_answers"),
    ],
)
def test_a_faulty_label_is_refused(change: dict[str, Any], status: int, expected: str) -> None:
    project, round_ = begin()
    alice = Caller(member(project, "alice"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    answer = alice.post(
        f"rounds/{round_.pk}/units/{unit}/label/", body_for(round_) | change, Idempotency_Key=fresh_key()
    )
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not LabelEvent.objects.exists()


def test_a_label_needs_a_key() -> None:
    project, round_ = begin()
    alice = Caller(member(project, "alice"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    for key in ({}, {"Idempotency_Key": "short"}, {"Idempotency_Key": "caf\u00e9-key-1"}):
        answer = alice.post(f"rounds/{round_.pk}/units/{unit}/label/", body_for(round_), **key)
        assert (answer.status_code, code(answer)[-15:]) == (400, code(answer)[-15:])
        assert "idempotency_key" in code(answer)


def test_az_20_other_scopes_do_not_label() -> None:
    project, round_ = begin()
    reads = Caller(member(project, "alice"), scopes=["read", "write", "release"])
    for address in ("next/", "units/1/label/", "units/1/skip/"):
        answer = reads.post(f"rounds/{round_.pk}/{address}")
        assert (answer.status_code, code(answer)) == (403, "scope_missing")
    assert reads.put(f"rounds/{round_.pk}/units/1/draft/", {}).status_code == 403
    assert Assignment.objects.filter(state="reserved").count() == 0


def test_who_may_not_label() -> None:
    project, round_ = begin()
    olga = Caller(member(project, "olga")).post(f"rounds/{round_.pk}/next/")
    assert (olga.status_code, code(olga)) == (403, "role_not_allowed")
    assert Caller(make_user()).post(f"rounds/{round_.pk}/next/").status_code == 404
    Round.objects.filter(pk=round_.pk).update(state="paused")
    paused = Caller(member(project, "alice")).post(f"rounds/{round_.pk}/next/")
    assert (paused.status_code, code(paused)) == (409, "round_not_open")


def test_az_02_units_one_does_not_hold_are_one_answer() -> None:
    project, round_ = begin()
    _, elsewhere = begin()
    alice = Caller(member(project, "alice"))
    held = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    not_held = Unit.objects.filter(project=project).exclude(pk=held).values_list("pk", flat=True)[0]
    foreign = Unit.objects.filter(project=elsewhere.project).values_list("pk", flat=True)[0]
    for part, method, body in (
        ("", "GET", None),
        ("label/", "POST", body_for(round_)),
        ("skip/", "POST", {"reason": "None of mine."}),
        ("draft/", "PUT", {"payload": {}, "client_seq": 1}),
    ):
        answers = [
            alice.send(method, f"rounds/{round_.pk}/units/{unit}/{part}", body, Idempotency_Key=fresh_key())
            for unit in (not_held, foreign, 999_999_999)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    assert not Draft.objects.exists()


def test_what_a_reviewer_gets_does_not_depend_on_others() -> None:
    """INV-4: alice's answers are the same bytes whether bob has labelled differently or not at all."""
    project, round_ = begin(units=1)
    alice = Caller(member(project, "alice"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]

    def seen() -> list[bytes]:
        addresses = (f"rounds/{round_.pk}/units/{unit}/", f"rounds/{round_.pk}/", f"rounds/{round_.pk}/labels/")
        claim = alice.get(f"projects/{project.slug}/claims/").json()["results"][0]["id"]
        return [alice.get(address).content for address in (*addresses, f"claims/{claim}/")]

    before = seen()
    label_next(round_, reviewer(project, "bob"))
    assert seen() == before
    for part in ("agreement/", "disputes/", "reviewers/"):
        assert alice.get(f"rounds/{round_.pk}/{part}").status_code == 403


def test_evidence_ids_are_not_shown_to_reviewers() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=1, codebook=make_codebook(project, "factcheck"))
    alice = Caller(member(project, "alice"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    item = {"url": "https://tidalpost.example/bridge", "quote": "14 broken bolts", "relation": "supports"}
    refuting = item | {"relation": "refutes"}
    answers = answers_for(round_, verifiability="verifiable", verdict="conflicting")
    sent = alice.post(
        f"rounds/{round_.pk}/units/{unit}/label/",
        {
            "codebook_version": round_.codebook_version_id,
            "answers": answers,
            "evidence": [item, refuting],
            "notes": {"justification": "Two counts differ."},
        },
        Idempotency_Key=fresh_key(),
    )
    assert sent.status_code == 201, sent.content
    listed = alice.get(f"rounds/{round_.pk}/labels/").json()["results"][0]
    shown = alice.get(f"rounds/{round_.pk}/units/{unit}/").json()["submitted"]
    again = {"codebook_version": round_.codebook_version_id, "answers": answers}
    refused = alice.post(f"rounds/{round_.pk}/units/{unit}/label/", again, Idempotency_Key=fresh_key())
    assert code(refused) == "already_submitted"
    expected = [{"relation": "supports"}, {"relation": "refutes"}]
    for said in (listed, shown, refused.json()["current"]):
        assert said["answers"]["evidence"] == {"value": expected}


@pytest.mark.parametrize(("by_token", "shared"), [(False, 3), (True, 2)])
def test_labelling_costs_at_most_ten_statements(by_token: bool, shared: int) -> None:
    """Session, user and count (or token and count), the round with role and reviewer; then the action's own."""
    project, round_ = begin(units=3)
    user, body = member(project, "alice"), body_for(round_)
    alice = Caller(user) if by_token else signed_in(user, with_csrf=True)
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    alice.post(f"rounds/{round_.pk}/units/{unit}/label/", body, Idempotency_Key=fresh_key())
    with CaptureQueriesContext(connection) as drawing:
        unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    with CaptureQueriesContext(connection) as submitting:
        sent = alice.post(f"rounds/{round_.pk}/units/{unit}/label/", body, Idempotency_Key=fresh_key())
    assert sent.status_code == 201
    assert statements(drawing) == shared + 1 + 2
    assert statements(submitting) == shared + 1 + 4


def statements(captured: CaptureQueriesContext) -> int:
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)
