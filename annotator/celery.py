"""The Celery application; settings come from Django under the prefix CELERY_."""

from __future__ import annotations

import gc
import os
import threading
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import beat_init, celeryd_init, worker_init, worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
# Django's checks load every page with all that pages need, which no worker does; `manage.py check` asks them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
app = Celery("attest")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
hearts: list[threading.Event] = []


@celeryd_init.connect
@beat_init.connect
def start_embedded_servers(**_: Any) -> None:
    """A worker talks to the broker before it talks to the database, so it starts them itself."""
    from django.conf import settings

    if settings.EMBEDDED and not settings.TESTING:
        from annotator.embedded import cluster

        # On a machine of one's own it is no news that root started this; in production the warning stays.
        warnings.simplefilter("ignore", SecurityWarning)
        cluster.ensure(settings.EMBEDDED)


@worker_init.connect
def share_what_is_loaded(**_: Any) -> None:
    """Before the pool is forked: a search for garbage would write into every page, and each child keep its own copy."""
    gc.freeze()


@worker_ready.connect
def say_that_worker_lives(**_: Any) -> None:
    _beat_hearts("worker")


@beat_init.connect
def say_that_beat_lives(**_: Any) -> None:
    _beat_hearts("beat")


@worker_shutting_down.connect
def fall_silent(**_: Any) -> None:
    from claims import jobs

    jobs.stop_soon()
    for stopping in hearts:
        stopping.set()


def _beat_hearts(component: str) -> None:
    from django.conf import settings

    from annotator.operation import heartbeat

    if not settings.TESTING:
        hearts.append(heartbeat.start(component))
