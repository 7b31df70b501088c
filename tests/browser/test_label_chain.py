"""A chain of sources in the browser: typed by keyboard, kept as a draft, set aside for a missing reason, submitted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.adjudication.disputes import disputes
from claims.models import Draft, Label, Round, SettledLabel
from tests.browser.axe import faults
from tests.browser.labelling import submit
from tests.factories import label_next, make_codebook, make_project, make_round, owner_of, reviewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
KEYS = "npjkubemgsfcv/09"  # each of them means something to the page where nobody types


@pytest.fixture
def round_(live_server: LiveServer) -> Round:
    project = make_project("Harbour", alice="reviewer", bob="reviewer")
    return make_round(project, units=2, codebook=make_codebook(project, "attribution"))


@pytest.fixture
def asked(labelling: Page) -> Page:
    """Alice has answered what comes before it by keys alone, and the field has the focus."""
    for key in "2", "3", "4", "1":
        labelling.keyboard.press(key)
    expect(labelling.locator("#hops-attribution_chain")).to_be_focused()
    return labelling


def test_it_works_by_keyboard(asked: Page) -> None:
    asked.keyboard.type(f"the ministry {KEYS}")
    asked.keyboard.press("Enter")
    asked.keyboard.type("Rudaw")
    expect(asked.locator("#q-attribution_chain [data-summary]")).to_have_text(f"the ministry {KEYS} → Rudaw")
    assert faults(asked) == []
    submit(asked)
    assert Label.objects.get(question="attribution_chain").value == [f"the ministry {KEYS}", "Rudaw"]
    expect(asked.locator("#label-form[data-ready]")).to_be_visible()


def test_a_draft_brings_the_lines_back(asked: Page) -> None:
    asked.keyboard.type("the ministry\nRudaw")
    expect(asked.locator("#save-state")).to_contain_text("Draft saved")
    assert Draft.objects.get().payload["answers"]["attribution_chain"] == ["the ministry", "Rudaw"]
    asked.evaluate("localStorage.clear()")
    asked.reload()
    expect(asked.locator("#hops-attribution_chain")).to_have_value("the ministry\nRudaw")


def test_a_missing_reason_sets_the_words_aside_and_typing_takes_it_away(asked: Page) -> None:
    field = asked.locator("#hops-attribution_chain")
    reason = asked.locator("#q-attribution_chain [value='missing:cannot_judge']")
    asked.keyboard.type("Rudaw")
    reason.check()
    expect(field).to_have_value("")
    reason.uncheck()
    expect(field).to_have_value("Rudaw")
    reason.check()
    field.press_sequentially("A minister")
    expect(reason).not_to_be_checked()
    submit(asked)
    assert Label.objects.get(question="attribution_chain").value == ["A minister"]


def test_what_is_too_long_is_named(asked: Page) -> None:
    asked.locator("#hops-attribution_chain").fill("Rudaw\n" + "x" * 201)
    asked.keyboard.press("Control+Enter")
    expect(asked.locator("[data-problem]")).to_contain_text("source 2, “xxx")
    expect(asked.locator("#hops-attribution_chain")).to_be_focused()


def test_a_curator_writes_another_chain_by_keyboard(
    page: Page, live_server: LiveServer, round_: Round, enter: Callable[..., Page]
) -> None:
    """Words in the field choose it; the digits in it are no keys."""
    for name, chain in (("alice", ["A minister"]), ("bob", ["Rudaw"])):
        said = {"attribution_presence": "attributed", "attribution_chain": chain}
        label_next(round_, reviewer(round_.project, name), **said)
    [dispute] = disputes(round_, "attribution_chain")
    enter(owner_of(round_.project))
    page.goto(f"{live_server.url}/p/{round_.project.slug}/rounds/{round_.pk}/settle/{dispute.unit}/{dispute.question}/")
    expect(page.locator("form[data-ready]")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("2")
    expect(page.locator("[name=decision]:checked")).to_have_value('["Rudaw"]')
    page.locator("#chain").focus()
    page.keyboard.type("Agency 1\nRudaw")
    expect(page.locator("[data-another]")).to_be_checked()
    page.get_by_role("button", name="Settle").click()
    expect(page.get_by_text("Settled.")).to_be_visible()
    assert SettledLabel.objects.get().value == ["Agency 1", "Rudaw"]
