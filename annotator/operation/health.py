"""Whether the parts of an installation answer: the database, the broker, workers, beat, and the queue they share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.db import DatabaseError, InterfaceError
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from claims import jobs
from claims.models import Job

SILENCE = timedelta(seconds=30)
# Seconds; anybody may ask, so asking is cheap. What is not well is asked again sooner: somebody waits for it.
REMEMBERED, REMEMBERED_ILL = 1.0, 0.2
_lock = threading.Lock()
_last: tuple[float, dict[str, str]] = (float("-inf"), {})
_moving_at = float("-inf")  # when a job was last seen to be done


def health() -> dict[str, str]:
    """Each part and its state in a word; "ok" is well. What could not be asked is "unknown". No hosts, no counts."""
    global _last  # noqa: PLW0603 - one answer for each process
    with _lock:
        asked_at, found = _last
        if time.monotonic() - asked_at > (REMEMBERED if set(found.values()) == {"ok"} else REMEMBERED_ILL):
            found = {"database": "ok", "broker": _broker()} | _from_database()
            _last = (time.monotonic(), found)
        return found


def _from_database() -> dict[str, str]:
    try:
        return {name: ask() for name, ask in ASKED_OF_DATABASE.items()}
    except (DatabaseError, InterfaceError):
        return {"database": "unavailable"} | dict.fromkeys(ASKED_OF_DATABASE, "unknown")


def _queue() -> str:
    """A long queue is work, not a fault: it is stalled when something waits and nothing was done for a while. Between
    two jobs nothing is done for a moment, so the last look counts, as long as a worker is alive (FT-24: 30 seconds)."""
    global _moving_at  # noqa: PLW0603 - under the lock of `health`
    if Job.objects.filter(state="running", heartbeat_at__gt=Now() - SILENCE).exists():
        _moving_at = time.monotonic()
    is_moving = time.monotonic() - _moving_at < SILENCE.total_seconds() and jobs.is_alive("worker", SILENCE)
    return "stalled" if not is_moving and Job.objects.stalled(SILENCE).exists() else "ok"


def _silent_unless_alive(component: str) -> Callable[[], str]:
    return lambda: "ok" if jobs.is_alive(component, SILENCE) else "silent"


def _broker() -> str:
    try:
        with current_app.connection_for_write(transport_options=FAST) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError):
        return "unavailable"
    return "ok"


FAST = {"socket_connect_timeout": 2, "socket_timeout": 2, "polling_interval": 0.02}
ASKED_OF_DATABASE: dict[str, Callable[[], str]] = {
    "worker": _silent_unless_alive("worker"),
    "beat": _silent_unless_alive("beat"),
    "queue": _queue,
}
