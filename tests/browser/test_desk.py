"""The newsroom's desk by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.adjudication.desk.actions import take_in_worthiest
from claims.models import DeskItem
from tests.adjudication.test_desk import brought_to
from tests.factories import make_claims, member, owner_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_draft_is_passed_on_by_keys(page: Page, live_server: LiveServer, enter: Callable[..., Page]) -> None:
    item = brought_to("second_edit")
    project = item.project
    make_claims(project, 2)
    take_in_worthiest(project, 2, by=owner_of(project))
    enter(member(project, "clio"))
    page.goto(f"{live_server.url}/p/{project.slug}/desk/")
    expect(page.locator("main[data-ready]")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.keyboard.press("4")
    expect(page).to_have_url(re.compile("state=second_edit"))
    expect(page.locator("main[data-ready]")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pass on for sign-off")).to_be_visible()
    expect(page.locator("main[data-ready]")).to_be_visible()
    page.keyboard.press("b")  # sending back wants words: the key leads to them
    expect(page.get_by_label("What is to be changed")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("p")
    expect(page.get_by_text("Sign off as published: Whoever signs off")).to_be_visible()
    assert DeskItem.objects.get(pk=item.pk).state == "sign_off"
