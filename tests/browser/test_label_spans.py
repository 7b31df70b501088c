"""Marking words in the article: by mouse, by keyboard, without a script; flags, keys of one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Label, LabelText, Project, Round
from tests.browser.labelling import choose, submit
from tests.factories import make_article, make_claim, make_codebook, make_project, make_round, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TEXT = "Bridge 🌉 news\n\nThe 🙂 brutal regime\u00a0fell on Tuesday, שלום עולם the regime said.\n\nNobody cheered."


@pytest.fixture
def round_(live_server: LiveServer) -> Round:
    project: Project = make_project("Harbour", alice="reviewer")
    article = make_article(project, TEXT)
    make_claim(article, "The 🙂 brutal regime\u00a0fell on Tuesday")
    make_claim(article, "Nobody cheered.")
    return make_round(project, codebook=make_codebook(project, "bias"), overlap=1)


def stored() -> list[tuple[str, str]]:
    spans = Label.objects.get(question="bias_span").value
    assert isinstance(spans, list)
    return [(TEXT[span["start"] : span["end"]], span["choice"]) for span in spans]


def test_it_works_by_mouse_with_overlaps(marking: Page) -> None:
    for words, key in ("brutal regime", "1"), ("regime\u00a0fell", "3"), ("שלום", "2"):
        choose(marking, words)
        marking.keyboard.press(key)
    expect(marking.locator("#q-bias_span [data-span]")).to_have_count(3)
    submit(marking)
    assert stored() == [
        ("brutal regime", "lexical_negative"),
        ("regime\u00a0fell", "informational_negative"),
        ("שלום", "lexical_positive"),
    ]


def test_by_mouse_itself(marking: Page) -> None:
    """A double click selects a word; the button marks it, and the selection is not lost on the way."""
    box = marking.locator(".article mark.focus").first.bounding_box()
    assert box is not None
    marking.mouse.dblclick(box["x"] + 90, box["y"] + box["height"] / 2)
    marking.locator("[data-mark=lexical_negative]").click()
    words = marking.locator("#q-bias_span [data-span] [data-field=words]")
    expect(words).to_have_count(1)
    assert words.input_value() in TEXT


def test_by_keyboard_alone(marking: Page) -> None:
    marking.keyboard.press("e")
    words = marking.locator("#q-bias_span [data-span] [data-field=words]")
    expect(words).to_have_value("The")
    for _ in range(3):
        marking.keyboard.press("Shift+ArrowRight")
        marking.keyboard.press("ArrowRight")
    marking.keyboard.press("2")
    marking.keyboard.press("Alt+ArrowLeft")
    marking.keyboard.press("Alt+ArrowRight")
    chosen = words.input_value()
    assert chosen in TEXT
    submit(marking)
    assert stored() == [(chosen, "lexical_positive")]


def test_delete_removes_and_a_draft_restores(marking: Page) -> None:
    choose(marking, "brutal")
    marking.keyboard.press("1")
    choose(marking, "Tuesday")
    marking.keyboard.press("4")
    marking.keyboard.press("Delete")
    expect(marking.locator("#q-bias_span [data-span]")).to_have_count(1)
    expect(marking.locator("#save-state")).to_contain_text("Draft saved")
    marking.reload()
    expect(marking.locator("#label-form[data-ready]")).to_be_visible()
    expect(marking.locator("#q-bias_span [data-span] [data-field=words]")).to_have_value("brutal")


def test_nothing_to_mark_is_not_mixed_with_marks(marking: Page) -> None:
    choose(marking, "brutal")
    marking.keyboard.press("1")
    marking.get_by_label("Nothing to mark").click()
    expect(marking.locator("#q-bias_span [data-span]")).to_have_count(0)
    submit(marking)
    assert Label.objects.get(question="bias_span").value == []


def test_without_a_script_words_are_typed(
    browser: Browser, live_server: LiveServer, round_: Round, enter: Callable[..., Page], page: Page
) -> None:
    enter(member(round_.project, "alice"))
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(f"{live_server.url}/p/{round_.project.slug}/rounds/{round_.pk}/")
    plain.get_by_role("button", name="Start labelling").click()
    for name, value in ("verifiability", "verifiable"), ("sentence_bias", "biased"), ("bias_kind", "lexical"):
        plain.locator(f"[name=answer-{name}][value={value}]").check()
    plain.locator("[name=answer-bias_direction][value=negative]").check()
    plain.locator("[name=span-bias_span-0-words]").fill("regime")
    plain.locator("[name=span-bias_span-0-nth]").fill("2")
    plain.locator("[name=span-bias_span-1-words]").fill("republic")
    plain.get_by_role("button", name="Submit").click()
    expect(plain.locator("#q-bias_span .fault")).to_contain_text("does not hold “republic”")
    assert not Label.objects.exists()
    plain.locator("[name=span-bias_span-1-words]").fill("🙂 brutal")
    plain.get_by_role("button", name="Submit").click()
    assert [words for words, _ in stored()] == ["🙂 brutal", "regime"]
    assert Label.objects.get(question="bias_span").value[1]["start"] == TEXT.index("regime", TEXT.index("regime") + 1)
    context.close()


def test_f_flags_for_discussion_and_says_why(labelling: Page) -> None:
    labelling.keyboard.press("f")
    labelling.keyboard.type("Is this 1 claim or 2?")
    labelling.locator("#q-verifiability [data-show]").click()
    labelling.keyboard.press("1")
    labelling.locator("#q-sentence_bias [data-show]").click()
    labelling.keyboard.press("2")
    submit(labelling)
    assert LabelText.objects.get().content == {"discuss": "Is this 1 claim or 2?"}


def test_slash_searches_the_guideline(labelling: Page) -> None:
    labelling.keyboard.press("/")
    expect(labelling.locator("#guideline-search")).to_be_focused()
    labelling.keyboard.type("orphanage")
    expect(labelling.locator("[data-guideline-entry]:visible")).to_have_count(1)


def test_keys_of_ones_own_and_their_collisions(labelling: Page) -> None:
    labelling.bring_to_front()  # a tab behind another one has no focus to show
    labelling.keyboard.press("?")
    labelling.get_by_text("Use keys of your own").click()
    field = labelling.locator("[data-deed=f]")
    field.fill("1")
    field.press("Tab")
    expect(labelling.locator("[data-own-keys-said]")).to_contain_text("something else")
    field.fill("x")
    field.press("Tab")
    expect(labelling.locator("[data-own-keys-said]")).to_contain_text("x")
    labelling.keyboard.press("Escape")
    expect(labelling.locator("dialog[open]")).to_have_count(0)  # keys do nothing behind it
    labelling.keyboard.press("f")
    expect(labelling.locator("#discuss")).not_to_be_visible()
    labelling.keyboard.press("x")
    expect(labelling.locator("#discuss")).to_be_focused()
