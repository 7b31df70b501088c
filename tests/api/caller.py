"""A program that calls the API: a client with a token, or with a person's session."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from claims.models import Project, User
from claims.people.actions import SCOPES, create_token

ROOT = "/api/v1/"
_keys = itertools.count(1)


class Caller:
    """Sends JSON with a token's header; addresses are relative to /api/v1/. Answers keep Django's shape."""

    def __init__(
        self, user: User | None = None, *, scopes: Sequence[str] = SCOPES, project: Project | None = None
    ) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers: dict[str, str] = {}
        if user is not None:
            self.token, self.plain = create_token(user=user, name="test", scopes=scopes, project=project)
            self.headers = {"Authorization": f"Bearer {self.plain}"}

    def send(self, method: str, address: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        kind = given.pop("Content-Type", "application/json")
        return self.client.generic(method, ROOT + address, data, content_type=kind, headers=given)

    def get(self, address: str, **headers: str) -> Any:
        return self.send("GET", address, **headers)

    def post(self, address: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", address, {} if body is None else body, **headers)

    def put(self, address: str, body: Any, **headers: str) -> Any:
        return self.send("PUT", address, body, **headers)

    def patch(self, address: str, body: Any, **headers: str) -> Any:
        return self.send("PATCH", address, body, **headers)


def signed_in(user: User, *, with_csrf: bool = False) -> Caller:
    """A caller with the session of the pages."""
    caller = Caller()
    caller.client = Client(enforce_csrf_checks=not with_csrf)
    caller.client.force_login(user)
    return caller


def fresh_key() -> str:
    return f"key-{next(_keys):08}"


def code(response: Any) -> str:
    """The stable code of a refusal; fails when the answer is none."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    body = response.json()
    assert body["status"] == response.status_code
    return str(body["code"])
