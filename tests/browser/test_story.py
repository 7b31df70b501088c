"""The whole main job in one browser, with a real worker: import, split, label by keyboard as two people, agreement,
settle, download."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import AgreementScore, Article, LabelEvent, SettledLabel
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
ROOT = Path(__file__).parents[2]
DEMO = ROOT / "claims" / "management" / "demo" / "corpus"
SEEDS = ROOT.parent / "shared" / "data" / "seeds"
UNITS = 3
PATIENCE = 60.0


def reload_until(page: Page, words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while page.get_by_text(words, exact=True).count() == 0 and time.monotonic() < deadline:
        page.wait_for_timeout(300)
        page.reload()
    expect(page.get_by_text(words, exact=True).first).to_be_visible()


def sign_in(page: Page, base: str) -> None:
    page.goto(base)
    page.get_by_label("User name").fill("carol")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def start(page: Page) -> None:
    page.get_by_label("Code a corpus").check()
    page.get_by_label("Name of the project").fill("The whole story")
    page.get_by_role("button", name="Start the project").click()


def import_files(page: Page, files: list[Path]) -> None:
    page.get_by_role("link", name="Import articles").first.click()
    page.locator("#id_files").set_input_files(files)
    expect(page.locator("[data-files] li")).to_have_count(len(files))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("succeeded", exact=True)).to_be_visible(timeout=PATIENCE * 1000)


def wait_for_claims(page: Page, n_articles: int) -> None:
    page.get_by_role("link", name="Articles", exact=True).click()
    deadline = time.monotonic() + PATIENCE
    while page.locator("td .tag.good").count() < n_articles and time.monotonic() < deadline:
        page.wait_for_timeout(300)
        page.reload()
    expect(page.locator("td .tag.good")).to_have_count(n_articles)
    page.locator("a.title").first.click()
    expect(page.locator("mark.claim").first).to_be_visible()


def set_up_round(page: Page) -> None:
    page.get_by_role("link", name="Rounds", exact=True).click()
    page.get_by_role("link", name="Set up a round").click()
    page.get_by_label("Name").fill("Pilot")
    page.get_by_label("At most").fill(str(UNITS))
    expect(page.locator("#cost")).to_contain_text(f"{UNITS} units, each answered by 2 reviewers")
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("button", name="Open the round").click()
    reload_until(page, "open")


def open_tab(page: Page, name: str) -> None:
    """A page that the goal does not show first."""
    page.locator(".tabs").get_by_text("More").click()
    page.locator(".tabs").get_by_role("link", name=name, exact=True).click()


def invite(page: Page) -> str:
    open_tab(page, "People")
    page.get_by_role("button", name="Make an invitation link").click()
    return page.get_by_label("Invitation link").input_value()


def join(context: BrowserContext, link: str, name: str) -> Page:
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Choose a user name").fill(name)
    page.get_by_label("Choose a password").fill("harbour lamps at nine")
    page.get_by_role("button", name="Make a login and join").click()
    return page


def label_all(page: Page, stances: list[str]) -> None:
    """By keyboard alone from the first unit on."""
    page.get_by_role("button", name="Label in Pilot").click()
    for stance in stances:
        expect(page.locator("#label-form[data-ready]")).to_be_visible()
        here = page.url
        page.keyboard.press(stance)
        expect(page.locator("#q-evidence")).to_have_attribute("data-open", "yes")
        page.keyboard.press("Enter")
        expect(page.locator("#q-verdict")).to_have_attribute("data-open", "yes")
        page.keyboard.press("Enter")
        expect(page.locator("#q-sentence_bias")).to_have_attribute("data-open", "yes")
        page.keyboard.press("2")
        expect(page.locator("[data-submit]")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, before=here: url != before)
    expect(page.get_by_text(f"{len(stances)} units done by you")).to_be_visible()


def see_agreement(page: Page) -> None:
    page.get_by_role("link", name="Agreement", exact=True).click()
    deadline = time.monotonic() + PATIENCE
    while AgreementScore.objects.filter(coefficient="percent_agreement", n_pairable=UNITS).count() < 2:
        assert time.monotonic() < deadline, "the worker has not scored"
        page.wait_for_timeout(200)
    page.reload()
    expect(page.get_by_text(f"n = {UNITS}").first).to_be_visible()
    row = page.get_by_role("row", name="Percent agreement").first
    expect(row).to_contain_text("67")


def settle(page: Page) -> None:
    open_tab(page, "Disputes")
    page.locator("td a.button", has_text="Settle").first.click()
    expect(page.get_by_text("Reviewer A", exact=True)).to_be_visible()
    expect(page.locator("[data-settle][data-ready]")).to_be_visible()
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No dispute waits")).to_be_visible()


def release_and_download(page: Page, folder: Path) -> dict[str, Path]:
    page.get_by_role("link", name="Releases", exact=True).click()
    page.get_by_role("button", name="Make the release").click()
    reload_until(page, "ready")
    files = {}
    for name in ("labels.csv", "labels.jsonl", "settled.jsonl", "manifest.json"):
        with page.expect_download() as started:
            page.get_by_role("link", name=name, exact=True).click()
        files[name] = folder / name
        started.value.save_as(files[name])
    return files


def check_files(files: dict[str, Path]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["labels.csv"].read_text("utf-8-sig"))))
    lines = [json.loads(line) for line in files["labels.jsonl"].read_text("utf-8").splitlines()]
    assert len(rows) == len(lines) == 2 * UNITS * 2  # two people, two answered questions
    settled = [json.loads(line) for line in files["settled.jsonl"].read_text("utf-8").splitlines()]
    assert [line["value"] for line in settled] == ["reports"]
    assert json.loads(files["manifest.json"].read_text("utf-8"))


def tell(browser: Browser, base: str, files: list[Path], n_articles: int, folder: Path) -> None:
    owner = browser.new_context().new_page()
    sign_in(owner, base)
    start(owner)
    import_files(owner, files)
    wait_for_claims(owner, n_articles)
    set_up_round(owner)
    for name, stances in (("dora", ["1", "1", "4"]), ("emil", ["1", "2", "4"])):
        context = browser.new_context()
        label_all(join(context, invite(owner), name), stances)
        context.close()
    see_agreement(owner)
    settle(owner)
    check_files(release_and_download(owner, folder))
    owner.context.close()
    assert LabelEvent.objects.count() == 2 * UNITS
    assert SettledLabel.objects.count() == 1


def test_it_works_on_the_demo_articles(browser: Browser, live_server: LiveServer, worker: Any, tmp_path: Path) -> None:
    make_user("carol")
    files = sorted(path for path in DEMO.iterdir() if path.suffix in (".txt", ".html"))
    tell(browser, live_server.url, files, len(files), tmp_path)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/data/seeds is not here")
def test_it_works_on_the_five_articles(browser: Browser, live_server: LiveServer, worker: Any, tmp_path: Path) -> None:
    make_user("carol")
    tell(browser, live_server.url, sorted(SEEDS.glob("*.txt")), 5, tmp_path)
    assert Article.objects.filter(state="split").count() == 5
