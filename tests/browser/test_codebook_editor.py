"""The codebook editor in a browser: with the preview that follows, by keyboard, and without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.labelling.drafting import start_draft
from claims.models import CodebookVersion, Project
from tests.factories import make_codebook, make_project, owner_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def project(live_server: LiveServer) -> Project:
    return make_project("Harbour")


@pytest.fixture
def draft(project: Project) -> CodebookVersion:
    published = make_codebook(project)
    return start_draft(published.codebook, by=owner_of(project), base=published)


@pytest.fixture
def address(live_server: LiveServer, draft: CodebookVersion, project: Project) -> str:
    return f"{live_server.url}/p/{project.slug}/codebooks/main/{draft.n}/edit/"


def test_it_works_with_a_preview_that_follows_and_collisions_refused(
    page: Page, address: str, draft: CodebookVersion, enter: Callable[..., Page]
) -> None:
    enter(owner_of(draft.codebook.project))
    page.goto(address)
    page.locator("#title").fill("How does it treat the claim?")
    expect(page.locator("#preview")).to_contain_text("How does it treat the claim?")
    page.locator(".codebook-choice summary").nth(1).click()
    page.locator("#c-1-key").fill("1")
    expect(page.locator("#refusal")).to_contain_text("the key '1' is that of supports")
    page.get_by_role("button", name="Save the question").click()
    expect(page.locator("#refusal")).to_contain_text("Nothing was stored")
    draft.refresh_from_db()
    assert draft.document["questions"][0]["title"] == "What does the article do with the claim?"
    page.locator(".codebook-choice summary").nth(1).click()
    page.locator("#c-1-key").fill("2")
    page.get_by_role("button", name="Save the question").click()
    expect(page.locator("#refusal")).to_have_count(0)
    draft.refresh_from_db()
    assert draft.document["questions"][0]["title"] == "How does it treat the claim?"


def test_by_keyboard_alone(page: Page, address: str, draft: CodebookVersion, enter: Callable[..., Page]) -> None:
    enter(owner_of(draft.codebook.project))
    page.goto(f"{address}?question=new")
    page.locator("#title").focus()
    page.keyboard.type("How does it sound?")
    page.keyboard.press("Tab")
    page.keyboard.type("tone")
    page.keyboard.press("Tab")
    page.keyboard.type("text")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # in a select nothing happens; in the field before it the form is saved
    page.locator("#code").press("Enter")
    expect(page.locator(".codebook-list")).to_contain_text("How does it sound?")
    draft.refresh_from_db()
    assert [(q["code"], q["kind"]) for q in draft.document["questions"]][-1] == ("tone", "text")


def test_without_a_script_from_a_pasted_table_to_publishing(
    browser: Browser, page: Page, live_server: LiveServer, project: Project, enter: Callable[..., Page]
) -> None:
    enter(owner_of(project))
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(f"{live_server.url}/p/{project.slug}/codebooks/")
    plain.get_by_text("Bring one of your own").click()
    plain.get_by_label("Comes as").select_option("table")
    plain.get_by_label("Title, for a table").fill("Tone")
    plain.locator("#book-text").fill("Which tone?\tCalm\tNo stress\t“It rains.”\n\tAlarmed\tStress\t\n\tShrill\tMore\t")
    plain.get_by_role("button", name="Make a draft of it").click()
    expect(plain.locator("h1")).to_contain_text("Tone")
    plain.locator(".codebook-choice summary").nth(2).click()
    plain.locator("#c-2-into").select_option("alarmed")
    plain.get_by_role("button", name="Save the question").click()
    plain.get_by_role("button", name="Publish version 1").click()
    version = CodebookVersion.objects.get(codebook__slug="tone")
    assert version.state == "published"
    choices = version.document["questions"][0]["choices"]
    assert [(one["code"], one.get("replaces", [])) for one in choices] == [("calm", []), ("alarmed", ["shrill"])]
    context.close()


def test_somebody_elses_change_is_shown_and_nothing_overwritten(
    page: Page, address: str, draft: CodebookVersion, enter: Callable[..., Page]
) -> None:
    enter(owner_of(draft.codebook.project))
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.locator("#title").fill("Theirs?")
    other.get_by_role("button", name="Save the question").click()
    expect(other.locator(".codebook-list")).to_contain_text("Theirs?")
    page.locator("#title").fill("Mine?")
    page.get_by_role("button", name="Save the question").click()
    expect(page.locator("#refusal")).to_contain_text("Somebody changed this draft meanwhile")
    expect(page.locator("#title")).to_have_value("Mine?")
    draft.refresh_from_db()
    assert draft.document["questions"][0]["title"] == "Theirs?"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_barrier_is_found(
    page: Page, address: str, draft: CodebookVersion, enter: Callable[..., Page], theme: str
) -> None:
    enter(owner_of(draft.codebook.project), theme=theme)
    page.goto(address)
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()


def test_nothing_stands_on_another_and_saving_says_so(
    page: Page, address: str, draft: CodebookVersion, enter: Callable[..., Page]
) -> None:
    """No label of a field is wider than its field, the empty choices do not push the buttons out of reach."""
    page.set_viewport_size({"width": 1366, "height": 768})
    enter(owner_of(draft.codebook.project))
    page.goto(f"{address}?question=verdict")
    assert page.locator(".codebook-choice[open]").count() == 0
    page.evaluate("document.querySelectorAll('.codebook-choice').forEach((one) => { one.open = true; })")
    wide = """() => [...document.querySelectorAll('.codebook-form .field > label')]
      .filter((one) => one.offsetParent && one.scrollWidth > one.parentElement.clientWidth + 1)
      .map((one) => one.textContent)"""
    assert page.evaluate(wide) == []
    page.get_by_role("button", name="Save the question").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.goto(f"{address}?question=new")
    assert page.locator(".codebook-choice[open]").count() == 2
