"""The labelling page in a browser: by keyboard, by mouse, on a phone, without a script, offline, in two tabs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Article, Label, LabelEvent, Round, TextVersion
from tests.factories import label_next, make_article, make_claim, make_project, make_round, member, reviewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


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


def opened(page: Page) -> str | None:
    return page.locator(".question[data-open=yes]").get_attribute("data-code")


def state(page: Page) -> str:
    return page.locator("#save-state").inner_text()


def stored(round_: Round) -> list[tuple[str, str]]:
    return list(Label.objects.filter(round=round_).order_by("id").values_list("question", "value"))


def test_it_works_by_keyboard(labelling: Page, round_: Round) -> None:
    """Two keys, two that pass over what is optional, Enter: stored, acknowledged, and the next unit is there."""
    first = labelling.url
    labelling.keyboard.press("1")
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("Enter")
    expect(labelling.locator("#q-verdict")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("j")
    labelling.keyboard.press("2")
    expect(labelling.locator("[data-submit]")).to_be_focused()
    labelling.keyboard.press("Enter")
    labelling.wait_for_url(lambda url: url != first)
    assert sorted(stored(round_)) == [("sentence_bias", "not_biased"), ("stance", "supports")]
    assert "1 done by you" in labelling.locator(".done").inner_text()


def test_the_page_itself_does_not_scroll_at_1366_by_768(labelling: Page) -> None:
    sizes = labelling.evaluate("[document.documentElement.scrollHeight, innerHeight, scrollY]")
    assert sizes == [768, 768, 0]
    claim = labelling.locator(".article mark.focus").first.bounding_box()
    submit = labelling.locator("[data-submit]").bounding_box()
    assert claim is not None
    assert submit is not None
    assert 48 < claim["y"] < 700
    assert submit["y"] + submit["height"] <= 768


def test_keys_do_nothing_while_one_types(labelling: Page) -> None:
    labelling.keyboard.press("m")
    labelling.keyboard.type("1 see 2 gulls, skip? u j")
    assert labelling.locator("#note").input_value() == "1 see 2 gulls, skip? u j"
    assert labelling.locator("input[name=answer-stance]:checked").count() == 0
    assert labelling.locator("dialog[open]").count() == 0


def test_every_key_that_is_shown_is_explained(labelling: Page) -> None:
    labelling.keyboard.press("?")
    keys = labelling.locator("#keys")
    expect(keys).to_be_visible()
    labelling.keyboard.press("1")
    assert labelling.locator("input[name=answer-stance]:checked").count() == 0
    labelling.keyboard.press("Escape")
    expect(keys).not_to_be_visible()
    labelling.keyboard.press("g")
    labelling.get_by_role("searchbox", name="Search the guideline").fill("staggering")
    expect(labelling.locator("[data-guideline-entry]:visible")).to_have_count(1)


def test_the_same_key_again_takes_an_optional_answer_back(labelling: Page) -> None:
    labelling.keyboard.press("1")
    labelling.keyboard.press("j")
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    labelling.locator("#q-verdict [data-show]").click()
    labelling.keyboard.press("4")
    expect(labelling.locator("#q-sentence_bias")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("k")
    labelling.keyboard.press("4")
    assert labelling.locator("input[name=answer-verdict]:checked").count() == 0


def test_a_question_opens_when_an_earlier_answer_asks_for_it(labelling: Page) -> None:
    search = labelling.locator("#q-search_note")
    expect(search).to_be_hidden()
    labelling.locator("#q-verdict [data-show]").click()
    labelling.keyboard.press("3")
    expect(search).to_be_visible()
    expect(search.locator("textarea")).to_be_focused()
    labelling.keyboard.press("Escape")
    labelling.locator("#q-verdict [data-show]").click()
    labelling.keyboard.press("4")
    expect(search).to_be_hidden()


def test_by_mouse_with_evidence(labelling: Page, round_: Round) -> None:
    labelling.get_by_text("Refutes", exact=True).first.click()
    expect(labelling.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    labelling.get_by_role("button", name="Add evidence").click()
    labelling.get_by_label("Address").fill("https://example.org/register")
    labelling.get_by_label("Exact words").fill("40 ships")
    labelling.locator("[data-field=relation][value=refutes]").check()
    labelling.locator("#q-verdict [data-show]").click()
    labelling.get_by_text("Refuted", exact=True).first.click()
    labelling.get_by_text("Not biased", exact=True).first.click()
    first = labelling.url
    labelling.get_by_role("button", name="Submit").click()
    labelling.wait_for_url(lambda url: url != first)
    assert dict(stored(round_))["verdict"] == "refuted"


def test_what_the_server_refuses_is_said_at_its_question(labelling: Page, round_: Round) -> None:
    """A verdict without evidence: nothing is stored, the question opens, the sentence says what to do."""
    labelling.keyboard.press("1")
    labelling.locator("#q-verdict [data-show]").click()
    labelling.keyboard.press("1")
    expect(labelling.locator("#q-sentence_bias")).to_have_attribute("data-open", "yes")
    labelling.keyboard.press("1")
    expect(labelling.locator("[data-submit]")).to_be_focused()
    labelling.keyboard.press("Enter")
    expect(labelling.locator("#save-state")).to_contain_text("needs a piece of evidence")
    assert opened(labelling) == "verdict"
    assert stored(round_) == []


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


def answer_all(page: Page) -> None:
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    page.locator("#q-stance [data-show]").click()
    page.keyboard.press("1")
    expect(page.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    page.locator("#q-sentence_bias [data-show]").click()
    page.keyboard.press("1")
    expect(page.locator("[data-submit]")).to_be_focused()


def test_a_draft_survives_a_closed_tab(labelling: Page) -> None:
    labelling.keyboard.press("2")
    labelling.locator(".note summary").click()
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


def test_back_to_the_one_before_and_correct_it(labelling: Page, round_: Round) -> None:
    first = labelling.url
    answer_all(labelling)
    labelling.keyboard.press("Enter")
    labelling.wait_for_url(lambda url: url != first)
    labelling.keyboard.press("u")
    labelling.wait_for_url(first)
    expect(labelling.locator("#label-form[data-ready]")).to_be_visible()
    expect(labelling.locator("#save-state")).to_contain_text("You submitted this as number 1")
    labelling.locator("#q-stance [data-show]").click()
    labelling.keyboard.press("4")
    expect(labelling.locator("#save-state")).to_contain_text("Draft saved")
    labelling.keyboard.press("Control+Enter")
    expect(labelling.get_by_role("heading", level=1)).to_have_text("My labels")
    assert dict(stored(round_))["stance"] == "reports"


def test_skip_with_a_reason(labelling: Page) -> None:
    first = labelling.url
    labelling.keyboard.press("s")
    labelling.get_by_role("button", name="This is not a claim").click()
    labelling.wait_for_url(lambda url: url != first)


def test_without_a_script(browser: Browser, live_server: LiveServer, round_: Round) -> None:
    from django.test import Client

    client = Client()
    client.force_login(member(round_.project, "alice"))
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    first = page.url
    page.locator("input[name=answer-stance][value=reports]").check()
    page.locator("input[name=answer-sentence_bias][value=biased]").check()
    page.locator("input[name=evidence-0-url]").fill("https://example.org/minutes")
    page.get_by_role("button", name="Submit").click()
    assert page.url != first
    assert dict(stored(round_))["stance"] == "reports"
    context.close()


def test_on_a_phone(labelling: Page, round_: Round) -> None:
    labelling.set_viewport_size({"width": 390, "height": 844})
    first = labelling.url
    labelling.get_by_text("Supports", exact=True).first.click()
    labelling.locator("#q-sentence_bias [data-show]").click()
    labelling.get_by_text("Not biased", exact=True).first.click()
    labelling.get_by_role("button", name="Submit").click()
    labelling.wait_for_url(lambda url: url != first)
    assert len(stored(round_)) == 2


def test_a_right_to_left_article_and_astral_characters_are_marked_exactly(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project = make_project(alice="reviewer")
    text = "عنوان 🚢\n\nقال المفتش إن السفينة 🚢 غرقت. End & <b>bold</b>."
    article = make_article(project, text)
    make_claim(article, "السفينة 🚢 غرقت")
    make_claim(article, "End & <b>bold</b>")
    round_ = make_round(project, overlap=1)
    enter(member(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    assert page.locator(".article mark.focus").inner_text() == "السفينة 🚢 غرقت"
    assert page.locator(".article .role-body").first.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    label_next(round_, reviewer(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Go on labelling").click()
    assert page.locator(".article mark.focus").inner_text() == "End & <b>bold</b>"


def test_an_article_of_a_million_characters_stays_smooth(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project = make_project(alice="reviewer")
    lines = [f"Ferry number {n:05} arrived late on Monday and nobody knew why." for n in range(15_850)]
    article = make_article(project, "Ferries\n\n" + "\n".join(lines))
    assert TextVersion.objects.get(article=article).length > 990_000
    make_claim(article, lines[12_000])
    make_round(project, overlap=1)
    enter(member(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    expect(page.locator(".article mark.focus")).to_be_in_viewport()
    begin = page.evaluate("performance.now()")
    page.keyboard.press("1")
    expect(page.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    assert page.evaluate("performance.now()") - begin < 2_000
    assert Article.objects.count() == 1
