"""Every page in a browser: accessible in both themes (WCAG 2.2 AA by axe), whole on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import faults
from tests.web.site import Site, make_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def site(live_server: LiveServer) -> Site:
    return make_site()


def public(site: Site) -> dict[str, str]:
    return {"sign-in": "/sign-in/", "join": f"/join/{site.invitation}/", "missing": "/nothing-here/", "help": "/help/"}


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_it_works_for_everybody(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page], theme: str
) -> None:
    """Axe finds nothing on any page, in any theme."""
    found = {}
    page.set_viewport_size({"width": 1366, "height": 768})
    for name, address in public(site).items():
        page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
        page.goto(live_server.url + address)
        found[name] = faults(page)
    owned = site.of_reviewer() | site.of_owner()
    for user, addresses in ((site.alice, {"label": owned.pop("label")}), (site.owner, owned)):
        enter(user, theme=theme)
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            found[name] = faults(page)
    assert {name: list_ for name, list_ in found.items() if list_} == {}


def test_nothing_is_wider_than_a_phone(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    owned = site.of_reviewer() | site.of_owner()
    wide = []
    for user, addresses in ((site.alice, {"label": owned.pop("label")}), (site.owner, owned)):
        enter(user)
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(name)
    assert wide == []


def test_on_a_phone_no_cell_of_a_list_is_out_of_sight_and_each_says_what_it_is(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(site.owner)
    page.goto(live_server.url + site.of_owner()["people"])
    person = page.locator("table.stacks tbody tr").first
    assert person.get_by_role("cell").first.evaluate("(cell) => getComputedStyle(cell, '::before').content") == '"Role"'
    for cell in person.get_by_role("cell").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_nothing_is_asked_from_elsewhere(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page]
) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/", 3)[2]))
    enter(site.owner)
    for address in (site.of_reviewer() | site.of_owner()).values():
        page.goto(live_server.url + address)
    assert asked == {live_server.url.split("/")[2]}


def test_the_theme_switches_without_a_reload_and_stays(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page]
) -> None:
    enter(site.owner)
    page.goto(live_server.url)
    page.get_by_text(site.owner.username).click()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).colorScheme || 'dark'") != "light"


def test_where_one_is_stands_among_the_tabs_of_a_phone(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(site.owner)
    for name in ("people", "jobs", "releases", "project"):
        page.goto(live_server.url + (site.of_reviewer() | site.of_owner())[name])
        expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)
    page.locator(".tabs").get_by_text("More").click()
    for link in page.locator(".tabs .menu-body a").all():
        expect(link).to_be_in_viewport(ratio=1)
    page.locator(".tabs .menu-body").get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    for button in page.get_by_role("button", name="Remove").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390


def test_what_is_printed_from_a_dark_screen_is_dark_on_white(
    page: Page, live_server: LiveServer, site: Site, enter: Callable[..., Page]
) -> None:
    enter(site.owner, theme="dark")
    page.goto(live_server.url + site.of_reviewer()["codebook"])
    page.emulate_media(media="print")
    shown = "(root) => [getComputedStyle(root).color, getComputedStyle(root).backgroundColor]"
    ink, ground = page.locator("html").evaluate(shown)
    assert max(int(part) for part in ink[4:-1].split(",")) < 60
    assert ground == "rgba(0, 0, 0, 0)"
