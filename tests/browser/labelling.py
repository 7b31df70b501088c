"""What the tests of the labelling page share: answering everything, and what is stored then."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from claims.models import Label, Round


def answer_all(page: Page) -> None:
    expect(page.locator("#label-form[data-ready]")).to_be_visible()
    page.locator("#q-stance [data-show]").click()
    page.keyboard.press("1")
    expect(page.locator("#q-evidence")).to_have_attribute("data-open", "yes")
    page.locator("#q-sentence_bias [data-show]").click()
    page.keyboard.press("1")
    expect(page.locator("[data-submit]")).to_be_focused()


def stored(round_: Round) -> list[tuple[str, str]]:
    return list(Label.objects.filter(round=round_).order_by("id").values_list("question", "value"))
