"""What stays exact when many ask at once: real connections, real commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from claims.api.endpoint import PER_TOKEN
from claims.models import Job, Project, RequestCount
from claims.people.access import count_request
from tests.api.caller import Caller, fresh_key
from tests.factories import TEXT, make_project, make_user, owner_of

pytestmark = pytest.mark.django_db(transaction=True)


def in_parallel(n: int, act: Callable[[], Any]) -> list[Any]:
    """The results of n threads doing the same at once, each on a connection of its own."""

    def one(_: int) -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def test_ap_12_the_limit_is_exact_under_50_parallel_clients() -> None:
    caller, other = Caller(make_user()), Caller(make_user())

    def eight_requests() -> Counter[int]:
        mine = Caller()
        mine.headers = caller.headers
        return Counter(mine.get("projects/").status_code for _ in range(8))

    assert sum(in_parallel(50, eight_requests), Counter()) == {200: PER_TOKEN, 429: 400 - PER_TOKEN}
    assert other.get("projects/").status_code == 200


def test_a_window_that_ends_begins_again_once() -> None:
    RequestCount.objects.create(key="token:1", since="2020-01-01T00:00:00Z", n=300)
    used = [allowance.used for allowance in in_parallel(20, lambda: count_request("token:1", 300))]
    assert sorted(used) == list(range(1, 21))


def test_counting_is_not_logged() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE oid = 'claims_requestcount'::regclass")
        assert cursor.fetchone()[0] == "u"


def test_ap_15_a_key_used_at_once_is_done_once() -> None:
    project, key = make_project(), fresh_key()
    caller = Caller(owner_of(project))
    answers = in_parallel(
        12, lambda: caller.post(f"projects/{project.slug}/articles/", {"text": TEXT}, Idempotency_Key=key)
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Job.objects.filter(kind="import_articles").count() == 1


def test_ap_15_of_different_bodies_at_once_one_wins() -> None:
    user, key = make_user(), fresh_key()
    caller, names = Caller(user), iter(range(100))
    answers = in_parallel(
        8,
        lambda: caller.post(
            "projects/",
            {"name": f"P {(n := next(names))}", "slug": f"p-{n}", "goal": "check_claims"},
            Idempotency_Key=key,
        ),
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 7}
    assert Project.objects.count() == 1
