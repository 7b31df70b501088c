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


def choose(page: Page, words: str) -> None:
    """Select words in the text, as the mouse would leave them."""
    page.evaluate(
        """words => {
          const walker = document.createTreeWalker(document.querySelector('.article'), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at < 0) continue;
            getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + words.length);
            return;
          }
          throw new Error('not in the text: ' + words);
        }""",
        words,
    )


def submit(page: Page) -> None:
    first = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != first)
