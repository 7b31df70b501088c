"""One world a module, in a transaction that is rolled back at its end; each test undoes what it wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.models.functions import Now
from pytest_django.plugin import DjangoDbBlocker

from annotator.operation import health
from claims.models import Heartbeat, Job
from tests.security.world import World, make_world, undone


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield make_world()


@pytest.fixture
def world(built_world: World, db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(health, "_last", (float("-inf"), {}))
    Heartbeat.objects.update(seen_at=Now())  # the world may be older than the silence that /healthz bears
    Job.objects.filter(state="queued").update(due_at=Now())
    return built_world
