"""The three pages of agreement in a browser, over a project in which one reviewer drifts in week 3."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.adjudication.panels import cleo_drifts, make_panel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_it_works_the_pages_show_who_drifts_since_when_and_on_what(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project, _ = make_panel(cleo_drifts)
    cleo = factories.reviewer(project, "cleo")
    root = f"{live_server.url}/p/{project.slug}"
    enter(factories.owner_of(project))
    page.goto(f"{root}/agreement/")
    page.get_by_role("link", name="In full").first.click()
    weeks = page.get_by_role("region", name="Drawing of weeks")
    expect(weeks.locator(".dot")).to_have_count(6)
    expect(weeks.locator(".changed")).to_have_count(1)
    page.locator("section", has=page.locator("#weeks")).get_by_text("As a table").click()
    expect(page.get_by_role("row", name="2026-W04")).to_contain_text("from ")
    page.goto(f"{root}/reviewers/")
    row = page.get_by_role("row", name=cleo.name)
    expect(row).to_contain_text("drift")
    row.get_by_role("link").click()
    expect(page.get_by_text("fell from week 2026-W04 on")).to_be_visible()
    expect(page.get_by_role("region", name="Drawing of drift").locator(".changed").first).to_be_visible()
    page.get_by_label("Pause all work").check()
    page.get_by_label("Reason; the reviewer reads it and may reply").fill("Please look at section 4 of the guideline.")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Done, and told to the reviewer.")).to_be_visible()
    enter(factories.member(project, "cleo"))
    page.goto(f"{root}/my-labels/")
    expect(page.get_by_role("heading", name="Your work is paused")).to_be_visible()
    page.get_by_text("Reply", exact=True).click()
    page.get_by_label("What you would say to this").fill("I had read it otherwise.")
    page.get_by_role("button", name="Send the reply").click()
    expect(page.get_by_text("I had read it otherwise.")).to_be_visible()


def test_enter_without_a_choice_says_what_is_missing_and_leads_there(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    round_ = factories.make_round(factories.make_project(alice="reviewer", bob="reviewer"), units=1)
    for name, stance in (("alice", "supports"), ("bob", "refutes")):
        factories.label_next(round_, factories.reviewer(round_.project, name), stance=stance)
    factories.run_jobs()
    enter(factories.owner_of(round_.project))
    page.goto(f"{live_server.url}/p/{round_.project.slug}/disputes/")
    page.get_by_role("link", name="Settle").first.click()
    expect(page.locator("[data-settle][data-ready]")).to_be_visible()
    missing = page.get_by_text("Nothing is chosen yet.")
    expect(missing).to_be_hidden()
    page.keyboard.press("Enter")
    expect(missing).to_be_visible()
    expect(page.get_by_role("radio", name="Supports")).to_be_focused()
    page.keyboard.press("2")
    expect(missing).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Settled.")).to_be_visible()
