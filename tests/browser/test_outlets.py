"""Outlets in the browser: from a formula to the answer behind a criterion, on a wide page and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.credibility.entities import confirm_outlet, describe_outlet
from claims.models import AttributionHop, ExternalRating, Outlet, OutletTally, Project, Publication, Unit
from claims.models.formula import CRITERIA
from tests.factories import (
    label,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    make_user,
    owner_of,
    reviewer,
)

SHOWN = "https://tidalpost.example/imprint, 2026-03-09"
STORIES = (
    (
        "Tidal Post",
        "The dam board said the dam leaks, according to the Orrin Courier",
        "the Dam Board",
        "Orrin Courier",
    ),
    ("Orrin Courier", "The dam leaks, the Dam Board said", "the Dam Board", ""),
    ("Lake Herald", "The dam leaks since March, Harbour Radio reported", "Harbour Radio", ""),
)
SHOWN_AS = "tables => tables.map(table => getComputedStyle(table).display)"
PAGES = (
    "outlets/",
    "outlets/{outlet}/",
    "outlets/{outlet}/criteria/corrections/",
    "outlets/{outlet}/dossier/",
    "outlets/{outlet}/public/",
    "outlets/score/",
    "outlets/citations/",
    "outlets/compare/?q=dam&outlet={outlet}&outlet={other}",
    "outlets/ratings/",
)


def build() -> tuple[Project, Outlet, Outlet]:
    """Three outlets on one story, the first of them rated by three people, counted, and published."""
    project = make_project("Lake papers", goal="rate_outlets", alice="reviewer", bob="reviewer", cleo="reviewer")
    owner = owner_of(project)
    outlets = [make_outlet(project, name) for name, *_ in STORIES]
    for n, (outlet, (_, quote, *sources)) in enumerate(zip(outlets, STORIES, strict=True)):
        columns: dict[str, Any] = {"published_at": datetime(2026, 3, n + 1, tzinfo=UTC), "published_how": "stated"}
        article = make_article(project, f"Dam leaks, day {n}\n\n{quote}.", outlet=outlet, state="split", **columns)
        claim = make_claim(article, quote, source=sources[0], cue="said")
        if sources[1]:
            AttributionHop.objects.create(
                occurrence_version=claim.versions.get(), n=1, source_text=sources[1], mode="indirect"
            )
    first = outlets[0]
    said: dict[str, Any] = {"country": "DE", "control": "private", "as_of": date(2026, 1, 31)}
    describe_outlet(first, expected_n=1, name="Tidal Post", ownership="A fund of its readers", by=owner, **said)
    confirm_outlet(first, by=owner)
    rate(project, first)
    count(first)
    facts = {"rater": "Press Index", "axis": "factuality", "raw": "HIGH", "mapped": "high", "licence": "CC BY 4.0"}
    ExternalRating.objects.create(project=project, outlet=first, rated_on=date(2026, 2, 1), **facts)
    publish(first)
    return project, first, outlets[1]


def rate(project: Project, outlet: Outlet) -> None:
    round_ = make_round(project, codebook=make_codebook(project, "outlet"), unit_kind="outlet", overlap=3)
    for unit in Unit.objects.filter(project=project, kind="outlet").order_by("pk"):
        for name, corrections in (("alice", "pass"), ("bob", "pass"), ("cleo", "fail")):
            answers: dict[str, Any] = dict.fromkeys(CRITERIA, "pass") | {"corrections": corrections}
            answers["authors_named"] = {"missing": "not_applicable"}
            answers["fair_headlines"] = "insufficient_evidence"
            notes = {f"{code}_shown": SHOWN for code in CRITERIA if answers[code] in ("pass", "fail")}
            label(round_, unit, reviewer(project, name), notes=notes, **answers)
    assert Unit.objects.filter(outlet_version__outlet=outlet).count() == 1


def count(outlet: Outlet) -> None:
    """Tallies as three months of settled rounds would leave them."""
    for month, supported, refuted in ((1, 40, 12), (2, 35, 9), (3, 12, 3)):
        for outcome, n in (("supported", supported), ("refuted", refuted), ("unresolved", 5)):
            day = date(2026, month, 1)
            OutletTally.objects.create(
                outlet=outlet, measure="verdict", outcome=outcome, n=n, month=day, probability=1.0
            )
        for outcome, n in (("author_voice", 40), ("attributed", 22), ("vague", 4)):
            day = date(2026, month, 1)
            OutletTally.objects.create(outlet=outlet, measure="voice", outcome=outcome, n=n, month=day, probability=1.0)


def publish(outlet: Outlet) -> None:
    figure = {"name": "Supported", "measure": "verdict", "outcome": "supported", "n": 120, "value": 0.7, "low": 0.62}
    Publication.objects.create(
        outlet=outlet,
        n=1,
        state="published",
        n_reviewers=3,
        snapshot={"name": outlet.name, "figures": [{**figure, "high": 0.78}], "frames": {}, "formula": "shares-2"},
        letter="We are about to publish these figures. Please reply by the day below.",
        reply_until=datetime(2026, 3, 1, tzinfo=UTC),
        reply="We correct what we get wrong.",
        disputed="The second figure.",
        response="We checked the claims again; the figure stands.",
        corrections=[{"at": "2026-03-20T10:00:00+00:00", "notice": "The number of claims was 119."}],
        first_approval_by=make_user(),
        second_approval_by=make_user(),
        published_at=datetime(2026, 3, 9, tzinfo=UTC),
    )


def test_a_score_is_switched_on_and_traced_to_an_answer(
    page: Page, live_server: LiveServer, enter: Callable[..., Page]
) -> None:
    project, outlet, other = build()
    enter(owner_of(project))
    page.goto(f"{live_server.url}/p/{project.slug}/outlets/")
    page.get_by_role("link", name="Composite score").click()
    page.get_by_label("Why this project wants it so").fill("Our readers ask for one number.")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("on, version 1")).to_be_visible()
    page.get_by_role("link", name="Tidal Post").click()
    expect(page.get_by_text("95 of 100")).to_be_visible()  # (72.5 + 12.5 * 2 / 3) of 85
    page.get_by_role("link", name="Corrects errors openly").click()
    expect(page.get_by_role("row", name="Reviewer 3")).to_contain_text("https://tidalpost.example/imprint")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for address in PAGES:
            page.goto(f"{live_server.url}/p/{project.slug}/{address.format(outlet=outlet.pk, other=other.pk)}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, address)
            if width == 1280:  # the heading of each column stands over its column
                assert set(page.locator("table").evaluate_all(SHOWN_AS)) <= {"table"}, address


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_public_page_needs_no_login(page: Page, live_server: LiveServer, theme: Any) -> None:
    project, outlet, _ = build()
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{live_server.url}/public/{project.slug}/outlets/{outlet.pk}/")
    expect(page.get_by_text("We correct what we get wrong.")).to_be_visible()
    expect(page.get_by_text("Correction, 2026-03-20.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
