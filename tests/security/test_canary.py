"""INV-14: whatever stands in the database reaches a page as text. Every field, every page, every role."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import models
from django.test import Client
from django.utils.html import escape

from claims.models import Article, Choice, EvidenceItem, Question
from tests.factories import make_user
from tests.security import canary
from tests.security.canary import CANARY, faults_of, links_of
from tests.security.world import ROLES, World, routes

pytestmark = pytest.mark.django_db
JSON = {"application/json", "application/problem+json", "application/vnd.oai.openapi+json"}
HOSTILE = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " data:text/html,<script>1</script>",
    "vbscript:x",
    "\tjavascript:1",
]
BYTES = ("docs", "files", "dossier", "attachments")  # addresses of the API that answer a page or a file
TEMPLATES = ["{{7*7}}", "{% debug %}", "${7*7}", "#{7*7}", "{{ settings.SECRET_KEY }}", "<%= 7*7 %>"]
# Files; signing out; lists of the admin in every order and by pairs of filters, and rows by the filter that led there.
LEFT_ALONE = re.compile(r"^/static/|^/admin/logout/|^/admin/.*(\?o=|&|_changelist)")


def crawl(client: Client, starts: list[str], most: int = 900) -> dict[str, Any]:
    """Every page that can be reached by links from these, each address once: address -> answer."""
    found: dict[str, Any] = {}
    waiting = list(starts)
    while waiting and len(found) < most:
        address = waiting.pop(0)
        if address in found or LEFT_ALONE.search(address):
            continue
        response = found[address] = client.get(address)
        body = response.getvalue()
        if response.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [urljoin(address, link) for link in links_of(body.decode())]
        elif response.headers.get("Location", "").startswith("/"):
            waiting.append(response.headers["Location"])
    assert len(found) < most, f"the crawl does not end: {list(found)[-10:]}"
    return found


def pages_of(role: str, world: World) -> dict[str, Any]:
    """Every route and every link from there, as this role."""
    kept = [route for route, _ in routes() if route.startswith("admin/") <= (role == "staff")]
    return crawl(world.client(role), [world.address(route) for route in kept])


def test_it_works_no_field_is_forgotten() -> None:
    """A text column is either sown or named with its reason, and no reason is left over."""
    assert set(canary.OWN) - {field.name for _, field in canary.text_fields()} == set()
    sown = {(model.__name__, field.name) for model, field in canary.text_fields() if canary.is_open(model, field)}
    expected = {("Article", "headline"), ("Claim", "text"), ("LabelText", "content"), ("User", "username")}
    assert expected <= sown
    assert len(sown) > 50


@pytest.mark.parametrize("role", ROLES)
def test_xs_01_xs_05_xs_13_the_canary_is_text_on_every_page(world: World, role: str) -> None:
    canary.sow()
    shown = 0
    for address, response in pages_of(role, world).items():
        assert response.status_code < 500, address
        if response.headers.get("Content-Type", "").startswith("text/html"):
            body = response.content.decode()
            assert faults_of(body) == [], address
            shown += body.count("&lt;svg/onload=1&gt;{{7*7}}")
    assert shown > 20 or role in ("anonymous", "outsider")


@pytest.mark.parametrize("role", ["owner", "reviewer"])
def test_xs_01_xs_15_the_api_answers_json_whatever_is_in_it(world: World, role: str) -> None:
    canary.sow()
    client = world.client(role)
    for route, _ in routes():
        if route.startswith("api/v1/") and not any(word in route for word in BYTES):
            response = client.get(world.address(route))
            assert response.headers["Content-Type"].partition(";")[0] in JSON, route
            assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["callback=x", "format=jsonp&callback=x", "jsonp=x", "format=html", "format=api"])
def test_xs_15_there_is_no_jsonp(world: World, query: str) -> None:
    for path in ("projects/", f"projects/{world.project.slug}/claims/", "schema/"):
        response = world.client("owner").get(f"/api/v1/{path}?{query}")
        assert response.headers["Content-Type"].partition(";")[0] in JSON
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.content.lstrip()[:1] == b"{"


@pytest.mark.parametrize("url", HOSTILE)
def test_xs_03_an_address_that_runs_is_text_wherever_it_stands(world: World, url: str) -> None:
    """As if an older version had let it in: every address column of every table."""
    with canary.unguarded() as cursor:
        for model, field in canary.text_fields():
            if isinstance(field, models.CharField) and field.name in ("url", "canonical_url"):
                cursor.execute(f"UPDATE {model._meta.db_table} SET {field.column} = %s", [url])
    assert {Article.objects.filter(url=url).exists(), EvidenceItem.objects.filter(url=url).exists()} == {True}
    kept = ("p/<slug:slug>/articles/<int:pk>/", "p/<slug:slug>/claims/<int:pk>/", "p/<slug:slug>/claims/")
    kept += ("p/<slug:slug>/rounds/<int:pk>/settle/<int:unit_id>/<slug:question>/", "p/<slug:slug>/my-labels/")
    for route, _ in routes():
        if route in kept or route.endswith("label/<int:unit_id>/"):
            for role in ("owner", "reviewer"):
                body = world.client(role).get(world.address(route)).content.decode()
                assert faults_of(body) == [], route


@pytest.mark.parametrize("words", TEMPLATES)
def test_xs_07_templates_in_words_stay_words(world: World, words: str) -> None:
    client = Client()
    client.force_login(make_user())
    made = client.post("/start/", {"name": f"Weir {words}", "goal": "code_corpus"})
    page = client.get(made["Location"]).content.decode()
    assert f"Weir {escape(words)}" in page
    assert "Weir 49" not in page


def test_xs_02_words_in_a_codebook_end_no_script(world: World) -> None:
    """Nothing of a codebook stands in a script: the label page has only scripts that are files."""
    closing = "</script><script>alert(1)</script>"
    with canary.unguarded():
        Question.objects.update(title=closing, help=closing, key="<")
        Choice.objects.update(label=closing, definition=closing)
    before = world.client("outsider").get("/sign-in/", follow=True).content.decode().count("<script")
    for route in ("rounds/<int:pk>/label/<int:unit_id>/", "codebooks/<slug:codebook_slug>/<int:n>/"):
        body = world.client("reviewer").get(world.address(f"p/<slug:slug>/{route}")).content.decode()
        assert faults_of(body) == []
        assert closing not in body
        assert body.count("<script") >= before


def test_the_canary_is_seen_when_it_gets_through() -> None:
    assert faults_of(f"<p>{CANARY}</p>")
    assert faults_of(f"<p>{canary.SHORT}</p>")
    assert faults_of("<a href='https://x.example'>x</a>")
    assert faults_of(f"<p>{1313 * 1313}</p>")
    assert faults_of("<p>fine</p><script src='/static/js/page.js'></script>") == []
