"""On a phone a unit is a row of screens: the text, one question at a time, the end. It needs no swipe and no script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Round
from tests.browser.axe import faults
from tests.browser.labelling import stored
from tests.factories import make_codebook, make_project, make_round, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PHONE = {"width": 390, "height": 844}
SHIFTS = """
addEventListener('DOMContentLoaded', () => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts.push(one.value);
  }).observe({ type: 'layout-shift', buffered: true });
});
"""


@pytest.fixture
def phone(labelling: Page) -> Page:
    """Alice on the page of her first unit, on a phone."""
    labelling.set_viewport_size(PHONE)
    labelling.add_init_script(SHIFTS)
    labelling.reload()
    expect(labelling.locator("#label-form[data-ready]")).to_be_visible()
    return labelling


def on(page: Page) -> None:
    page.get_by_role("button", name="Next", exact=True).click()


def at(page: Page, words: str) -> None:
    expect(page.locator("[data-screen-place]")).to_have_text(words)


def shown(page: Page) -> list[str | None]:
    """The questions whose choices can be seen."""
    return [
        one.get_attribute("data-code")
        for one in page.locator(".question").all()
        if one.locator(".question-body").is_visible()
    ]


def test_it_works_by_touch(phone: Page, round_: Round) -> None:
    first = phone.url
    at(phone, "The text")
    expect(phone.locator(".article mark.focus")).to_be_in_viewport()
    assert shown(phone) == []
    on(phone)
    at(phone, "Question 1 of 4")
    assert shown(phone) == ["stance"]
    expect(phone.locator(".claim-card")).to_be_in_viewport()
    assert not phone.locator(".article").is_visible()
    phone.locator("#label-form").get_by_text("Supports", exact=True).click()  # answering moves on by itself
    at(phone, "Question 2 of 4")
    on(phone)
    on(phone)
    at(phone, "Question 4 of 4")
    assert shown(phone) == ["sentence_bias"]
    phone.get_by_role("button", name="Back", exact=True).click()
    at(phone, "Question 3 of 4")
    on(phone)
    phone.locator("#label-form").get_by_text("Not biased", exact=True).click()
    at(phone, "Check and submit")
    expect(phone.locator("#q-stance [data-summary]")).to_have_text("Supports")
    phone.locator("#q-stance [data-show]").click()  # back to one of them from the list
    at(phone, "Question 1 of 4")
    phone.locator("#label-form").get_by_text("Refutes", exact=True).click()
    expect(phone.get_by_role("button", name="Submit")).to_be_visible()
    phone.get_by_role("button", name="Submit").click()
    phone.wait_for_url(lambda url: url != first)
    assert dict(stored(round_)) == {"stance": "refutes", "sentence_bias": "not_biased"}
    at(phone, "The text")


def test_by_keyboard(phone: Page, round_: Round) -> None:
    first = phone.url
    phone.keyboard.press("1")  # a question is read before it is answered
    at(phone, "Question 1 of 4")
    assert stored(round_) == []
    phone.keyboard.press("k")
    at(phone, "The text")
    phone.keyboard.press("Enter")
    phone.keyboard.press("1")
    at(phone, "Question 2 of 4")
    phone.keyboard.press("j")
    phone.keyboard.press("j")
    phone.keyboard.press("1")
    at(phone, "Check and submit")
    expect(phone.locator("[data-submit]")).to_be_focused()
    phone.keyboard.press("Enter")
    phone.wait_for_url(lambda url: url != first)
    assert len(stored(round_)) == 2


def test_nothing_jumps_and_nothing_is_wider_than_the_phone(phone: Page) -> None:
    for _ in range(6):
        assert phone.evaluate("window.shifts") == []
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert phone.evaluate("document.documentElement.scrollHeight <= innerHeight")
        if phone.locator("[data-screen-on]").is_visible():
            on(phone)


def test_no_barrier_is_found_on_any_screen(phone: Page) -> None:
    found = {}
    while True:
        place = phone.locator("[data-screen-place]").inner_text()
        found[place] = faults(phone)
        if not phone.locator("[data-screen-on]").is_visible():
            break
        on(phone)
    assert len(found) == 6
    assert {place: list_ for place, list_ in found.items() if list_} == {}


def test_what_is_missing_leads_to_its_screen(phone: Page, round_: Round) -> None:
    for _ in range(5):
        on(phone)
    phone.get_by_role("button", name="Submit").click()
    at(phone, "Question 1 of 4")
    expect(phone.locator("#save-state")).to_contain_text("has no answer yet")
    assert stored(round_) == []


def test_turned_to_a_wide_page_all_is_there(phone: Page) -> None:
    on(phone)
    phone.set_viewport_size({"width": 1366, "height": 768})
    expect(phone.locator(".article")).to_be_visible()
    assert phone.locator(".question-head:visible").count() == 4
    assert not phone.locator(".screens").is_visible()


def test_without_a_script_all_questions_stand_in_a_row(
    phone: Page, browser: Browser, live_server: LiveServer, round_: Round
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(phone.url)
    assert page.locator(".article").is_visible()
    assert not page.locator(".screens").is_visible()
    assert "stance" in shown(page)
    assert "sentence_bias" in shown(page)
    page.locator("#label-form").get_by_text("Reports", exact=True).click()
    page.locator("#label-form").get_by_text("Not biased", exact=True).click()
    page.get_by_role("button", name="Submit").click()
    assert dict(stored(round_))["stance"] == "reports"
    context.close()


def test_words_are_marked_with_the_text_in_sight(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, codebook=make_codebook(project, "bias"), units=1, overlap=1)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    enter(member(project, "alice"))
    page.goto(f"{live_server.url}/p/{project.slug}/rounds/{round_.pk}/")
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    for key in "3", "1", "1", "1":  # as in conftest.marking
        if page.locator("[data-screen=text]").count():
            on(page)
        before = page.locator(".question[data-open=yes]").get_attribute("data-code")
        page.keyboard.press(key)
        if before == "bias_kind":
            page.keyboard.press("Enter")
        expect(page.locator(f"#q-{before}")).to_have_attribute("data-open", "no")
    while page.locator(".question[data-open=yes]").get_attribute("data-code") != "bias_span":
        on(page)
    assert shown(page) == ["bias_span"]
    expect(page.locator(".article .block").first).to_be_visible()
