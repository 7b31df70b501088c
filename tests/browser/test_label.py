"""The labelling page in a browser: by keyboard, by mouse, without a script, offline, in two tabs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Article, Assignment, EvidenceItem, Round, TextVersion
from tests.browser.axe import faults
from tests.browser.labelling import stored
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_project,
    make_round,
    member,
    reviewer,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def opened(page: Page) -> str | None:
    return page.locator(".question[data-open=yes]").get_attribute("data-code")


def state(page: Page) -> str:
    return page.locator("#save-state").inner_text()


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
    assert "1 today · at most 3 left" in labelling.locator(".done").inner_text()


def test_keys_pressed_with_no_pause_each_answer_the_question_they_meet(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    """Both questions have a key 4: the second press must not land on the first question again."""
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=2, codebook=make_codebook(project, "stance"), overlap=1)
    enter(member(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    first = page.url
    page.evaluate(
        """for (const key of ["1", "4"])
             (document.activeElement ?? document).dispatchEvent(
               new KeyboardEvent("keydown", { key, code: `Digit${key}`, bubbles: true, cancelable: true }))"""
    )
    expect(page.locator("[data-submit]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    assert dict(stored(round_)) == {"stance": "supports", "confidence": "certain"}


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
    expect(labelling.locator("[data-problem]")).to_contain_text("needs a piece of evidence")  # beside the button, whole
    assert opened(labelling) == "verdict"
    assert stored(round_) == []


def test_skip_with_a_reason(labelling: Page) -> None:
    first = labelling.url
    labelling.keyboard.press("s")
    labelling.get_by_role("button", name="This is not a claim").click()
    labelling.wait_for_url(lambda url: url != first)
    assert Assignment.objects.filter(state="skipped").count() == 1


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
    expect(page.locator("body")).to_contain_text("say how it relates to the claim")  # nothing is chosen beforehand
    assert not stored(round_)
    page.locator("input[name=evidence-0-relation][value=neither]").check()
    page.get_by_role("button", name="Submit").click()
    assert page.url != first
    assert dict(stored(round_))["stance"] == "reports"
    assert EvidenceItem.objects.get().relation == "neither"
    context.close()


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
    expect(page.locator(".article mark.focus")).to_have_text("السفينة 🚢 غرقت", use_inner_text=True)
    assert page.locator(".article .role-body").first.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    label_next(round_, reviewer(project, "alice"))
    page.goto(live_server.url)
    page.get_by_role("button", name="Go on labelling").click()
    expect(page.locator(".article mark.focus")).to_have_text("End & <b>bold</b>", use_inner_text=True)


def test_an_article_of_a_million_characters_is_labelled_like_any_other(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project = make_project(alice="reviewer")
    lines = [f"Ferry number {n:05} arrived late on Monday and nobody knew why." for n in range(15_850)]
    article = make_article(project, "Ferries\n\n" + "\n".join(lines))
    assert TextVersion.objects.get(article=article).length > 990_000
    make_claim(article, lines[12_000])
    make_round(project, overlap=1)
    enter(member(project, "alice"), theme="dark")
    page.goto(live_server.url)
    page.get_by_role("button", name="Start labelling").click()
    expect(page.locator("#label-form[data-ready]")).to_be_visible(timeout=60_000)
    assert len(page.request.get(page.url).body()) < 120_000  # before compression, of a text of a million
    assert len(page.request.get(f"{page.url}text/?part=40").body()) < 120_000
    assert faults(page) == []
    expect(page.locator(".article mark.focus")).to_be_in_viewport(timeout=60_000)
    page.keyboard.press("1")
    expect(page.locator("#q-evidence")).to_have_attribute("data-open", "yes", timeout=60_000)
    page.goto(f"{page.url}text/?part=40")
    assert faults(page) == []
    assert Article.objects.count() == 1
