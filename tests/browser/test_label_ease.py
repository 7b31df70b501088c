"""What makes hours on the labelling page calm: what is in sight, how one leaves a field, how faults read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Assignment
from tests.factories import make_article, make_claim, make_project, make_round, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

LEAD = (
    "The failure of the harbour authorities to keep smugglers from acquiring a stockpile of rusted anchors during the "
    "long winter raises fresh questions about the ferry company's relationship with the divers"
)
AROUND = "Ferries were late on Monday, and on Tuesday nobody remembered why they had been."
HEAD_AND_CARD = """() => {
  const box = (one) => document.querySelector(one).getBoundingClientRect();
  return [box(".article .role-headline").top, box(".text-head").bottom];
}"""


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (390, 844)])
def test_a_claim_near_the_top_leaves_the_headline_in_sight(
    page: Page, live_server: LiveServer, enter: Callable[..., Page], size: tuple[int, int]
) -> None:
    project = make_project(alice="reviewer")
    text = f"Anchors are still a red flag\nThe second line under it\n{AROUND}\n{LEAD}.\n" + f"{AROUND}\n" * 40
    make_claim(make_article(project, text), LEAD)
    make_round(project, overlap=1)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    enter(member(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    headline, card = page.evaluate(HEAD_AND_CARD)
    assert headline >= card
    expect(page.locator(".article mark.focus")).to_be_in_viewport(ratio=0.98)


def test_a_claim_further_down_is_brought_to_the_middle_and_b_brings_it_back(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project = make_project(alice="reviewer")
    make_claim(make_article(project, "Anchors\n" + f"{AROUND}\n" * 30 + f"{LEAD}.\n" + f"{AROUND}\n" * 40), LEAD)
    make_round(project, overlap=1)
    page.set_viewport_size({"width": 1280, "height": 720})
    enter(member(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    expect(page.locator(".article mark.focus")).to_be_in_viewport(ratio=0.98)
    page.locator(".text-pane").evaluate("(one) => { one.scrollTop = 0; }")
    expect(page.locator(".article mark.focus")).not_to_be_in_viewport()
    expect(page.locator("[data-back]")).to_be_visible()
    page.keyboard.press("b")
    expect(page.locator(".article mark.focus")).to_be_in_viewport(ratio=0.98)


def test_skip_by_keyboard_alone(labelling: Page) -> None:
    first = labelling.url
    labelling.keyboard.press("s")
    expect(labelling.locator("[name=reason]").first).to_be_focused()
    labelling.keyboard.press("Escape")
    expect(labelling.locator("[name=reason]").first).not_to_be_visible()
    labelling.keyboard.press("1")  # a key of the question again, not of the menu that is shut
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("s")
    labelling.keyboard.press("2")
    labelling.wait_for_url(lambda url: url != first)
    assert list(Assignment.objects.filter(state="skipped").values_list("reason", flat=True)) == ["This is not a claim"]


def test_escape_leaves_a_text_field_and_the_search_of_the_guideline(labelling: Page) -> None:
    labelling.keyboard.press("m")
    labelling.keyboard.type("gulls")
    labelling.keyboard.press("Escape")
    labelling.keyboard.press("1")
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    assert labelling.locator("#note").input_value() == "gulls"
    labelling.keyboard.press("/")
    labelling.keyboard.type("denial")
    labelling.keyboard.press("Escape")
    expect(labelling.locator("dialog[open]")).to_have_count(0)
    labelling.keyboard.press("k")
    expect(labelling.locator("#q-stance")).to_have_attribute("data-open", "yes")


def test_several_faults_stand_on_lines_of_their_own(labelling: Page) -> None:
    labelling.keyboard.press("1")
    labelling.keyboard.press("e")
    labelling.keyboard.type("letters")
    labelling.locator("#q-verdict [data-show]").click()
    labelling.keyboard.press("1")
    expect(labelling.locator("#q-sentence_bias")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("1")
    labelling.keyboard.press("Control+Enter")
    faults = labelling.locator("[data-problem] > span")
    expect(faults).to_have_count(3)
    expect(faults.nth(0)).to_have_text("Evidence 1: say how it relates to the claim: supports, refutes, neither.")
    expect(labelling.locator("#save-state")).to_contain_text("needs a piece of evidence")  # read out as well


def test_after_a_reload_a_page_without_a_copy_says_so_and_can_be_asked_for_again(labelling: Page) -> None:
    labelling.keyboard.press("1")
    labelling.keyboard.press("e")
    labelling.keyboard.type("http://127.0.0.1:9/minutes.html")
    labelling.keyboard.press("Tab")
    state = labelling.locator("[data-evidence-list] [data-copy-state]")
    expect(state).to_contain_text("No copy:")
    expect(labelling.locator("#save-state")).to_contain_text("Draft saved")
    labelling.reload()
    labelling.locator("#q-evidence [data-show]").click()
    expect(state).to_contain_text("No copy of this page is kept.")
    expect(state.get_by_role("button", name="Try again")).to_be_visible()


def test_the_keys_of_choices_can_be_changed_too(labelling: Page) -> None:
    labelling.bring_to_front()
    labelling.keyboard.press("?")
    labelling.get_by_text("Use keys of your own").click()
    for deed, key in (("1", "q"), ("e", "x")):
        field = labelling.locator(f"[data-deed='{deed}']")
        field.fill(key)
        field.press("Tab")
        expect(labelling.locator("[data-own-keys-said]")).to_contain_text(f": {key}")
    labelling.keyboard.press("Escape")
    expect(labelling.locator("#q-stance .offer kbd").first).to_have_text("q")
    labelling.keyboard.press("1")
    expect(labelling.locator("#q-stance")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("q")
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("x")
    expect(labelling.locator("[data-evidence-list] [data-field=url]")).to_be_focused()
