"""No address of the API takes a parameter that it does not name."""

from __future__ import annotations

import json

import pytest

from tests.security.test_matrix import API, methods_of
from tests.security.world import World, routes

pytestmark = pytest.mark.django_db
OPEN = ("schema/", "docs/", "*")  # the document itself, which reads none, and what leads nowhere


def test_ap_04_look_ups_and_patterns_are_refused_by_every_list_and_every_row(world: World) -> None:
    answered = {}
    for route, pattern in routes():
        if not route.startswith(API) or "GET" not in methods_of(route, pattern) or route.endswith(OPEN):
            continue
        answer = world.client("owner").get(f"{world.address(route)}?text__iregex=(a%2B)%2B$")
        body = json.loads(answer.content) if answer.headers["Content-Type"] == "application/problem+json" else {}
        answered[route] = (answer.status_code, body.get("code"))
    assert len(answered) > 40
    assert {route: found for route, found in answered.items() if found != (400, "unknown_filter")} == {}
