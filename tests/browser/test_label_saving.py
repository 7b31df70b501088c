"""Nothing is lost and nothing doubled: drafts, a dropped connection, offline, two tabs, double clicks, corrections."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from claims.models import Label, LabelEvent, Round
from tests.browser.labelling import answer_all, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_double_click_and_a_double_enter_are_one_label(labelling: Page, round_: Round) -> None:
    first = labelling.url
    answer_all(labelling)
    labelling.locator("[data-submit]").dblclick()
    labelling.wait_for_url(lambda url: url != first)
    second = labelling.url
    answer_all(labelling)
    labelling.keyboard.press("Enter")
    labelling.keyboard.press("Enter")
    labelling.wait_for_url(lambda url: url != second)
    assert LabelEvent.objects.filter(round=round_).count() == 2


def test_a_draft_survives_a_closed_tab(labelling: Page) -> None:
    labelling.keyboard.press("2")
    labelling.locator(".note summary").click()
    with labelling.expect_response(lambda response: "half" in (response.request.post_data or "")):
        labelling.locator("#note").fill("half a thought")
    expect(labelling.locator("#save-state")).to_contain_text("Draft saved")
    labelling.reload()
    assert labelling.locator("#note").input_value() == "half a thought"
    assert labelling.locator("input[name=answer-stance]:checked").get_attribute("value") == "refutes"


def test_offline_keeps_the_draft_in_the_browser(labelling: Page) -> None:
    labelling.route("**/draft/", lambda route: route.abort())
    labelling.keyboard.press("2")
    expect(labelling.locator("#save-state")).to_contain_text("Offline: kept in this browser")
    labelling.on("dialog", lambda dialog: dialog.accept())
    labelling.reload()
    expect(labelling.locator("#save-state")).to_contain_text(re.compile("Restored|Offline"))
    assert labelling.locator("input[name=answer-stance]:checked").get_attribute("value") == "refutes"


def test_a_dropped_connection_in_the_middle_of_a_submit_loses_and_doubles_nothing(
    labelling: Page, round_: Round
) -> None:
    """The first answer is stored but its acknowledgement never arrives; the repeat finds it."""
    first = labelling.url
    dropped = []

    def drop_the_answer(route: Route) -> None:
        if route.request.method == "POST" and not dropped:
            dropped.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    labelling.route(re.compile(r"/label/\d+/$"), drop_the_answer)
    answer_all(labelling)
    labelling.keyboard.press("Enter")
    labelling.wait_for_url(lambda url: url != first, timeout=15_000)
    assert dropped == [200]
    assert LabelEvent.objects.filter(round=round_).count() == 1


def test_signed_out_in_the_middle_nothing_is_lost_and_it_is_sent_after_signing_in(
    labelling: Page, round_: Round
) -> None:
    """The session ends before the submit; signing in again elsewhere gives a new one and another token."""
    first, context = labelling.url, labelling.context
    session = [cookie for cookie in context.cookies() if cookie.get("name") == "session"]
    answer_all(labelling)
    context.clear_cookies(name="session")
    labelling.keyboard.press("Enter")
    expect(labelling.locator("body")).to_contain_text("You are signed out. Your answers are kept here")
    assert labelling.url == first
    assert not LabelEvent.objects.filter(round=round_).exists()
    context.clear_cookies(name="csrf")
    context.add_cookies(session)  # type: ignore[arg-type]  # as they were read
    other = context.new_page()
    other.goto(first)
    assert [cookie for cookie in context.cookies() if cookie.get("name") == "csrf"]
    labelling.locator("[data-submit]").click()
    labelling.wait_for_url(lambda url: url != first)
    assert LabelEvent.objects.filter(round=round_).count() == 1


def test_while_offline_the_page_stays_and_says_so(labelling: Page, round_: Round) -> None:
    first = labelling.url
    labelling.context.set_offline(True)
    answer_all(labelling)
    labelling.keyboard.press("Enter")
    expect(labelling.locator("#save-state")).to_contain_text("kept in this browser, trying again")
    assert (labelling.url, stored(round_)) == (first, [])
    assert labelling.evaluate("Object.keys(localStorage).some((key) => key.startsWith('attest.outbox.'))")
    labelling.context.set_offline(False)
    labelling.wait_for_url(lambda url: url != first, timeout=15_000)
    assert len(stored(round_)) == 2
    assert not labelling.evaluate("Object.keys(localStorage).some((key) => key.startsWith('attest.outbox.'))")


def test_co_15_two_tabs_show_both_versions(labelling: Page, round_: Round) -> None:
    second = labelling.context.new_page()
    second.goto(labelling.url)
    first = labelling.url
    answer_all(labelling)
    labelling.keyboard.press("Enter")
    labelling.wait_for_url(lambda url: url != first)
    expect(second.locator("#label-form[data-ready]")).to_be_visible()
    second.bring_to_front()  # a tab behind another one has no focus to show
    second.locator("#q-stance [data-show]").click()
    second.keyboard.press("3")
    second.locator("#q-sentence_bias [data-show]").click()
    second.keyboard.press("1")
    expect(second.locator("[data-submit]")).to_be_focused()
    second.keyboard.press("Enter")
    expect(second.get_by_role("heading", level=1)).to_have_text("Your answers were not stored over what is there")
    expect(second.get_by_role("row", name=re.compile("What does the article do"))).to_contain_text("Questions")
    assert dict(stored(round_))["stance"] == "supports"
    second.get_by_role("button", name="Submit mine as a correction").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("My labels")
    assert dict(stored(round_))["stance"] == "questions"


def submit(page: Page) -> str:
    """Answer everything and submit; gives the address of the unit that was answered."""
    here = page.url
    answer_all(page)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != here)
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    return here


def test_undo_takes_answers_back_and_then_goes_to_the_unit_before(labelling: Page, round_: Round) -> None:
    first = submit(labelling)
    second = labelling.url
    labelling.keyboard.press("2")
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("u")
    expect(labelling.locator("#q-stance")).to_have_attribute("data-open", "yes")
    assert labelling.locator("input[name=answer-stance]:checked").count() == 0
    assert labelling.url == second
    expect(labelling.locator("#save-state")).to_contain_text("Draft saved")
    labelling.keyboard.press("u")
    labelling.wait_for_url(f"{first}?walk=1")
    assert len(stored(round_)) == 2


def test_back_over_several_units_correct_one_and_go_on(labelling: Page, round_: Round) -> None:
    """`p` and `n` walk over what one answered; after a correction one goes on from there, to where one was."""
    first, second = submit(labelling), submit(labelling)
    held = labelling.url
    labelling.keyboard.press("p")
    labelling.wait_for_url(f"{second}?walk=1")
    expect(labelling.locator("#label-form[data-ready]")).to_be_visible()
    labelling.keyboard.press("p")
    labelling.wait_for_url(f"{first}?walk=1")
    expect(labelling.locator("#save-state")).to_contain_text("You submitted this as number 1")
    expect(labelling.locator("[data-key=p]")).to_have_count(0)
    labelling.locator("#q-stance [data-show]").click()
    labelling.keyboard.press("4")
    expect(labelling.locator("#save-state")).to_contain_text("Draft saved")
    labelling.keyboard.press("Control+Enter")
    labelling.wait_for_url(f"{second}?walk=1")
    expect(labelling.locator("#label-form[data-ready]")).to_be_visible()
    labelling.keyboard.press("n")
    labelling.wait_for_url(f"{held}?walk=1")
    labels = Label.objects.filter(round=round_, question="stance").order_by("id")
    assert sorted(labels.values_list("value", flat=True)) == ["reports", "supports"]
