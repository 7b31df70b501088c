"""A text with a content warning is blurred until it is asked for: by key, by click, without a script, on every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.assignment.topics import add_topic, set_warnings
from claims.models import Article, ClaimOccurrence, Round
from tests.browser.axe import faults
from tests.factories import owner_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
BLUR = "(one) => getComputedStyle(one).filter"


@pytest.fixture
def warned(labelling: Page, round_: Round) -> Page:
    """Alice on her unit, whose article is about violence."""
    owner = owner_of(round_.project)
    add_topic(round_.project, code="violence", name="Violence against people", by=owner)
    for article in Article.objects.filter(project=round_.project):
        set_warnings(article, ["violence"], by=owner)
    labelling.reload()
    expect(labelling.locator("#label-form[data-ready]")).to_be_visible()
    return labelling


def blurred(page: Page) -> set[bool]:
    return {one.evaluate(BLUR) != "none" for one in page.locator(".veiled").all()}


def test_it_works_by_key_and_back(warned: Page) -> None:
    expect(warned.locator(".veil summary")).to_contain_text("Content warning: Violence against people")
    expect(warned.locator(".article")).to_have_attribute("inert", "")
    assert blurred(warned) == {True}
    assert faults(warned) == []
    warned.keyboard.press("v")
    expect(warned.locator(".article")).not_to_have_attribute("inert", "")
    expect(warned.locator(".article mark.focus")).to_be_in_viewport()
    assert blurred(warned) == {False}
    assert faults(warned) == []
    warned.keyboard.press("1")  # and work goes on as ever
    expect(warned.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    warned.locator(".veil summary").click()
    assert blurred(warned) == {True}


def test_what_is_blurred_moves_nothing(warned: Page) -> None:
    before = warned.locator(".article .block").first.bounding_box()
    warned.locator(".veil summary").click()
    expect(warned.locator(".veil")).to_have_attribute("open", "")
    warned.locator(".text-pane").evaluate("(one) => one.scrollTo(0, 0)")
    after = warned.locator(".article .block").first.bounding_box()
    assert before is not None
    assert after is not None
    assert (before["width"], before["height"]) == (after["width"], after["height"])


def test_without_a_script(warned: Page, browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies([dict(one) for one in warned.context.cookies()])  # type: ignore[misc]
    page = context.new_page()
    page.goto(warned.url)
    assert page.locator(".article").evaluate(BLUR) != "none"
    page.locator(".veil summary").click()
    assert page.locator(".article").evaluate(BLUR) == "none"
    context.close()


def test_the_pages_of_the_article_and_of_the_claim_and_setting_it_there(
    warned: Page, live_server: LiveServer, round_: Round, enter: Callable[..., Page]
) -> None:
    enter(owner_of(round_.project))
    claim = ClaimOccurrence.objects.filter(project=round_.project)[0]
    warned.goto(f"{live_server.url}/p/{round_.project.slug}/articles/{claim.article_id}/")
    assert blurred(warned) == {True}
    assert claim.article.headline not in warned.title()
    assert faults(warned) == []
    warned.locator(".veil summary").click()
    assert blurred(warned) == {False}
    assert faults(warned) == []
    warned.get_by_text("Content warnings").click()
    warned.get_by_label("Violence against people").uncheck()
    warned.get_by_role("button", name="Keep the warnings").click()
    expect(warned.get_by_text("It carries no warning now.")).to_be_visible()
    assert warned.locator(".veil").count() == 0
    warned.goto(f"{live_server.url}/p/{round_.project.slug}/claims/{claim.claim_id}/")
    warned.get_by_text("Content warnings").click()
    warned.get_by_label("Violence against people").check()
    warned.get_by_role("button", name="Keep the warnings").click()
    expect(warned.locator(".veil summary")).to_be_visible()
    assert blurred(warned) == {True}
    assert faults(warned) == []


def test_a_reviewer_says_what_they_do_not_read_and_it_is_not_offered(
    warned: Page, live_server: LiveServer, round_: Round
) -> None:
    root = f"{live_server.url}/p/{round_.project.slug}"
    warned.goto(f"{root}/about-me/")
    warned.get_by_label("Violence against people").check()
    warned.locator("section", has_text="What I do not read").get_by_role("button", name="Keep").click()
    expect(warned.get_by_text("Kept, for you alone.")).to_be_visible()
    assert faults(warned) == []
    warned.goto(f"{root}/rounds/{round_.pk}/")
    assert warned.get_by_role("button", name="labelling").count() == 0
