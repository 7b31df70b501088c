"""The page that describes the API lets one try it: read something, make something, be refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Project
from tests.factories import make_project, make_user, owner_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(page: Page, name: str) -> Locator:
    part = page.locator(f"#{name}")
    part.locator("summary").click()
    return part


def test_it_works_operations_are_tried_as_oneself(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project = make_project("Harbour")
    enter(owner_of(project))
    page.goto(f"{live_server.url}/api/v1/docs/")
    read = opened(page, "get_project")
    read.get_by_label("project", exact=True).fill(project.slug)
    read.get_by_role("button", name="Send").click()
    expect(read.locator(".try pre")).to_contain_text("200 ")
    expect(read.locator(".try pre")).to_contain_text('"role": "owner"')
    made = opened(page, "create_project")
    body = '{"name": "Market", "slug": "market", "goal": "check_claims"}'
    made.get_by_label("Body").fill(body)
    made.get_by_role("button", name="Send").click()
    expect(made.locator(".try pre")).to_contain_text("201 ")
    assert Project.objects.filter(slug="market").exists()
    made.get_by_label("Body").fill("{")
    made.get_by_role("button", name="Send").click()
    expect(made.locator(".try pre")).to_contain_text("invalid_json")
    assert Axe().run(page).response["violations"] == []


def test_without_a_login_there_is_nothing_to_send(page: Page, live_server: LiveServer) -> None:
    make_user()
    page.goto(f"{live_server.url}/api/v1/docs/")
    expect(page.get_by_text("Sign in to try")).to_be_visible()
    expect(page.locator("form.try")).to_have_count(0)
