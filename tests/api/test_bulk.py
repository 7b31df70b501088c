"""Many articles or labels in one request: what is wrong with one costs none of the others."""

from __future__ import annotations

from typing import Any

import pytest

from claims.models import Article, Assignment, Job, JobError, Label, LabelEvent, Project, Round
from tests.api.caller import Caller, code, fresh_key
from tests.factories import (
    TEXT,
    answers_for,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    run_jobs,
)

pytestmark = pytest.mark.django_db
GOOD = {"text": TEXT, "title": "Harbour bridge closed", "outlet": "Tidal Post", "published_at": "2026-03-14"}
OTHER = {"text": "The ferry to Sandmouth sank at noon, the harbour master said.", "title": "Ferry sinks"}


def held(n: int, units: int = 4, **plan: Any) -> tuple[Project, Round, Caller, list[int]]:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=units, codebook=make_codebook(project, "stance"), **plan)
    alice = Caller(member(project, "alice"), scopes=["label"])
    drawn = alice.post(f"rounds/{round_.pk}/next/many/", {"count": n}).json()["units"]
    return project, round_, alice, [one["unit"] for one in drawn]


def answer(round_: Round, unit: Any, **said: Any) -> dict[str, Any]:
    return {"unit": unit, "codebook_version": round_.codebook_version_id, "answers": answers_for(round_)} | said


# --- articles


def test_it_works_good_articles_go_in_beside_bad_ones() -> None:
    project = make_project(clio="curator")
    clio = Caller(member(project, "clio"), scopes=["write"])
    given = [
        GOOD,
        {"text": " "},
        {"text": 7},
        {"text": "a", "state": "split"},
        {"text": "b", "url": "javascript:alert(1)"},
        {"text": "c", "published_at": "2026-02-30"},
        "no article",
        OTHER,
    ]
    made = clio.post(f"projects/{project.slug}/articles/many/", {"articles": given}, Idempotency_Key=fresh_key())
    assert made.status_code == 202, made.content
    results = made.json()["results"]
    assert [(one["n"], one["taken"], one["line"]) for one in results if one["taken"]] == [(0, True, 1), (7, True, 2)]
    assert [one["code"] for one in results if not one["taken"]] == [
        "empty",
        "invalid_request",
        "unknown_field",
        "scheme_not_allowed",
        "invalid_date",
        "invalid_request",
    ]
    assert results[2]["errors"] == [{"field": "text", "code": "invalid_value", "detail": "Not a string."}]
    run_jobs()
    job = Job.objects.get(pk=made.json()["job"]["id"])
    assert (job.state, job.counts["total"], job.counts["imported"], job.counts["failed"]) == ("partial", 8, 2, 6)
    assert set(JobError.objects.filter(job=job).values_list("member", flat=True)) == {
        f"article {n}" for n in (2, 3, 4, 5, 6, 7)
    }
    first = Article.objects.get(headline="Harbour bridge closed")
    assert first.outlet is not None
    assert (first.outlet.name, first.published_at and str(first.published_at.date())) == ("Tidal Post", "2026-03-14")
    assert Article.objects.filter(project=project).count() == 2


def test_a_repeat_is_one_import_and_another_body_is_refused() -> None:
    project, key = make_project(), fresh_key()
    caller, address = Caller(owner_of(project)), f"projects/{project.slug}/articles/many/"
    first = caller.post(address, {"articles": [GOOD, OTHER]}, Idempotency_Key=key)
    again = caller.post(address, {"articles": [GOOD, OTHER]}, Idempotency_Key=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert code(caller.post(address, {"articles": [OTHER]}, Idempotency_Key=key)) == "idempotency_key_reused"
    assert Job.objects.filter(kind="import_articles").count() == 1
    run_jobs()
    same = caller.post(address, {"articles": [GOOD, OTHER]}, Idempotency_Key=fresh_key())
    assert (same.status_code, same.json()["job"]["reason"]) == (200, "duplicate_of")
    assert Article.objects.filter(project=project).count() == 2


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"articles": []}, 400, "invalid_request"),
        ({"articles": GOOD}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
        ({"articles": [GOOD], "by": 3}, 400, "unknown_field"),
        ({"articles": [{"text": "x"}] * 501}, 400, "invalid_request"),
        ({"articles": [{"text": " "}, {"title": "Nothing"}]}, 422, "none_taken"),
    ],
)
def test_what_holds_nothing_good_is_refused_as_a_whole(body: dict[str, Any], status: int, expected: str) -> None:
    project = make_project()
    refused = Caller(owner_of(project)).post(f"projects/{project.slug}/articles/many/", body)
    assert (refused.status_code, code(refused)) == (status, expected)
    if expected == "none_taken":
        assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [
            ("articles.0", "empty"),
            ("articles.1", "invalid_request"),
        ]
    assert not Job.objects.exists()


# --- labels


def test_good_labels_are_stored_beside_bad_ones() -> None:
    _, round_, alice, units = held(3)
    assert len(units) == 3
    given = [
        answer(round_, units[0], seconds=9),
        answer(round_, units[1], answers={"stance": "nonsense"}),
        answer(round_, 999_999_999),
        answer(round_, units[2], reviewer=7),
        answer(round_, units[0]),
        answer(round_, units[2], codebook_version=round_.codebook_version_id + 1),
    ]
    sent = alice.post(f"rounds/{round_.pk}/labels/many/", {"labels": given}, Idempotency_Key=fresh_key())
    assert sent.status_code == 200, sent.content
    results = sent.json()["results"]
    assert (sent.json()["taken"], results[0]["receipt"]["unit"]) == (1, units[0])
    codes = ["", "invalid_answers", "not_found", "unknown_field", "repeated_unit", "codebook_changed"]
    assert [one["code"] for one in results] == codes
    assert results[1]["errors"][0]["field"] == "stance"
    assert set(Label.objects.values_list("unit", flat=True)) == {units[0]}
    mended = [answer(round_, unit) for unit in units[1:]]
    again = alice.post(f"rounds/{round_.pk}/labels/many/", {"labels": mended}, Idempotency_Key=fresh_key())
    assert again.json()["taken"] == 2
    assert LabelEvent.objects.count() == 3


def test_a_repeat_stores_nothing_twice_and_what_was_missing_once() -> None:
    _, round_, alice, units = held(2)
    address, key = f"rounds/{round_.pk}/labels/many/", fresh_key()
    first = alice.post(address, {"labels": [answer(round_, units[0])]}, Idempotency_Key=key).json()
    both = {"labels": [answer(round_, unit) for unit in units]}  # the connection had broken after the first
    again = alice.post(address, both, Idempotency_Key=key).json()
    assert [one["receipt"]["repeated"] for one in again["results"]] == [True, False]
    assert again["results"][0]["receipt"]["seq"] == first["results"][0]["receipt"]["seq"]
    other = [answer(round_, units[0], notes={"note": "On second thought."}), answer(round_, units[1])]
    said = alice.post(address, {"labels": other}, Idempotency_Key=key).json()["results"]
    assert [one["code"] for one in said] == ["idempotency_key_reused", ""]
    assert LabelEvent.objects.count() == 2


def test_what_stands_is_told_to_its_own_reviewer_and_none_stored_is_a_refusal() -> None:
    _, round_, alice, [unit] = held(1)
    address = f"rounds/{round_.pk}/labels/many/"
    assert code(alice.post(address, {"labels": [answer(round_, unit)]})) == "idempotency_key_required"
    alice.post(address, {"labels": [answer(round_, unit)]}, Idempotency_Key=fresh_key())
    refused = alice.post(address, {"labels": [answer(round_, unit)]}, Idempotency_Key=fresh_key())
    assert (refused.status_code, code(refused)) == (422, "none_taken")
    assert refused.json()["errors"][0]["code"] == "already_submitted"


def test_several_units_are_held_and_no_more_than_asked_for_or_left() -> None:
    project, round_, alice, units = held(2, overlap=1)
    address = f"rounds/{round_.pk}/next/many/"
    more = [one["unit"] for one in alice.post(address, {"count": 3}).json()["units"]]
    assert more[:2] == units
    assert len(set(more)) == 3
    bob = Caller(member(project, "bob"))
    left = [one["unit"] for one in bob.post(address, {"count": 50}).json()["units"]]
    assert len(left) == 1
    assert not set(left) & set(more)
    assert len(alice.post(address, {"count": 1}).json()["units"]) == 1  # the others stay held as well
    assert Assignment.objects.filter(round=round_, state="reserved").count() == 4
    for count in (0, 51, "3", True):
        assert alice.post(address, {"count": count}).status_code == 400


def test_a_quota_counts_what_is_held() -> None:
    _, round_, alice, units = held(4, quota=3)
    assert len(units) == 3
    sent = [answer(round_, unit) for unit in units]
    alice.post(f"rounds/{round_.pk}/labels/many/", {"labels": sent}, Idempotency_Key=fresh_key())
    refused = alice.post(f"rounds/{round_.pk}/next/many/", {"count": 1})
    assert (refused.status_code, code(refused)) == (409, "quota_reached")
