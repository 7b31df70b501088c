"""Manners towards other sites: at most two requests at once and one a second to a host, whatever worker asks, and
robots.txt. The database is what all workers share; its clock decides."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.robotparser import RobotFileParser

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from claims.errors import Refused
from claims.models import RemoteHost
from claims.outbound.addresses import Target
from claims.outbound.client import Fetched, fetch
from claims.outbound.policy import PUBLIC

SECONDS_BETWEEN = 1.0
LEASE = PUBLIC.seconds + 10  # a worker that died holds its place no longer
PATIENCE = 60.0
ROBOTS_BYTES = 500_000  # RFC 9309
ROBOTS_KEPT = timedelta(days=1)

TAKE = """
UPDATE claims_remotehost AS host
   SET next_at = clock_timestamp() + %(gap)s * interval '1 second',
       first_holder = CASE WHEN first_until <= clock_timestamp() THEN %(token)s ELSE first_holder END,
       first_until = CASE WHEN first_until <= clock_timestamp() THEN clock_timestamp() + %(lease)s * interval '1 second'
                          ELSE first_until END,
       second_holder = CASE WHEN first_until <= clock_timestamp() THEN second_holder ELSE %(token)s END,
       second_until = CASE WHEN first_until <= clock_timestamp() THEN second_until
                           ELSE clock_timestamp() + %(lease)s * interval '1 second' END
 WHERE host.host = %(host)s AND next_at <= clock_timestamp()
   AND (first_until <= clock_timestamp() OR second_until <= clock_timestamp())
RETURNING 1
"""
WAIT = """
SELECT extract(epoch FROM greatest(next_at, least(first_until, second_until)) - clock_timestamp())
  FROM claims_remotehost WHERE host = %s
"""


def fetch_politely(
    url: str, *, etag: str = "", last_modified: str = "", waiting: Callable[[], None] = lambda: None
) -> Fetched:
    """Get a foreign address when it is its host's turn. `waiting` is called about every second until then.

    Raises Refused: what `fetch` raises, `robots_disallow`, `host_busy`.
    """

    @contextmanager
    def turn(target: Target) -> Iterator[None]:
        check_robots(target, waiting)
        with turn_at(target.host, waiting):
            yield

    return fetch(url, etag=etag, last_modified=last_modified, turn=turn)


@contextmanager
def turn_at(host: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold one of the two places at a host. Raises Refused `host_busy` after a minute in the queue."""
    RemoteHost.objects.bulk_create([RemoteHost(host=host)], ignore_conflicts=True)
    token, ends = uuid.uuid4().hex, time.monotonic() + PATIENCE
    while not _take(host, token):
        if time.monotonic() > ends:
            raise Refused("host_busy", "Many pages of this site are asked for already. Try again later.", status=503)
        waiting()
        time.sleep(min(max(_wait(host), 0.02), 1.0))
    try:
        yield
    finally:
        for place in ("first", "second"):
            held = RemoteHost.objects.filter(host=host, **{f"{place}_holder": token})
            held.update(**{f"{place}_holder": "", f"{place}_until": Now()})


def check_robots(target: Target, waiting: Callable[[], None] = lambda: None) -> None:
    """Raise Refused `robots_disallow` when the site asks programs like ours to stay away from a page."""
    if not settings.OUTBOUND_ROBOTS:
        return
    rules = RobotFileParser()
    rules.parse(_robots_of(target, waiting).splitlines())
    if not rules.can_fetch(settings.OUTBOUND_USER_AGENT, target.url):
        raise Refused("robots_disallow", "The site asks programs not to fetch this page (robots.txt).", status=403)


def _robots_of(target: Target, waiting: Callable[[], None]) -> str:
    """The site's robots.txt, asked for once a day. Where there is none, or it does not come, everything is allowed."""
    kept = RemoteHost.objects.filter(host=target.host, robots_at__gt=Now() - ROBOTS_KEPT)
    if (known := kept.values_list("robots", flat=True).first()) is not None:
        return known
    address = f"{target.scheme}://{target.authority}/robots.txt"
    try:
        answer = fetch(
            address, policy=replace(PUBLIC, body_bytes=ROBOTS_BYTES), turn=lambda hop: turn_at(hop.host, waiting)
        )
        text = answer.body.decode("utf-8", "replace").replace("\0", "") if answer.status == 200 else ""
    except Refused:
        text = ""
    RemoteHost.objects.bulk_create([RemoteHost(host=target.host)], ignore_conflicts=True)
    RemoteHost.objects.filter(host=target.host).update(robots=text, robots_at=Now())
    return text


def _take(host: str, token: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"host": host, "token": token, "gap": SECONDS_BETWEEN, "lease": LEASE})
        return cursor.fetchone() is not None


def _wait(host: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(WAIT, [host])
        row = cursor.fetchone()
    return float(row[0]) if row else 0.0
