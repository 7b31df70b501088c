"""Projects, tokens, and how a token opens the API."""

from __future__ import annotations

import logging

import pytest

from claims.models import ApiToken, Project
from claims.people.actions import add_member, create_token, revoke_token
from tests.api.caller import Caller, code, fresh_key, signed_in
from tests.factories import make_project, make_user, member, owner_of

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    listed = caller.get("projects/").json()
    assert [row["slug"] for row in listed["results"]] == [project.slug]
    assert listed["next"] is None
    assert caller.get(f"projects/{project.slug}/").json() == listed["results"][0]
    assert listed["results"][0]["role"] == "owner"


def test_a_project_is_created() -> None:
    dora = make_user("dora")
    made = Caller(dora).post("projects/", {"name": "Ferries", "slug": "ferries", "goal": "check_claims"})
    assert made.status_code == 201
    assert made.json()["role"] == "owner"
    assert Project.objects.visible_to(dora).get().name == "Ferries"


def test_each_member_sees_their_own_role() -> None:
    project = make_project(alice="reviewer", bob="observer")
    for name, role in (("alice", "reviewer"), ("bob", "observer")):
        caller = Caller(member(project, name))
        assert caller.get("projects/").json()["results"][0]["role"] == role
        assert caller.get(f"projects/{project.slug}/").json()["role"] == role


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 400, "invalid_request"),
        ({"name": "A", "slug": "a", "goal": "win"}, 400, "invalid_request"),
        ({"name": 5, "slug": "a", "goal": "check_claims"}, 400, "invalid_request"),
        ({"name": "A\u0000", "slug": "a", "goal": "check_claims"}, 400, "invalid_request"),
        ({"name": "A", "slug": "a", "goal": "check_claims", "owner": 1}, 400, "unknown_field"),
        ([], 400, "invalid_request"),
        ("name", 400, "invalid_request"),
    ],
)
def test_a_faulty_project_is_refused(body: object, status: int, expected: str) -> None:
    answer = Caller(make_user()).post("projects/", body)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert answer.json()["errors"]


def test_a_taken_slug_is_a_conflict() -> None:
    project = make_project()
    answer = Caller(make_user()).post("projects/", {"name": "B", "slug": project.slug, "goal": "check_claims"})
    assert (answer.status_code, code(answer)) == (409, "slug_taken")


@pytest.mark.parametrize("address", ["projects/", "tokens/", "articles/1/", "rounds/1/next/"])
def test_without_a_token_nothing_opens(address: str) -> None:
    answer = Caller().get(address)
    assert (answer.status_code, code(answer)) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer att_" + "x" * 43, "Bearer", "Bearer att_\u00e9", "Basic YTpi", "att_x", "Bearer a b c"]
)
def test_a_bad_token_is_refused(header: str) -> None:
    answer = Caller().get("projects/", Authorization=header)
    assert answer.status_code == 401
    assert code(answer) in {"invalid_token", "unknown_scheme"}


def test_au_14_a_token_is_shown_once_and_stored_hashed() -> None:
    carol = signed_in(make_user(), with_csrf=True)
    made = carol.post("tokens/", {"name": "import", "scopes": ["read"], "days": 30})
    assert made.status_code == 201
    plain = made.json()["token"]
    assert plain.startswith("att_")
    assert made.json()["prefix"] == plain[:10]
    kept = ApiToken.objects.get()
    assert plain not in str(vars(kept))
    listed = carol.get("tokens/")
    assert plain.encode() not in listed.content
    assert listed.json()["results"][0]["prefix"] == plain[:10]
    caller = Caller()
    assert caller.get("projects/", Authorization=f"Bearer {plain}").status_code == 200
    assert carol.send("DELETE", f"tokens/{kept.pk}/").status_code == 204
    assert caller.get("projects/", Authorization=f"Bearer {plain}").status_code == 401


def test_au_14_a_token_ends_with_its_time_its_user_and_its_revocation() -> None:
    caller = Caller(make_user())
    assert caller.get("projects/").status_code == 200
    ApiToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert code(caller.get("projects/")) == "invalid_token"
    other = Caller(make_user())
    other.token.user.is_active = False
    other.token.user.save()
    assert code(other.get("projects/")) == "invalid_token"
    third = Caller(make_user())
    revoke_token(third.token, by=third.token.user)
    assert code(third.get("projects/")) == "invalid_token"


def test_au_14_scopes_are_held() -> None:
    project = make_project()
    reads = Caller(owner_of(project), scopes=["read"])
    assert reads.get("projects/").status_code == 200
    answer = reads.post("projects/", {"name": "A", "slug": "a", "goal": "check_claims"})
    assert (answer.status_code, code(answer)) == (403, "scope_missing")
    labels = Caller(owner_of(project), scopes=["label"])
    assert code(labels.get("projects/")) == "scope_missing"


def test_a_token_makes_no_tokens() -> None:
    caller = Caller(make_user())
    answer = caller.post("tokens/", {"name": "more", "scopes": ["read"]})
    assert (answer.status_code, code(answer)) == (403, "session_required")
    assert code(caller.send("DELETE", f"tokens/{caller.token.pk}/")) == "session_required"


def test_a_repeated_token_request_leaves_the_secret_out() -> None:
    carol, key = signed_in(make_user(), with_csrf=True), fresh_key()
    first = carol.post("tokens/", {"name": "import", "scopes": ["read"]}, Idempotency_Key=key)
    again = carol.post("tokens/", {"name": "import", "scopes": ["read"]}, Idempotency_Key=key)
    assert again.status_code == 201
    assert again.json() == {name: value for name, value in first.json().items() if name != "token"}
    assert ApiToken.objects.count() == 1


def test_somebody_elses_token_cannot_be_revoked() -> None:
    theirs, _ = create_token(user=make_user(), name="theirs", scopes=["read"])
    answer = signed_in(make_user(), with_csrf=True).send("DELETE", f"tokens/{theirs.pk}/")
    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


@pytest.mark.parametrize("name", ["token", "access_token", "api_key", "q", "Authorization"])
def test_au_15_a_token_in_the_address_is_refused_and_not_logged(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caller = Caller(make_user())
    with caplog.at_level(logging.DEBUG):
        answer = caller.get(f"projects/?{name}={caller.plain}")
        alone = Caller().get(f"projects/?{name}={caller.plain}")
    assert (answer.status_code, code(answer)) == (401, "token_in_address")
    assert alone.status_code == 401
    assert caller.plain not in caplog.text
    assert caller.plain.encode() not in answer.content


def test_az_20_a_read_token_does_not_write_and_a_token_of_a_does_not_reach_b() -> None:
    carol = make_user()
    a, b = make_project(owner=carol), make_project(owner=carol)
    read = Caller(carol, scopes=["read"], project=a)
    assert read.post(f"projects/{a.slug}/rounds/", {}).status_code == 403
    full = Caller(carol, project=a)
    assert full.get(f"projects/{a.slug}/").status_code == 200
    assert full.get(f"projects/{b.slug}/").status_code == 404
    assert [row["slug"] for row in full.get("projects/").json()["results"]] == [a.slug]
    assert (
        code(full.post("projects/", {"name": "A", "slug": "a", "goal": "check_claims"})) == "token_is_for_one_project"
    )


def test_a_session_needs_the_csrf_token_to_write() -> None:
    carol = signed_in(make_user())
    assert carol.get("projects/").status_code == 200
    answer = carol.post("projects/", {"name": "A", "slug": "a", "goal": "check_claims"})
    assert (answer.status_code, code(answer)) == (403, "csrf_failed")
    assert not Project.objects.exists()


def test_a_removed_member_sees_nothing() -> None:
    project, dora = make_project(), make_user()
    membership = add_member(project, user=dora, role="curator", by=owner_of(project))
    caller = Caller(dora)
    assert caller.get(f"projects/{project.slug}/").status_code == 200
    membership.delete()
    assert caller.get(f"projects/{project.slug}/").status_code == 404


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "DELETE", "PATCH"])
def test_ap_16_other_methods_are_405_and_no_origin_is_allowed(method: str) -> None:
    answer = Caller(make_user()).send(method, "projects/", Origin="https://evil.example")
    assert (answer.status_code, code(answer)) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, POST, HEAD"
    assert not any(name.lower().startswith("access-control") for name in answer.headers)
