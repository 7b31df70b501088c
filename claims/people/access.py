"""Programs that ask: whose token this is, how many requests it has left, and which request is a repeat."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from claims.errors import Refused
from claims.models import ApiToken, IdempotencyRecord, RequestCount, User
from claims.models.statements import fetch_one
from claims.people.actions import sha256

WINDOW = 60  # seconds
TOKEN = re.compile(r"att_[A-Za-z0-9_-]{20,100}")
KEY = re.compile(r"[!-~]{8,64}")

# A window begins with the first request after the last one ended. One upsert: parallel requests of one key are
# counted one after the other, so the limit is exact.
COUNT = f"""
INSERT INTO {RequestCount._meta.db_table} AS kept (key, since, n) VALUES (%(key)s, now(), 1)
ON CONFLICT (key) DO UPDATE SET
    n = CASE WHEN kept.since > now() - make_interval(secs => %(window)s) THEN kept.n + 1 ELSE 1 END,
    since = CASE WHEN kept.since > now() - make_interval(secs => %(window)s) THEN kept.since ELSE now() END
RETURNING n, ceil(extract(epoch FROM since - now()) + %(window)s)::int
"""  # noqa: S608 - the table's own name


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit after this request, and in how many seconds the window ends."""

    limit: int
    used: int
    seconds_left: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def is_spent(self) -> bool:
        return self.used > self.limit


def count_request(key: str, limit: int, window: int = WINDOW) -> Allowance:
    """Count one request of `key`, in its own short transaction."""
    row = fetch_one(COUNT, {"key": key, "window": window})
    assert row is not None  # noqa: S101 - an upsert always returns its row
    used, seconds_left = row
    return Allowance(limit, used, max(1, seconds_left))


def find_token(plain: str) -> ApiToken | None:
    """The live token with this plain text: not revoked, not expired, its user not deactivated."""
    if not TOKEN.fullmatch(plain):
        return None
    return (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=Now()), revoked_at=None, user__is_active=True)
        .filter(token_sha256=sha256(plain))
        .first()
    )


def note_use(token: ApiToken) -> None:
    """Remember that the token is in use; once a minute is often enough."""
    if token.last_used_at is None or timezone.now() - token.last_used_at > timedelta(seconds=WINDOW):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    body: Any
    is_repeat: bool = False


def check_key(key: str) -> None:
    """Raises Refused `invalid_idempotency_key`."""
    if KEY.fullmatch(key):
        return
    given = f"This one has {len(key)}" if key.isascii() else "This one holds others"
    sentence = f"An idempotency key has 8 to 64 visible ASCII characters, no spaces. {given}. Send for example a UUID."
    raise Refused("invalid_idempotency_key", sentence, status=400)


def once(user: User, key: str, request_sha256: str, act: Callable[[], tuple[int, Mapping[str, Any]]]) -> Answer:
    """Do `act` once for this user and key, and give repeats the first answer.

    The record and the effect are one transaction: two at once wait for each other, and what fails leaves no record.
    Raises Refused `idempotency_key_reused` when the key came with another request.
    """
    check_key(key)
    with transaction.atomic():
        if not _take_key(user, key, request_sha256):
            return _earlier(user, key, request_sha256)
        status, body = act()
        IdempotencyRecord.objects.filter(user=user, key=key).update(status=status, body=dict(body))
    return Answer(status, body)


def _take_key(user: User, key: str, request_sha256: str) -> bool:
    """Write the record; False when another request holds the key (after waiting for one that is not done yet)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO claims_idempotencyrecord (user_id, key, request_sha256) VALUES (%s, %s, %s) "
            "ON CONFLICT (user_id, key) DO NOTHING RETURNING id",
            [user.pk, key, request_sha256],
        )
        return cursor.fetchone() is not None


def _earlier(user: User, key: str, request_sha256: str) -> Answer:
    record = IdempotencyRecord.objects.get(user=user, key=key)
    if record.request_sha256 != request_sha256:
        raise Refused("idempotency_key_reused", "This idempotency key was used for another request. Use a fresh key.")
    return Answer(record.status or 200, record.body, is_repeat=True)
