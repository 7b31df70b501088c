"""Tokens, counting, and requests that come twice."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from claims.errors import Refused
from claims.models import ApiToken, IdempotencyRecord, RequestCount
from claims.people.access import count_request, find_token, note_use, once
from claims.people.actions import create_token, revoke_token
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    token, plain = create_token(user=make_user(), name="import", scopes=["read"])
    assert find_token(plain) == token
    revoke_token(token, by=token.user)
    assert find_token(plain) is None


@pytest.mark.parametrize("plain", ["", "att_", "att_short", "x" * 47, "att_" + "\0" * 43, "att_" + "é" * 43])
def test_what_is_no_token_asks_the_database_nothing(
    plain: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert find_token(plain) is None


def test_use_is_noted_once_a_minute() -> None:
    token, _ = create_token(user=make_user(), name="import", scopes=["read"])
    note_use(token)
    first = ApiToken.objects.get()
    assert first.last_used_at is not None
    note_use(first)
    assert ApiToken.objects.get().last_used_at == first.last_used_at


def test_a_window_counts_up_to_its_end_and_begins_again() -> None:
    assert [count_request("token:1", 2).is_spent for _ in range(3)] == [False, False, True]
    assert count_request("token:2", 2).remaining == 1
    RequestCount.objects.filter(key="token:1").update(since="2020-01-01T00:00:00Z")
    again = count_request("token:1", 2)
    assert (again.used, again.remaining, again.seconds_left) == (1, 1, 60)


def test_a_request_is_done_once_and_answered_twice() -> None:
    user, done = make_user(), []

    def act() -> tuple[int, dict[str, int]]:
        done.append(1)
        return 201, {"id": 7}

    first, again = once(user, "key-0001", "a" * 64, act), once(user, "key-0001", "a" * 64, act)
    assert (first.status, first.body, first.is_repeat) == (201, {"id": 7}, False)
    assert (again.status, again.body, again.is_repeat) == (201, {"id": 7}, True)
    assert len(done) == 1
    with pytest.raises(Refused, match="another request"):
        once(user, "key-0001", "b" * 64, act)


def test_what_fails_leaves_no_record() -> None:
    def act() -> tuple[int, dict[str, int]]:
        raise Refused("no", "Not like this.")

    with pytest.raises(Refused, match="Not like this"):
        once(make_user(), "key-0001", "a" * 64, act)
    assert not IdempotencyRecord.objects.exists()
