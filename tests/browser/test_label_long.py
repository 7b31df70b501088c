"""A huge text on the labelling page in a browser: parts by mouse, by keyboard, without a script, and marks in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Label, Round
from tests.browser.labelling import choose, submit
from tests.factories import make_article, make_claim, make_codebook, make_project, make_round, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LINES = [f"Ferry number {n:04} arrived late on Monday and nobody knew why 🚢." for n in range(1500)]
TEXT = "Ferries\n\n" + "\n".join(LINES)
CLAIM = 750
LINE = 30  # pixels


@pytest.fixture
def round_(live_server: LiveServer) -> Round:
    project = make_project("Harbour", alice="reviewer")
    make_claim(make_article(project, TEXT), LINES[CLAIM])
    return make_round(project, codebook=make_codebook(project, "bias"), overlap=1)


def numbers(page: Page) -> list[int]:
    """Which lines the page holds, in its order."""
    found = page.evaluate("[...document.querySelectorAll('.article .block')].map((one) => one.textContent)")
    return [int(line.split()[2]) for line in found if line.startswith("Ferry number")]


def gap(page: Page, words: str) -> None:
    """Press a gap's link, and wait until its part is in its place."""
    shown = page.locator(".article .block")
    before = shown.count()
    page.get_by_role("link", name=words).click()
    expect(shown).not_to_have_count(before)


def test_it_works_by_mouse_and_what_one_reads_stays_in_its_place(labelling: Page) -> None:
    claim = labelling.locator(".article mark.focus").first
    first = numbers(labelling)
    assert first == list(range(first[0], first[-1] + 1))
    assert 0 < first[0] < CLAIM < first[-1] < 1499
    while labelling.get_by_role("link", name="Show what comes before").count():
        labelling.get_by_role("link", name="Show what comes before").scroll_into_view_if_needed()
        top = labelling.locator(".article .block").first.element_handle()
        before = top.bounding_box()
        gap(labelling, "Show what comes before")
        after = top.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(after["y"] - before["y"]) < LINE
    assert numbers(labelling)[0] == 0
    while labelling.get_by_role("link", name="Show what follows").count():
        gap(labelling, "Show what follows")
    assert numbers(labelling) == list(range(1500))
    labelling.keyboard.press("b")
    expect(claim).to_be_in_viewport()


def test_words_of_a_part_that_came_later_are_marked_where_they_stand(marking: Page) -> None:
    while marking.get_by_role("link", name="Show what follows").count():
        gap(marking, "Show what follows")
    choose(marking, "Ferry number 1490")
    marking.keyboard.press("1")
    submit(marking)
    assert [(TEXT[start:end], choice) for start, end, choice in spans()] == [("Ferry number 1490", "lexical_negative")]


def test_by_keyboard_a_mark_grows_over_the_end_of_what_is_shown(marking: Page) -> None:
    last = numbers(marking)[-1]
    choose(marking, f"number {last:04}")
    marking.keyboard.press("1")
    words = marking.locator("#q-bias_span [data-span] [data-field=words]")
    line = LINES[last].split()
    for n in range(4, len(line) - 1):
        marking.keyboard.press("ArrowRight")
        expect(words).to_have_value(" ".join(line[1:n]))
    while "Ferry" not in words.input_value():
        before = words.input_value()
        marking.keyboard.press("ArrowRight")
        expect(words).not_to_have_value(before)
    assert numbers(marking)[-1] > last
    submit(marking)
    ((start, end, _),) = spans()
    assert TEXT[start:end].endswith("Ferry")


def test_a_draft_of_this_browser_brings_back_what_was_marked_far_away(marking: Page) -> None:
    while marking.get_by_role("link", name="Show what follows").count():
        gap(marking, "Show what follows")
    marking.route("**/draft/", lambda route: route.abort())
    choose(marking, "Ferry number 1490")
    marking.keyboard.press("1")
    expect(marking.locator("#save-state")).to_contain_text("Offline")
    marking.on("dialog", lambda dialog: dialog.accept())
    marking.reload()
    expect(marking.locator("#q-bias_span [data-span] [data-field=words]")).to_have_value("Ferry number 1490")


def test_without_a_script_the_rest_is_read_in_another_tab(
    browser: Browser, live_server: LiveServer, round_: Round, enter: Callable[..., Page], page: Page
) -> None:
    enter(member(round_.project, "alice"))
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(f"{live_server.url}/p/{round_.project.slug}/rounds/{round_.pk}/")
    plain.get_by_role("button", name="Start labelling").click()
    plain.locator("details.note summary").click()
    plain.locator("[name=note]").fill("typed before")
    with context.expect_page() as opened:
        plain.get_by_role("link", name="Show what follows").click()
    text = opened.value
    expect(text.locator(".article")).to_be_visible()
    while text.get_by_role("link", name="Later part").count():
        part = text.url
        text.get_by_role("link", name="Later part").click()
        expect(text).not_to_have_url(part)
    expect(text.locator(".article")).to_contain_text(LINES[-1])
    expect(plain.locator("[name=note]")).to_have_value("typed before")
    context.close()


def spans() -> list[tuple[int, int, str]]:
    value = Label.objects.get(question="bias_span").value
    assert isinstance(value, list)
    return [(span["start"], span["end"], span["choice"]) for span in value]
