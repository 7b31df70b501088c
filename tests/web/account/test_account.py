"""Signing in, starting, inviting, tokens: the pages around the work."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from claims.models import ApiToken, Codebook, Invitation, Membership, Project, User
from claims.people.actions import create_token
from claims.people.invitations import invite
from tests.factories import PASSWORD, make_project, make_round, make_user, member, owner_of

pytestmark = pytest.mark.django_db


def test_it_works_to_sign_in_and_out(client: Client) -> None:
    user = make_user("alice")
    answer = client.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    assert answer["Location"] == "/"
    assert client.get("/")["Location"] == "/start/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_a_wrong_password_says_so_and_not_which_part_was_wrong(client: Client) -> None:
    make_user("alice")
    bodies = []
    for name in ("alice", "nobody"):
        body = client.post("/sign-in/", {"username": name, "password": "wrong"}).content.decode()
        bodies.append("do not belong together" in body)
    assert bodies == [True, True]


@pytest.mark.parametrize("to", ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/"])
def test_xs_10_next_leads_home_when_it_leads_away(client: Client, to: str) -> None:
    make_user("alice")
    answer = client.post("/sign-in/", {"username": "alice", "password": PASSWORD, "next": to})
    assert answer["Location"] == "/"
    assert client.post("/appearance/", {"theme": "dark", "next": to})["Location"] == "/"


@pytest.mark.parametrize(
    ("host", "offered"), [("localhost:8000", True), ("testserver", True), ("127.0.0.1:8000", False), ("[::1]", False)]
)
def test_a_passkey_is_offered_where_a_browser_can_use_one(client: Client, host: str, offered: bool) -> None:
    page = client.get("/sign-in/", headers={"host": host})
    assert (page.status_code, "passkey_login" in page.content.decode()) == (200, offered)


def test_the_theme_is_rendered_by_the_server(client: Client) -> None:
    client.post("/appearance/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/sign-in/").content.decode()
    client.post("/appearance/", {"theme": '"><script>'})
    client.cookies["theme"] = '"><script>'
    assert 'data-theme="system"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("goal", ["code_corpus", "check_claims", "rate_outlets"])
def test_a_goal_makes_a_project_with_its_codebook(client: Client, goal: str) -> None:
    user = make_user("owner")
    client.force_login(user)
    answer = client.post("/start/", {"goal": goal, "name": "Harbour 2026"})
    assert answer["Location"] == "/p/harbour-2026/"
    project = Project.objects.get()
    assert (project.goal, Codebook.objects.filter(project=project).count()) == (goal, 1)
    assert client.get(answer["Location"]).status_code == 200
    assert client.post("/start/", {"goal": goal, "name": "Harbour 2026"})["Location"] == "/p/harbour-2026-2/"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"name": "x"}, "Choose what you want to do"), ({"goal": "code_corpus", "name": ""}, "Give the project a name")],
)
def test_a_start_without_goal_or_name_says_what_to_do(client: Client, fields: dict[str, str], sentence: str) -> None:
    client.force_login(make_user())
    answer = client.post("/start/", fields)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_home_shows_what_waits_and_asks_a_fixed_number_of_times(client: Client, django_assert_num_queries: Any) -> None:
    owner = make_user("carol")
    for n in range(3):
        project = make_project(f"Project of Carol {n}", owner=owner)
        make_round(project, units=1)
    client.force_login(owner)
    with django_assert_num_queries(9):
        body = client.get("/").content.decode()
    assert body.count("Start labelling") == 3


def test_an_invitation_lets_one_person_in(client: Client) -> None:
    project = make_project()
    owner = Client()
    owner.force_login(owner_of(project))
    people = f"/p/{project.slug}/people/"
    body = owner.post(people, {"role": "reviewer", "days": "7"}, follow=True).content.decode()
    link = body.split('value="http://testserver')[1].split('"')[0]
    assert project.name in client.get(link).content.decode()
    refused = client.post(link, {"username": "dora", "password": "short"})
    assert (refused.status_code, User.objects.filter(username="dora").exists()) == (422, False)
    joined = client.post(link, {"username": "dora", "password": "harbour lamps at nine"})
    assert joined["Location"] == f"/p/{project.slug}/"
    assert client.get(joined["Location"]).status_code == 200
    assert Client().get(link).status_code == 410
    assert Membership.objects.get(user__username="dora").role == "reviewer"


def test_reloading_after_an_invitation_makes_no_second_link(client: Client) -> None:
    """The form leads to the page (303), so a reload is a look at it; the link stands there once, and nowhere else."""
    project = make_project()
    client.force_login(owner_of(project))
    people = f"/p/{project.slug}/people/"
    made = client.post(people, {"role": "reviewer", "days": "7"})
    assert (made.status_code, made["Location"]) == (303, people)
    first, second = client.get(people), client.get(people)
    assert ("/join/" in first.content.decode(), "/join/" in second.content.decode()) == (True, False)
    assert first["Cache-Control"] == "no-store"
    assert Invitation.objects.count() == 1


def test_a_secret_that_the_browser_made_up_is_not_shown(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    client.cookies["shown-once"] = "https://evil.example/join/"
    assert "evil.example" not in client.get(f"/p/{project.slug}/people/").content.decode()


def test_somebody_with_a_login_joins_with_it(client: Client) -> None:
    project = make_project()
    _, token = invite(project, role="curator", by=owner_of(project))
    client.force_login(make_user("erik"))
    assert (
        client.post(f"/join/{token}/").status_code == 302 or Membership.objects.filter(user__username="erik").exists()
    )
    assert Membership.objects.get(user__username="erik").role == "curator"


def test_an_unknown_invitation_does_not_exist(client: Client) -> None:
    assert client.get("/join/made-up/").status_code == 404


def test_roles_change_and_the_last_owner_stays(client: Client) -> None:
    project = make_project(alice="reviewer")
    owner, alice = owner_of(project), member(project, "alice")
    client.force_login(owner)
    root = f"/p/{project.slug}/people/"
    client.post(f"{root}{alice.pk}/role/", {"role": "curator"})
    assert Membership.objects.get(user=alice).role == "curator"
    client.post(f"{root}{owner.pk}/remove/")
    assert Membership.objects.filter(user=owner).exists()
    client.post(f"{root}{alice.pk}/remove/")
    assert not Membership.objects.filter(user=alice).exists()
    assert client.post(f"{root}{make_user().pk}/remove/").status_code == 404


def test_an_invitation_can_be_taken_back(client: Client) -> None:
    project = make_project()
    invitation, token = invite(project, role="reviewer", by=owner_of(project))
    client.force_login(owner_of(project))
    client.post(f"/p/{project.slug}/people/invitations/{invitation.pk}/revoke/")
    assert Client().get(f"/join/{token}/").status_code == 410
    assert Invitation.objects.get().revoked_at is not None


def test_a_token_is_shown_once_and_revoked(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    asked = {"name": "importer", "scopes": ["read"], "days": "30"}
    made = client.post("/tokens/", asked, follow=True).content.decode()
    assert "att_" in made
    token = ApiToken.objects.get()
    assert made.count(token.prefix) == 2  # the token itself, and its beginning in the list
    assert client.get("/tokens/").content.decode().count(token.prefix) == 1
    client.post(f"/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_another_persons_token_does_not_exist(client: Client) -> None:
    token, _ = create_token(user=make_user(), name="theirs", scopes=["read"])
    client.force_login(make_user())
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 404


def test_a_token_without_scope_says_what_to_do(client: Client) -> None:
    client.force_login(make_user())
    answer = client.post("/tokens/", {"name": "importer", "days": "30"})
    assert (answer.status_code, "Choose at least one thing" in answer.content.decode()) == (422, True)


def test_a_password_is_changed(client: Client) -> None:
    user = make_user("alice")
    client.force_login(user)
    new = "nine harbour lamps"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password/", fields)["Location"] == "/"
    user.refresh_from_db()
    assert user.check_password(new)
