"""AU: who is signed in, how that begins, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client

from claims import jobs
from claims.importing.actions import start_import
from claims.models import Article, User
from claims.people.actions import change_role, create_token
from tests.annotator.test_settings import PRODUCTION, ROOT
from tests.factories import PASSWORD, make_project, make_user, member, owner_of, run_jobs
from tests.security.test_matrix import methods_of
from tests.security.world import World, checksums, routes

pytestmark = pytest.mark.django_db


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password, **more})


def test_it_works(client: Client) -> None:
    user = make_user("alice")
    assert sign_in(client, user.username)["Location"] == "/"
    assert client.get("/tokens/").status_code == 200


def test_au_05_an_unknown_name_and_a_wrong_password_are_answered_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes but for the name that was typed, and on both paths one hash is computed."""
    make_user("alice")
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, p, s: hashed.append(p) or encode(self, p, s))
    answers = []
    for name in ("alice", "ghost"):
        hashed.clear()
        client = Client()
        response = sign_in(client, name, "a-wrong-sentence-of-words")
        body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode()).replace(name, "NAME")
        headers = {key: value for key, value in response.headers.items() if key not in ("X-Request-ID", "Expires")}
        answers.append((response.status_code, headers, body, sorted(response.cookies), len(hashed)))
    assert answers[0] == answers[1]
    assert answers[0][-1] == 1


def test_au_06_signing_in_gives_a_new_session_and_ends_the_old_one() -> None:
    user = make_user("alice")
    planted = Client()
    planted.session["theirs"] = 1
    store = planted.session
    store["theirs"] = 1
    store.save()
    planted.cookies["session"] = store.session_key
    sign_in(planted, user.username)
    new = planted.cookies["session"].value
    assert new != store.session_key
    assert not Session.objects.filter(session_key=store.session_key).exists()
    thief = Client()
    thief.cookies["session"] = store.session_key
    assert thief.get("/tokens/").status_code == 302


def test_au_06_a_new_password_rotates_the_session_and_ends_the_others() -> None:
    user = make_user("alice")
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, user.username)
    before = here.cookies["session"].value
    fresh = {"new_password1": "quite-another-sentence-7", "new_password2": "quite-another-sentence-7"}
    assert here.post("/password/", {"old_password": PASSWORD, **fresh}).status_code == 302
    assert here.cookies["session"].value != before
    assert here.get("/tokens/").status_code == 200
    assert elsewhere.get("/tokens/").status_code == 302
    thief = Client()
    thief.cookies["session"] = before
    assert thief.get("/tokens/").status_code == 302


def test_au_06_a_new_role_holds_from_the_next_request(client: Client) -> None:
    """No session carries a role: it is read with each request."""
    project = make_project(clio="curator")
    clio = member(project, "clio")
    client.force_login(clio)
    assert client.get(f"/p/{project.slug}/disputes/").status_code == 200
    change_role(project, user=clio, role="reviewer", by=owner_of(project))
    assert client.get(f"/p/{project.slug}/disputes/").status_code == 403


def test_au_08_cookies_in_production() -> None:
    """The settings of a production start, and the cookies that are really sent under them."""
    code = (
        "import json; from django.conf import settings as s; print(json.dumps({n: getattr(s, n) for n in dir(s) "
        "if n.startswith(('SESSION_COOKIE', 'CSRF_COOKIE'))}))"
    )
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **PRODUCTION}
    bare["DJANGO_SETTINGS_MODULE"] = "annotator.settings"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=bare, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    user = make_user("alice")
    with pytest.MonkeyPatch.context() as patch:
        from django.conf import settings

        for name, value in found.items():
            patch.setattr(settings, name, value)
        client = Client()
        client.get("/sign-in/", secure=True)
        client.post("/sign-in/", {"username": user.username, "password": PASSWORD}, secure=True)
        client.post("/appearance/", {"theme": "dark"}, secure=True)
    sent = client.cookies
    assert set(sent) == {"__Host-session", "__Host-csrf", "__Host-known", "theme"}
    for name, cookie in sent.items():
        assert cookie["secure"], name
        assert cookie["samesite"] == "Lax", name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name
        assert bool(cookie["httponly"]) == (name != "theme"), name


@pytest.mark.parametrize("sent", ["nothing", "a foreign token", "a foreign origin"])
def test_au_09_no_form_and_no_call_of_a_session_without_its_csrf_token(world: World, sent: str) -> None:
    client = world.client("owner", enforce_csrf_checks=True)
    fields: dict[str, str] = {}
    headers: dict[str, str] = {}
    own = csrf_token_of(client, "/start/")
    if sent != "nothing":
        token = own if sent == "a foreign origin" else csrf_token_of(Client(), "/sign-in/")
        fields, headers = {"csrfmiddlewaretoken": token}, {"X-CSRFToken": token}
    if sent == "a foreign origin":
        headers["Origin"] = "https://evil.example"
    before = checksums()
    for route, pattern in routes():
        address = world.address(route)
        for method in {"POST", "PUT", "PATCH", "DELETE"} & {*methods_of(route, pattern), "POST"}:
            if route.startswith("api/v1/"):
                if method not in methods_of(route, pattern):
                    continue
                response = client.generic(method, address, b"{}", content_type="application/json", headers=headers)
                assert response.json()["code"] == "csrf_failed", f"{method} {address}"
            else:
                response = getattr(client, method.lower())(address, fields, headers=headers)
            assert response.status_code == 403, f"{method} {address}"
    assert checksums() == before


def csrf_token_of(client: Client, address: str) -> str:
    return re.findall(r'csrfmiddlewaretoken" value="(\w+)"', client.get(address).content.decode())[0]


def test_au_09_nobody_is_signed_in_or_out_by_a_foreign_form() -> None:
    user = make_user("alice")
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, user.username).status_code == 403
    assert "session" not in client.cookies
    client.force_login(user)
    assert client.post("/sign-out/").status_code == 403
    assert client.get("/tokens/").status_code == 200


def test_au_16_a_deactivated_person_is_out_with_the_next_request() -> None:
    project = make_project(clio="curator")
    clio = member(project, "clio")
    page, (_, plain) = Client(), create_token(user=clio, name="t", scopes=["read"])
    api = Client(headers={"authorization": f"Bearer {plain}"})
    page.force_login(clio)
    assert (page.get("/tokens/").status_code, api.get("/api/v1/projects/").status_code) == (200, 200)
    User.objects.filter(pk=clio.pk).update(is_active=False)
    assert page.get("/tokens/").status_code == 302
    assert page.get(f"/p/{project.slug}/").status_code == 302
    assert page.get("/api/v1/projects/").status_code == 401
    refused = api.get("/api/v1/projects/")
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
    assert "session" not in sign_in(Client(), clio.username).cookies


def test_au_16_what_a_deactivated_person_had_ordered_is_not_done() -> None:
    project = make_project(clio="curator")
    clio = member(project, "clio")
    job = start_import(project, text="The weir at Zanderfurt broke.\n\nNobody was hurt.", by=clio, options={})
    User.objects.filter(pk=clio.pk).update(is_active=False)
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.reason) == ("failed", "person_deactivated")
    assert "deactivated" in job.sentence
    assert not Article.objects.filter(project=project).exists()


def test_au_16_work_that_nobody_ordered_is_done_all_the_same() -> None:
    """What follows from labels has no person behind it."""
    done: list[int] = []
    job = jobs.enqueue("fold_round")
    jobs.run(job.pk, {"fold_round": lambda job: done.append(job.pk) or jobs.finish(job, "succeeded")})
    assert done == [job.pk]
