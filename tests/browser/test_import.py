"""Importing in a browser: a table is looked at first, a page brings nothing of its site along, offsets are the same
everywhere."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.exporting.records import _selector
from claims.importing.entering import Entry, enter_claim
from claims.models import Anchor, Article, Claim, Project
from tests.factories import make_project, owner_of, run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLE = "Schlagzeile;Inhalt\nHafen gesperrt;Der Hafen von Velmora ist seit Montag gesperrt.\n"
PARAGRAPH = "<p>The harbour office of Velmora counted nine ships in the first week of the year, it said.</p>"
TRACKED = f"""<html><head><title>Ships counted</title><link rel=preload as=image href=https://t.example/l.gif>
<style>p {{ background: url(https://t.example/c.gif) }}</style></head><body><article><h1>Ships counted</h1>
{PARAGRAPH * 4}<img src="https://t.example/p.gif"><p>The pier stays closed until May, the office said on Monday.</p>
<iframe src="https://t.example/f"></iframe></article></body></html>"""
EMOJI = (
    "Ferry 🚢 late in Sandmouth\r\n\r\n"
    "The 👩‍👩‍👧 family waited an hour at the cafe\u0301, the harbour office said. "
    "The city spent 40 million crowns on the 🚢 line in 2025.\r\n"
)
MARKS = """() => [...document.querySelectorAll(".article mark.claim")].map((mark) => {
  const block = mark.closest("[data-start]");
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEndBefore(mark);
  const start = Number(block.dataset.start) + [...before.toString()].length;
  return [start, start + [...mark.textContent].length, mark.textContent];
})"""


@pytest.fixture
def project(page: Page, live_server: LiveServer, enter: Callable[..., Page]) -> Project:
    project = make_project("Harbour")
    enter(owner_of(project))
    page.goto(f"{live_server.url}/p/{project.slug}/import/")
    return project


def give(page: Page, name: str, text: str) -> None:
    page.locator("#id_files").set_input_files([{"name": name, "mimeType": "text/plain", "buffer": text.encode()}])
    expect(page.locator("[data-files] li")).to_have_count(1)
    page.get_by_role("button", name="Import", exact=True).click()


def test_it_works_a_table_is_looked_at_before_it_is_imported(page: Page, project: Project) -> None:
    give(page, "a.csv", TABLE)
    expect(page.get_by_role("heading", name="Before the import")).to_be_visible()
    expect(page.get_by_text("Now: semicolon.")).to_be_visible()
    expect(page.get_by_role("cell", name="Der Hafen von Velmora")).to_be_visible()
    assert not Article.objects.exists()
    page.get_by_label("text", exact=True).select_option("Inhalt")
    page.get_by_label("title", exact=True).select_option("Schlagzeile")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/jobs/*/")
    run_jobs()
    expect(page.get_by_text("succeeded", exact=True)).to_be_visible()
    assert Article.objects.get().headline == "Hafen gesperrt"


def test_up_30_an_imported_page_asks_nobody_else_for_anything(page: Page, project: Project) -> None:
    give(page, "a.html", TRACKED)
    page.wait_for_url("**/jobs/*/")
    run_jobs()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    base = urlsplit(page.url)
    page.goto(f"{base.scheme}://{base.netloc}/p/{project.slug}/articles/{Article.objects.get().pk}/")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("The pier stays closed until May").first).to_be_visible()
    assert asked
    assert {urlsplit(url).netloc for url in asked} == {base.netloc}


def test_up_46_offsets_are_the_same_on_the_server_in_the_page_and_in_a_release(page: Page, project: Project) -> None:
    """Characters of two UTF-16 units, of several code points, and line ends of two bytes stand before the claims."""
    give(page, "a.txt", EMOJI)
    page.wait_for_url("**/jobs/*/")
    run_jobs()
    article = Article.objects.get(headline__startswith="Ferry")
    text = article.text_versions.get().text
    anchors = {(a.start, a.end, a.exact) for a in Anchor.objects.filter(text_version__article=article)}
    assert anchors
    assert all(text[start:end] == exact for start, end, exact in anchors)
    released = [_selector((1, 0, *place, "anchored"), {1: text}) for place in anchors]
    assert {(said["start"], said["end"], said["exact"], said["state"]) for said in released} == {
        (*place, "anchored") for place in anchors
    }
    base = urlsplit(page.url)
    page.goto(f"{base.scheme}://{base.netloc}/p/{project.slug}/articles/{article.pk}/correct/")
    shown = {tuple(mark) for mark in page.evaluate(MARKS)}
    assert shown == anchors
    assert any("🚢" in exact for _, _, exact in anchors)


def test_what_was_checked_before_appears_while_a_claim_is_written(page: Page, project: Project) -> None:
    entry = Entry(text="The new harbour of Velmora cost 40 million crowns.", speaker="Edda Quill")
    enter_claim(project, entry, by=owner_of(project))
    page.goto(page.url.replace("/import/", "/claims/new/"))
    page.locator("#id_text").press_sequentially("The new harbour of Velmora cost 60 million crowns.")
    expect(page.get_by_role("heading", name="Something like it is here already")).to_be_visible()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/claims/*/")
    assert Claim.objects.count() == 2
