"""A browser that is signed in, and a look at what it complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from claims.models import Round, User
from tests.factories import make_project, make_round, member

expect.set_options(timeout=40_000)  # a page is waited for, however slow the machine; what is there is seen at once
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session", autouse=True)
def no_connection_outlives_the_tests(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """While Playwright's event loop runs, Django keeps another connection for this thread than before and after; a
    worker's thread has its own. The database could not be dropped while any of them is open."""
    yield
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(END_OTHERS)
        connection.close()


@pytest.fixture
def enter(page: Page, live_server: LiveServer) -> Callable[..., Page]:
    """`enter(user)` puts the user's session into the browser; the sign-in page has its own test."""

    def as_user(user: User, *, theme: str = "system") -> Page:
        client = Client()
        client.force_login(user)
        values = {"session": client.cookies["session"].value, "theme": theme}
        page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in values.items()])
        return page

    return as_user


@pytest.fixture
def worker(live_server: LiveServer) -> Iterator[Any]:
    from annotator.celery import app

    with start_worker(app, pool="solo", perform_ping_check=False) as running:
        yield running


@pytest.fixture(autouse=True)
def no_complaints(page: Page) -> Iterator[None]:
    """A page that breaks its own policy, misses a file or throws fails its test."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        is_network = "Failed to load resource" in message.text  # a refused or failed request has its own check
        if message.type in ("error", "warning") and not is_network:
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda fault: heard.append(str(fault)))
    yield
    assert heard == []


@pytest.fixture
def round_(live_server: LiveServer) -> Round:
    return make_round(make_project("Harbour", alice="reviewer", bob="reviewer"), units=4)


@pytest.fixture
def labelling(page: Page, live_server: LiveServer, round_: Round, enter: Callable[..., Page]) -> Page:
    """Alice on the page of her first unit."""
    page.set_viewport_size({"width": 1366, "height": 768})
    enter(member(round_.project, "alice"))
    page.goto(f"{live_server.url}/p/{round_.project.slug}/rounds/{round_.pk}/")
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    return page


@pytest.fixture
def marking(labelling: Page) -> Page:
    """Alice on the question that asks for places, in a round with the codebook about bias."""
    for key in "3", "1", "1", "1":
        before = labelling.locator(".question[data-open=yes]").get_attribute("data-code")
        labelling.keyboard.press(key)
        if before == "bias_kind":
            labelling.keyboard.press("Enter")
        expect(labelling.locator(f"#q-{before}")).to_have_attribute("data-open", "no")
    labelling.locator("#q-bias_span [data-show]").click()
    expect(labelling.locator("#q-bias_span")).to_have_attribute("data-open", "yes")
    return labelling
