"""The first run by goal: from an empty database to the end of each, led by the first steps, with a real worker."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Label, Publication, SettledLabel
from tests.browser.test_story import PATIENCE, join, reload_until, sign_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
CODEBOOK = "Which tone?\tCalm\tNothing alarms.\t“It rains.”\n\tAlarmed\tIt wants to frighten.\t“Flee!”"
FERRIES = [
    f"{side} {paint}" for side in ("north", "south", "east", "west") for paint in ("red", "blue", "green", "old")
]
FERRIES += ["Edda", "Mira", "Tove", "Runa"]
NEWS = [f"The {ferry} ferry carried {40 + n} passengers on Monday." for n, ferry in enumerate(FERRIES)]


def begin(page: Page, base: str, goal: str) -> None:
    """Sign in on an empty installation, choose the goal: the first steps are there."""
    sign_in(page, base)
    page.get_by_label(goal).check()
    page.get_by_label("Name of the project").fill(f"First: {goal}")
    page.get_by_role("button", name="Start the project").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()


def next_step(page: Page, button: str) -> None:
    """Go to the overview; the step that comes next is this one; go where it leads."""
    page.locator(".crumbs a").first.click()
    here = page.locator(".step.is-next")
    expect(here.locator("a")).to_have_text(button)
    here.locator("a").click()


def open_round(page: Page) -> None:
    """As the step has filled the form in."""
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("button", name="Open the round").click()
    reload_until(page, "open")


def invite(page: Page, role: str) -> str:
    page.get_by_label("Role", exact=True).select_option(role)
    page.get_by_role("button", name="Make an invitation link").click()
    return page.get_by_label("Invitation link").input_value()


def ready(page: Page) -> None:
    expect(page.locator("#label-form[data-ready]")).to_be_visible()


def code_units(page: Page, keys: list[str]) -> None:
    """One key and Enter for each unit."""
    page.get_by_role("button", name=re.compile("^(Label in|Start labelling)")).first.click()
    for key in keys:
        ready(page)
        here = page.url
        page.keyboard.press(key)
        expect(page.locator("[data-submit]")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, before=here: url != before)


def test_code_a_corpus(browser: Browser, live_server: LiveServer, worker: Any) -> None:
    """Paste a codebook, upload a sheet, twenty units, two coders, alpha with a methods sentence."""
    make_user("carol")
    page = browser.new_context().new_page()
    begin(page, live_server.url, "Code a corpus")

    page.locator(".step", has_text="Say what is asked").get_by_role("link").click()
    page.get_by_text("Bring one of your own").click()
    page.get_by_label("Comes as").select_option("table")
    page.get_by_label("Title, for a table").fill("Tone")
    page.locator("#book-text").fill(CODEBOOK)
    page.get_by_role("button", name="Make a draft of it").click()
    page.get_by_role("button", name="Publish version 1").click()

    next_step(page, "Import articles")
    sheet = io.StringIO()
    csv.writer(sheet).writerows([["title", "text"], *([f"Ferry {n}", text] for n, text in enumerate(NEWS))])
    file = {"name": "news.csv", "mimeType": "text/csv", "buffer": sheet.getvalue().encode()}
    page.locator("#id_files").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Before the import")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("succeeded", exact=True)).to_be_visible(timeout=PATIENCE * 1000)

    next_step(page, "Set up the round")
    reload_until(page, "20 units, each answered by 2 reviewers.")  # the last articles may still be split
    open_round(page)

    next_step(page, "Invite somebody")
    link = invite(page, "reviewer")
    second = join(browser.new_context(), link, "dora")
    code_units(second, ["1"] * 15 + ["2"] * 5)
    second.context.close()
    next_step(page, "Label")
    page.get_by_role("link", name="First round").click()
    code_units(page, ["1"] * 14 + ["2"] * 6)
    assert Label.objects.count() == 40

    page.locator(".crumbs a").first.click()
    page.get_by_role("link", name="Agreement", exact=True).click()
    reload_until(page, "0.88")  # all twenty are counted
    page.get_by_role("link", name="In full").first.click()
    said = page.get_by_label("For a methods section").input_value()
    # by hand: 20 units, one of them split, 29 ones and 11 twos: 1 - 39 * 2 / (2 * 29 * 11) = 0.8777
    assert "Krippendorff's alpha (nominal) = .878," in said
    assert "20 units" in said
    page.context.close()


def test_check_claims(browser: Browser, live_server: LiveServer, worker: Any, tmp_path: Path) -> None:
    """Paste a claim with its link, evidence and a verdict, a colleague approves, ClaimReview."""
    make_user("carol")
    page = browser.new_context().new_page()
    begin(page, live_server.url, "Check claims")

    next_step(page, "Enter the claim")
    page.get_by_label("What was said").fill("The harbour bridge cost 40 million.")
    page.get_by_label("Who said it").fill("Edda Quill")
    page.get_by_label("Link").fill("https://tidalpost.example.com/bridge")
    page.get_by_role("button", name="Add it").click()

    next_step(page, "Set up the round")
    open_round(page)

    next_step(page, "Check the claim")
    page.get_by_role("link", name="First round").click()
    page.get_by_role("button", name="labelling").first.click()
    ready(page)
    page.locator("[name=note-speaker]").fill("Edda Quill, at the council")
    page.locator("#q-evidence [data-show]").click()
    page.get_by_role("button", name="Add evidence").click()
    page.locator("input[name=evidence-0-url]").fill("https://council.example.com/budget-2025")
    page.locator("[name=evidence-0-quote]").fill("The bridge was built for 62 million.")
    page.locator("[data-evidence]").get_by_label("refutes", exact=True).check()
    page.locator("#q-verdict [data-show]").click()
    page.locator("#q-verdict").get_by_text("Refuted", exact=True).click()
    page.locator("[name=note-why]").fill("The budget says 62 million.")
    here = page.url
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(lambda url: url != here)

    next_step(page, "Invite somebody")
    colleague = join(browser.new_context(), invite(page, "curator"), "dora")
    next_step(colleague, "Go to the disputes")
    colleague.get_by_role("link", name="Look at it").click()
    colleague.get_by_role("row", name="verdict").get_by_role("link", name="Settle").or_(
        colleague.locator("td a.button", has_text="Settle")
    ).first.click()
    expect(colleague.get_by_text("The bridge was built for 62 million.")).to_be_visible()
    colleague.get_by_label("Rationale").fill("I read the budget, too.")
    colleague.locator("[data-settle]").get_by_text("Refuted", exact=True).click()
    colleague.get_by_role("button", name="Settle").click()
    expect(colleague.get_by_text("Settled.")).to_be_visible()
    assert SettledLabel.objects.get().created_by.username == "dora"
    colleague.context.close()

    next_step(page, "Make a release")
    page.get_by_label("claimreview").check()
    page.get_by_role("button", name="Make the release").click()
    reload_until(page, "ready")
    with page.expect_download() as started:
        page.get_by_role("link", name="claimreview", exact=False).first.click()
    started.value.save_as(tmp_path / "review")
    review = json.loads((tmp_path / "review").read_text("utf-8"))
    assert "40 million" in json.dumps(review)
    assert "ClaimReview" in json.dumps(review)
    page.context.close()


def test_rate_outlets(browser: Browser, live_server: LiveServer, worker: Any) -> None:
    """One outlet, three criteria each with its evidence, and a page that says it is not published."""
    make_user("carol")
    page = browser.new_context().new_page()
    begin(page, live_server.url, "Rate outlets")

    next_step(page, "Import an article")
    page.get_by_label("Text", exact=True).fill(f"Ferries\n\n{NEWS[0]}")
    page.locator("#id_outlet").fill("Tidal Post")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("succeeded", exact=True)).to_be_visible(timeout=PATIENCE * 1000)

    next_step(page, "Set up the round")
    open_round(page)

    next_step(page, "Judge the outlet")
    page.get_by_role("link", name="First round").click()
    page.get_by_role("button", name="labelling").first.click()
    ready(page)
    judged = 0
    for question in page.locator("[data-code]").all():
        code = question.get_attribute("data-code") or ""
        if question.get_attribute("data-kind") == "text" or not question.is_visible():
            continue
        question.locator("[data-show]").click()
        if code.startswith("outlet_") or judged == 3:
            question.locator("input[value='missing:cannot_judge']").check()
            continue
        question.get_by_text("Meets it", exact=True).click()
        page.locator(f"[name=note-{code}_shown]").fill(f"https://tidalpost.example.com/{code}, seen on 2026-03-14")
        judged += 1
    assert judged == 3
    here = page.url
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(lambda url: url != here)

    page.locator(".crumbs a").first.click()
    page.get_by_role("link", name="Outlets", exact=True).click()
    page.get_by_role("link", name="Tidal Post", exact=True).first.click()
    expect(page.get_by_text("draft, not published")).to_be_visible()
    assert not Publication.objects.exists()
    assert page.request.get(f"{page.url.replace('/p/', '/public/')}").status == 404
    page.context.close()
