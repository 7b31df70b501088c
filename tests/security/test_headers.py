"""XS-04, AU-11, OP-02: the headers of every answer there is, and PR-06: what a click on a source tells the source."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from claims.web.account import home
from tests.security.canary import faults_of
from tests.security.world import World, routes, undone

pytestmark = pytest.mark.django_db
NONE, OWN = "'none'", "'self'"
POLICY = {
    "default-src": NONE,
    "script-src": OWN,
    "style-src": OWN,
    "img-src": OWN,
    "font-src": OWN,
    "connect-src": OWN,
    "form-action": OWN,
    "base-uri": NONE,
    "object-src": NONE,
    "frame-ancestors": NONE,
}
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STORED = ("sources/<int:source_pk>/", "files/<str:name>", "files/<str:name>/")


def check_headers(response: Any, what: str) -> None:
    """The policy as it is or stricter, and the others to the letter."""
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    sandboxed = "sandbox" in policy
    assert policy["default-src"] == NONE, what
    assert sandboxed or {name: policy.get(name) for name in POLICY} == POLICY, what
    assert "unsafe" not in response["Content-Security-Policy"]
    assert {name: response.headers.get(name) for name in OTHERS} == OTHERS, what
    assert "camera=()" in response["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("role", ["anonymous", "reviewer", "owner", "staff"])
def test_it_works_xs_04_au_11_on_every_address(world: World, role: str) -> None:
    client = world.client(role)
    for route, _ in routes():
        for method in ("GET", "POST") if not route.startswith("admin/") else ("GET",):
            with undone():
                response = client.generic(method, world.address(route))
                response.getvalue()
            check_headers(response, f"{method} {route}")


def statuses(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[int, Any]:
    """One answer of each kind of failure."""
    owner = world.client("owner")
    found = {
        400: owner.get(f"/p/{world.project.slug}/articles/?before=abc"),
        403: world.client("owner", enforce_csrf_checks=True).post("/start/"),
        404: owner.get("/nothing-here/"),
        405: owner.get("/sign-out/"),
    }
    settings.ALLOWED_HOSTS = ["attest.example"]
    found[1400] = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})
    settings.ALLOWED_HOSTS = ["testserver"]

    def fail(error: Exception) -> Any:
        def standings_of(user: Any) -> Any:
            raise error

        monkeypatch.setattr(home, "standings_of", standings_of)
        return owner.get("/")

    found[500] = fail(ValueError("SELECT canary FROM secrets"))
    found[503] = fail(OperationalError("canary"))
    return found


def test_xs_04_au_11_on_every_kind_of_failure(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    for status, response in statuses(world, monkeypatch, settings).items():
        assert response.status_code == status % 1000
        check_headers(response, str(status))
        body = response.content.decode()
        assert faults_of(body) == [], status
        assert "canary" not in body
        assert "Traceback" not in body


@pytest.mark.parametrize("path", ["/static/css/base.css", "/static/js/page.js", "/static/nothing.js", "/static/"])
def test_xs_04_on_static_files(client: Client, path: str) -> None:
    response = client.get(path)
    response.getvalue()
    check_headers(response, path)


def test_xs_06_stored_bytes_are_only_ever_a_download(world: World) -> None:
    owner = world.client("owner")
    asked = [route for route, _ in routes() if route.endswith(STORED)]
    assert len(asked) == 3
    for route in asked:
        response = owner.get(world.address(route))
        response.getvalue()
        assert response["Content-Type"] == "application/octet-stream", route
        assert response["Content-Disposition"].startswith("attachment"), route
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"], route
        assert "svg" not in response["Content-Disposition"]


def test_pr_06_links_to_sources_tell_nothing(world: World) -> None:
    """`faults_of` refuses a link to elsewhere without noopener and noreferrer; here are pages that have such links."""
    seen = 0
    for role in ("owner", "reviewer"):
        client = world.client(role)
        for route, _ in routes():
            answer = client.get(world.address(route)) if route.startswith("p/<slug:slug>/") else None
            if answer is not None and answer.headers["Content-Type"].startswith("text/html"):  # not a download
                body = answer.getvalue().decode()
                assert faults_of(body) == [], route
                seen += body.count('href="https://')
    assert seen > 0
