"""Says every few seconds that a worker or beat is alive, also while all of a worker's processes are busy."""

from __future__ import annotations

import os
import socket
import threading
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection

INTERVAL = 5.0  # seconds; /healthz takes a component that was silent for 30 as gone
KEPT = timedelta(days=1)


def start(component: str) -> threading.Event:
    """Start the thread; setting the returned event ends it."""
    stopping = threading.Event()
    name = f"{component}@{socket.gethostname()}:{os.getpid()}"
    threading.Thread(target=_beat, args=(component, name, stopping), daemon=True, name="heartbeat").start()
    return stopping


def _beat(component: str, name: str, stopping: threading.Event) -> None:
    from claims import jobs

    while True:
        try:
            jobs.beat_heart(component, name)
        except (DatabaseError, InterfaceError):  # away for a while; silence is the right thing to say
            pass
        finally:
            connection.close()  # the pool forks: no connection of this thread may be open for long
        if stopping.wait(INTERVAL):
            return
