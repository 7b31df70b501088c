"""Evidence with its copy: an address is fetched, archived, quoted from, and a verdict needs an item that matches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from claims.models import EvidenceItem, Round
from tests.browser.labelling import answer_all, stored
from tests.factories import run_jobs
from tests.labelling.evidence_site import lab
from tests.labelling.test_evidence import PNG
from tests.security.netlab import Netlab

__all__ = ["lab"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SELECT_WORDS = """text => {
    const node = text.firstChild, words = "found 14 broken", at = node.data.indexOf(words), range = new Range();
    range.setStart(node, at); range.setEnd(node, at + words.length);
    getSelection().removeAllRanges(); getSelection().addRange(range);
}"""


def test_a_page_is_fetched_quoted_and_a_verdict_without_a_match_is_refused(
    lab: Netlab, labelling: Page, round_: Round, tmp_path: Path
) -> None:
    page = labelling
    first = page.url
    answer_all(page)
    page.locator("#q-evidence [data-show]").click()
    page.keyboard.press("e")
    item = page.locator("[data-evidence-list] [data-evidence]")
    item.locator("[data-field=url]").fill("http://register.example.com/bolts")
    item.locator("[data-field=url]").press("Tab")
    expect(item.locator("[data-copy-state]")).to_contain_text("Fetching a copy")
    expect(item.locator("[data-field=copy]")).to_have_value(re.compile("[0-9a-f]{32}"))
    run_jobs()
    expect(item.locator("[data-copy-state]")).to_contain_text("Copy kept")
    expect(item.locator("[data-field=title]")).to_have_value("Bolts of the Lake Bridge")
    expect(item.locator("[data-field=outlet]")).to_have_value("Harbour Register")
    expect(item.locator("[data-field=published]")).to_have_value("2026-03-14")

    item.get_by_role("button", name="Show the copy").click()
    item.locator("[data-copy-text]").evaluate(SELECT_WORDS)
    item.get_by_role("button", name="Use the selected words").click()
    expect(item.locator("[data-field=quote]")).to_have_value("found 14 broken")
    expect(item.locator("[data-quote-state]")).to_have_text("These words stand in the copy.")
    item.locator("[data-field=quote]").fill("found 15 broken")
    expect(item.locator("[data-quote-state]")).to_have_text("These words do not stand in the copy as they are.")
    item.locator("[data-field=quote]").fill("found 14 broken")

    item.locator(".evidence-more summary").click()
    picture = tmp_path / "page.png"
    picture.write_bytes(PNG)
    item.locator("[data-picture]").set_input_files(picture)
    expect(item.locator("[data-picture-state]")).to_have_text("The screenshot is kept.")

    page.locator("#q-verdict [data-show]").click()
    page.locator("#q-verdict [value=refuted]").check()
    page.locator("[data-submit]").click()
    expect(page.locator("#save-state")).to_contain_text("needs a piece of evidence that refutes the claim")
    assert stored(round_) == []

    page.locator("#q-evidence [data-show]").click()
    item.locator("[data-field=relation][value=refutes]").check(force=True)
    page.locator("[data-submit]").click()
    page.wait_for_url(lambda url: url != first)
    kept = EvidenceItem.objects.get()
    assert (kept.quote, kept.relation, kept.outlet) == ("found 14 broken", "refutes", "Harbour Register")
    assert kept.page_copy is not None
    assert kept.screenshot is not None
    assert kept.page_copy.state == "kept"


def test_a_copy_comes_back_with_the_draft(lab: Netlab, labelling: Page) -> None:
    page = labelling
    page.locator("#q-evidence [data-show]").click()
    page.keyboard.press("e")
    item = page.locator("[data-evidence-list] [data-evidence]")
    item.locator("[data-field=url]").fill("http://register.example.com/bolts")
    item.locator("[data-field=url]").press("Tab")
    expect(item.locator("[data-field=copy]")).to_have_value(re.compile("[0-9a-f]{32}"))
    run_jobs()
    expect(item.locator("[data-copy-state]")).to_contain_text("Copy kept")
    expect(page.locator("#save-state")).to_contain_text("Draft saved")
    page.reload()
    page.locator("#q-evidence [data-show]").click()
    expect(item.locator("[data-copy-state]")).to_contain_text("Copy kept")
