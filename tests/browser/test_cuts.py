"""A round of cutting in a browser: cut by keyboard and mouse, handed in, compared, and whole on a phone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Article, ArticleCut, Assignment, Round
from claims.splitting.freezing import add_to_cut, hand_in_cut
from tests.browser.axe import faults
from tests.factories import make_article, make_project, make_round, member, owner_of, reviewer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "Ferry late\n\nThe ferry sank on Monday. Two people died. Nobody knows why it sank so fast."


@pytest.fixture
def round_() -> Round:
    project = make_project("Harbour", alice="reviewer", bob="reviewer")
    make_article(project, TEXT, state="split")
    return make_round(project, purpose="splitting", unit_kind="article", overlap=2)


def test_it_works_from_the_round_to_the_comparison(
    page: Page, live_server: LiveServer, round_: Round, enter: Callable[..., Page]
) -> None:
    address = f"{live_server.url}/p/{round_.project.slug}/rounds/{round_.pk}/"
    article = Article.objects.get()
    enter(member(round_.project, "alice"))
    page.goto(address)
    page.get_by_role("button", name="Start cutting").click()
    expect(page.locator("#desk[data-ready]")).to_be_visible()
    page.locator(".desk-text .block").last.evaluate(
        "one => { const r = document.createRange(); r.setStart(one.firstChild, 0); r.setEnd(one.firstChild, 24);"
        " getSelection().removeAllRanges(); getSelection().addRange(r); }"
    )
    page.keyboard.press("a")
    expect(page.locator("#range-words")).to_have_text("The ferry sank on Monday")
    page.keyboard.press("Enter")
    expect(page.locator(".claim-rows")).to_contain_text("The ferry sank on Monday")
    expect(page.locator("#desk-said")).to_have_text("Claim added.")
    page.get_by_role("button", name="Hand in your cut").click()
    expect(page.get_by_role("heading", name=round_.name)).to_be_visible()
    assert Assignment.objects.get(reviewer=reviewer(round_.project, "alice")).state == "submitted"
    assert ArticleCut.objects.get(article=article).ended_at is not None

    bob = member(round_.project, "bob")
    enter(bob)
    page.goto(address)
    page.get_by_role("button", name="Start cutting").click()
    expect(page.locator("#desk[data-ready]")).to_be_visible()
    add_to_cut(article, pieces=[(12, 26)], by=bob)
    hand_in_cut(article, by=bob)

    enter(owner_of(round_.project), theme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    page.get_by_role("link", name="See the cuts").click()
    expect(page.get_by_role("heading", name="How alike people cut")).to_be_visible()
    page.locator("summary", has_text="The ferry sank on Monday.").click()
    expect(page.get_by_text("The ferry sank", exact=True)).to_be_visible()
    names = page.locator(".stacks td[data-column]").evaluate_all(
        "cells => cells.map((cell) => cell.getBoundingClientRect()).map((box) => [box.top, box.bottom])"
    )
    assert all(above[1] <= below[0] + 1 for above, below in pairwise(names))
    assert faults(page) == []
    page.get_by_role("button", name="Lock the claims of these articles").click()
    expect(page.get_by_text("The claims of 1 article are locked.")).to_be_visible()
