"""AZ-01: what each role is answered at each address, compared with a table that people can read.

`matrix.csv` has a line for each route and method: the status that an empty request of each role gets, where the
blanks of the address lead to things of a project in which the role is held. A dash stands where nothing is asked
(programs open the API alone). A route that is not in the table fails, and so does a line that is no route.
"""

from __future__ import annotations

import csv
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern

from claims.people.actions import SCOPES
from tests.security.world import ROLES, World, routes, undone

TABLE = Path(__file__).with_name("matrix.csv")
pytestmark = pytest.mark.django_db
API, ADMIN = "api/v1/", "admin/"
COLUMNS = (*ROLES, *SCOPES)


def methods_of(route: str, pattern: URLPattern) -> list[str]:
    """Those that the table lists: an endpoint of the API says which it has, a page is asked with and without a form."""
    view = getattr(pattern.callback, "view_class", None)
    if route.startswith(API) and view is not None:
        return [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if hasattr(view, method.lower())]
    return ["GET"] if route.startswith((API, ADMIN)) else ["GET", "POST"]


@cache
def table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(newline="", encoding="utf-8") as lines:
        return {(line["route"], line["method"]): line for line in csv.DictReader(lines)}


def ask(world: World, role: str, route: str, method: str) -> str:
    address = world.address(route)
    sent: dict[str, Any] = {}
    if route.startswith(API) and method != "GET":
        key = {"Idempotency-Key": str(uuid.uuid4())}
        sent = {"data": b"{}", "content_type": "application/json", "headers": key}
    with undone():
        response = getattr(world.client(role), method.lower())(address, **sent)
        response.getvalue()  # to the end of a stream, which closes its file
    return str(response.status_code)


def test_it_works_az_01_every_route_is_in_the_table_and_nothing_else() -> None:
    known = {(route, method) for route, pattern in routes() for method in methods_of(route, pattern)}
    assert known - set(table()) == set(), "add these to tests/security/matrix.csv"
    assert set(table()) - known == set(), "these are no routes any more"


@pytest.mark.parametrize("role", COLUMNS)
def test_az_01_each_role_is_answered_as_the_table_says(world: World, role: str) -> None:
    expected = {place: line[role] for place, line in table().items() if line[role] != "-"}
    assert {place: ask(world, role, *place) for place in expected} == expected


def test_az_01_the_table_leaves_nobody_out() -> None:
    for (route, method), line in table().items():
        asked = COLUMNS if route.startswith(API) else ROLES
        assert [column for column in asked if not line[column].isdigit()] == [], f"{method} {route}"
        assert not any(line[column].startswith("5") for column in asked), f"{method} {route} fails"


def test_az_01_only_members_are_answered_inside_a_project() -> None:
    for (route, method), line in table().items():
        if "<slug:slug>" in route and route.startswith("p/"):
            said = {line[role] for role in ("anonymous", "outsider", "staff")}
            assert said <= {"302", "404", "405"}, f"{method} {route}"
