"""The Celery application; settings come from Django under the prefix CELERY_."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
app = Celery("attest")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def start_embedded_servers(**_: Any) -> None:
    """A worker talks to the broker before it talks to the database, so it starts them itself."""
    from django.conf import settings

    if settings.EMBEDDED and not settings.TESTING:
        from annotator.embedded import cluster

        cluster.ensure(settings.EMBEDDED)
