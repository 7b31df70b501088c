"""A browser that is signed in, and a look at what it complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from claims.models import User


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
