"""Codebooks and rounds."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from pytest_django.fixtures import DjangoAssertNumQueries

from claims.models import CodebookVersion, Project, Round
from tests.api.caller import Caller, code, fresh_key
from tests.factories import make_claims, make_codebook, make_project, make_round, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db


def plan(project: Project, **said: Any) -> dict[str, Any]:
    return {"name": "Pilot", "codebook_version": make_codebook(project).pk} | said


def test_it_works() -> None:
    project = make_project()
    make_claims(project, 3)
    caller = Caller(owner_of(project))
    codebook = caller.post(f"projects/{project.slug}/codebooks/", {"preset": "stance"})
    assert codebook.status_code == 201
    asked = {"name": "Pilot", "codebook_version": codebook.json()["id"], "overlap": 3, "selection": {"limit": 2}}
    made = caller.post(f"projects/{project.slug}/rounds/", asked)
    assert (made.status_code, made.json()["state"], made.headers["ETag"]) == (201, "draft", '"1"')
    address = f"rounds/{made.json()['id']}/"
    job = caller.post(f"{address}open/")
    assert (job.status_code, job.json()["kind"]) == (202, "open_round")
    run_jobs()
    opened = caller.get(address).json()
    assert (opened["state"], opened["progress"]["units"], opened["progress"]["open"]) == ("open", 2, 6)
    assert caller.post(f"{address}pause/").json()["state"] == "paused"
    assert caller.post(f"{address}resume/").json()["state"] == "open"
    assert caller.post(f"{address}close/").json()["state"] == "closed"
    assert code(caller.post(f"{address}resume/")) == "move_not_allowed"
    assert [row["name"] for row in caller.get(f"projects/{project.slug}/rounds/?state=closed").json()["results"]] == [
        "Pilot"
    ]


def test_codebooks_are_listed_and_read() -> None:
    project = make_project(bob="reviewer")
    version = make_codebook(project, "stance")
    bob = Caller(member(project, "bob"))
    row = bob.get(f"projects/{project.slug}/codebooks/").json()["results"][0]
    assert (row["id"], row["state"], row["sha256"]) == (version.pk, "published", version.sha256)
    assert bob.get(f"codebooks/{version.pk}/").json()["document"] == version.document
    assert code(bob.post(f"projects/{project.slug}/codebooks/", {"preset": "bias"})) == "role_not_allowed"
    owner = Caller(owner_of(project))
    assert code(owner.post(f"projects/{project.slug}/codebooks/", {"preset": "none"})) == "invalid_request"
    assert owner.get(f"codebooks/{version.pk + 10**6}/").status_code == 404


def test_reviewers_see_rounds_and_not_how_far_others_are() -> None:
    project = make_project(alice="reviewer", bob="observer")
    round_ = make_round(project, units=1)
    assert Caller(member(project, "alice")).get(f"rounds/{round_.pk}/").json()["progress"] is None
    assert Caller(member(project, "bob")).get(f"rounds/{round_.pk}/").json()["progress"]["open"] == 2


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_who_may_not_run_rounds(role: str) -> None:
    project = make_project(bob=role)
    round_ = make_round(project, units=1)
    bob = Caller(member(project, "bob"))
    for verb in ("open", "close", "pause", "resume"):
        assert bob.post(f"rounds/{round_.pk}/{verb}/").status_code == 403


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"overlap": 0}, 400, "invalid_request"),
        ({"overlap": "2"}, 400, "invalid_request"),
        ({"overlap": True}, 400, "invalid_request"),
        ({"selection": {"limit": 0}}, 400, "invalid_request"),
        ({"selection": {"seed": 1}}, 400, "unknown_field"),
        ({"selection": {"min_checkworthiness": "high"}}, 400, "invalid_request"),
        ({"questions": ["nothing_like_it"]}, 422, "unknown_question"),
        ({"order": "sideways"}, 400, "invalid_request"),
        ({"codebook_version": 2**63}, 400, "invalid_request"),
        ({"codebook_version": 10**9}, 404, "not_found"),
    ],
)
def test_a_faulty_plan_is_refused(change: dict[str, Any], status: int, expected: str) -> None:
    project = make_project()
    answer = Caller(owner_of(project)).post(f"projects/{project.slug}/rounds/", plan(project) | change)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not Round.objects.exists()


def test_az_09_fields_that_are_not_offered_are_refused() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    made = caller.post(f"projects/{project.slug}/rounds/", plan(project)).json()
    for field in ("role", "is_staff", "project", "reviewer", "version", "status", "state", "created_at", "id"):
        answer = caller.post(f"projects/{project.slug}/rounds/", plan(project, name="Second") | {field: 1})
        assert (answer.status_code, code(answer)) == (400, "unknown_field")
        assert answer.json()["errors"][0]["field"] == field
        patched = caller.patch(f"rounds/{made['id']}/", {field: 1}, If_Match='"1"')
        assert (patched.status_code, code(patched)) == (400, "unknown_field")
    assert caller.get(f"rounds/{made['id']}/").json() == made
    assert Round.objects.count() == 1


def test_a_codebook_of_another_project_does_not_exist() -> None:
    project, other = make_project(), make_project()
    asked = {"name": "Pilot", "codebook_version": make_codebook(other).pk}
    assert Caller(owner_of(project)).post(f"projects/{project.slug}/rounds/", asked).status_code == 404


def test_ap_14_a_change_needs_the_version_that_was_read() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    made = caller.post(f"projects/{project.slug}/rounds/", plan(project))
    address = f"rounds/{made.json()['id']}/"
    blind = caller.patch(address, {"overlap": 3})
    assert (blind.status_code, code(blind)) == (428, "version_required")
    changed = caller.patch(address, {"overlap": 3}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.json()["overlap"], changed.headers["ETag"]) == (200, 3, '"2"')
    stale = caller.patch(address, {"overlap": 4}, If_Match=made.headers["ETag"])
    assert (stale.status_code, code(stale)) == (409, "stale_version")
    assert (stale.json()["current"]["version"], stale.json()["current"]["overlap"]) == (2, 3)
    assert code(caller.patch(address, {"overlap": 4}, If_Match="*")) == "stale_version"


def test_an_opened_round_keeps_its_plan_but_may_be_renamed() -> None:
    project = make_project()
    round_ = make_round(project, units=1)
    caller = Caller(owner_of(project))
    etag = caller.get(f"rounds/{round_.pk}/").headers["ETag"]
    assert code(caller.patch(f"rounds/{round_.pk}/", {"overlap": 3}, If_Match=etag)) == "round_not_draft"
    renamed = caller.patch(f"rounds/{round_.pk}/", {"name": "Harbour pilot"}, If_Match=etag)
    assert renamed.json()["name"] == "Harbour pilot"


@pytest.mark.parametrize("n", [1, 20])
def test_the_list_of_rounds_costs_the_same_queries(n: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    project = make_project()
    version = make_codebook(project)
    for i in range(n):
        Round.objects.create(project=project, name=f"Round {i}", codebook_version=version)
    caller = Caller(owner_of(project))
    caller.get("projects/")
    with django_assert_num_queries(4):
        assert len(caller.get(f"projects/{project.slug}/rounds/").json()["results"]) == n
    with django_assert_num_queries(4):
        caller.get(f"projects/{project.slug}/codebooks/")


def test_az_02_a_foreign_round_is_answered_like_a_missing_one() -> None:
    mine, theirs = make_project(), make_project()
    round_, caller = make_round(theirs, units=1), Caller(owner_of(mine))
    before = Round.objects.values().get(pk=round_.pk)
    for verb in ("open/", "close/", "pause/", "resume/", "next/", "settle-by-majority/"):
        foreign, missing = caller.post(f"rounds/{round_.pk}/{verb}"), caller.post(f"rounds/999999999/{verb}")
        assert foreign.status_code == 404
        assert foreign.content == missing.content
    for part in ("", "labels/", "agreement/", "disputes/", "reviewers/"):
        foreign, missing = caller.get(f"rounds/{round_.pk}/{part}"), caller.get(f"rounds/999999999/{part}")
        assert foreign.status_code == 404
        assert foreign.content == missing.content
    patched = caller.patch(f"rounds/{round_.pk}/", {"overlap": 1}, If_Match='"1"')
    assert patched.content == caller.patch("rounds/999999999/", {"overlap": 1}, If_Match='"1"').content
    assert caller.get(f"codebooks/{round_.codebook_version_id}/").content == patched.content
    assert Round.objects.values().get(pk=round_.pk) == before


def test_ap_15_the_same_key_and_body_is_one_round() -> None:
    project, key = make_project(), fresh_key()
    caller, asked = Caller(owner_of(project)), plan(project)
    first = caller.post(f"projects/{project.slug}/rounds/", asked, Idempotency_Key=key)
    again = caller.post(f"projects/{project.slug}/rounds/", asked, Idempotency_Key=key)
    assert (again.status_code, again.json(), again.headers["ETag"]) == (201, first.json(), first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    other = caller.post(f"projects/{project.slug}/rounds/", asked | {"overlap": 5}, Idempotency_Key=key)
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")
    assert Round.objects.count() == 1


def test_ap_15_what_was_refused_may_be_tried_again_with_its_key() -> None:
    project, key = make_project(), fresh_key()
    caller = Caller(owner_of(project))
    refused = caller.post(f"projects/{project.slug}/rounds/", plan(project, questions=["none"]), Idempotency_Key=key)
    assert refused.status_code == 422
    assert caller.post(f"projects/{project.slug}/rounds/", plan(project), Idempotency_Key=key).status_code == 201


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space", "caf\u00e9-key-1"])
def test_a_faulty_idempotency_key_is_refused(key: str) -> None:
    project = make_project()
    answer = Caller(owner_of(project)).post(f"projects/{project.slug}/rounds/", plan(project), Idempotency_Key=key)
    assert (answer.status_code, code(answer)) == (400, "invalid_idempotency_key")


def test_two_people_may_use_the_same_key() -> None:
    project, key = make_project(bob="curator"), fresh_key()
    for name, who in (("One", owner_of(project)), ("Two", member(project, "bob"))):
        asked = plan(project, name=name)
        assert Caller(who).post(f"projects/{project.slug}/rounds/", asked, Idempotency_Key=key).status_code == 201
    with pytest.raises(ObjectDoesNotExist):
        CodebookVersion.objects.get(pk=0)


def test_who_writes_an_unknown_word_reads_the_known_ones() -> None:
    project = make_project()
    refused = Caller(owner_of(project)).post(
        f"projects/{project.slug}/rounds/", plan(project, panel=["left", "center"])
    )
    [fault] = refused.json()["errors"]
    assert (refused.status_code, fault["field"], fault["code"]) == (400, "panel.1", "invalid_choice")
    assert fault["detail"] == "“center” is none of: left, centre, right."
