"""An article in parts: the page sends the part that is read, with its claims, and leads to all others."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.models import Article, ClaimOccurrence, Project
from claims.web.corpus.parts import PART, hits_in, part_at, part_of
from tests.factories import make_article, make_claim, make_project, owner_of

pytestmark = pytest.mark.django_db
LINES = [f"Ferry number {n:04} arrived late on Monday and nobody knew why." for n in range(800)]


@pytest.fixture
def project(client: Client, db: None) -> Project:
    project = make_project()
    client.force_login(owner_of(project))
    return project


@pytest.fixture
def article(project: Project) -> Article:
    return make_article(project, "Ferries\n\n" + "\n".join(LINES), state="split")


def claims_shown(page: str) -> list[int]:
    return [n for n, line in enumerate(LINES) if f'dir="auto">{line}</a>' in page]


def test_it_works_part_by_part_without_losing_a_line_or_a_claim(client: Client, article: Article) -> None:
    numbers = (0, 1, 250, 500, 799)
    for n in numbers:
        make_claim(article, LINES[n])
    address = f"/p/{article.project.slug}/articles/{article.pk}/"
    pages = [client.get(address, {"part": part}).content.decode() for part in range(4)]
    assert [sum(line in page for page in pages) for line in LINES] == [1] * len(LINES)
    assert sorted(n for page in pages for n in claims_shown(page)) == list(numbers)
    assert max(map(len, pages)) < 4 * PART + 40_000
    assert all("5 claims, in reading order" in page for page in pages)
    assert [("Earlier part" in page, "Later part" in page) for page in pages] == [
        (False, True),
        (True, True),
        (True, True),
        (True, False),
    ]
    assert '<span class="claim-number">5</span>' in pages[3]


def test_a_link_to_a_claim_opens_its_part(client: Client, article: Article) -> None:
    claim: ClaimOccurrence = make_claim(article, LINES[700])
    root = f"/p/{article.project.slug}"
    listed = client.get(f"{root}/claims/").content.decode()
    link = f"{root}/articles/{article.pk}/?claim={claim.pk}"
    assert f'href="{link}#c{claim.pk}"' in listed
    body = client.get(link).content.decode()
    assert f'id="c{claim.pk}"' in body
    assert LINES[0] not in body


def test_words_are_found_in_all_parts_and_marked_in_their_own(client: Client, article: Article) -> None:
    address = f"/p/{article.project.slug}/articles/{article.pk}/"
    body = client.get(address, {"q": "FERRY  number 0642"}).content.decode()
    assert "1 place with" in body
    start = ("Ferries\n\n" + "\n".join(LINES)).index("Ferry number 0642")
    link = f"?part=2&amp;q=FERRY%20%20number%200642#found-{start}"
    assert link in body
    led = client.get(address, {"part": "2", "q": "ferry number 0642"}).content.decode()
    assert f'id="found-{start}">Ferry number 0642</mark>' in led
    assert "do not stand in a row" in client.get(address, {"q": "ferry (number"}).content.decode()
    assert "The first 50 places" in client.get(address, {"q": "late"}).content.decode()


def test_a_short_article_is_shown_whole(client: Client, project: Project) -> None:
    article = make_article(project)
    body = client.get(f"/p/{project.slug}/articles/{article.pk}/").content.decode()
    assert ("Later part" in body, "Search in this article" in body) == (False, False)


@pytest.mark.parametrize("text", ["x" * 50_000, "word " * 10_000, "line\n" * 10_000, "🚢" * 40_000, ""])
def test_parts_meet_and_every_position_has_one(text: str) -> None:
    parts = [part_at(text, n) for n in range(max(len(text) - 1, 0) // PART + 1)]
    assert "".join(text[part.start : part.end] for part in parts) == text
    for position in range(0, len(text), 997):
        part = part_of(text, position)
        assert part.start <= position < part.end


def test_searched_words_are_no_pattern() -> None:
    assert [hit.words for hit in hits_in("It cost 4.50 (net), not 4x50.", "4.50 (net)")] == ["4.50 (net)"]
    assert hits_in("It cost", "   ") == []
