"""Links in the text of a page: which count, and what becomes of them."""

from __future__ import annotations

import pytest

from claims.importing.pages import read_page
from claims.importing.reextracting import start_reextraction
from claims.importing.takedown import take_down_article
from claims.models import Article, ArticleLink
from tests.factories import make_project, owner_of, run_jobs
from tests.importing.test_actions import bring_in, upload

HOME = "https://selmpost.example/harbour"
BODY = "".join(
    f"<p>Paragraph {n} of the report says that the ferries stayed in their berths until the ice had gone.</p>"
    for n in range(6)
)
SAYS = "<p>The ice will stay until May, {link} reported on Monday, and the pilots see it likewise.</p>"


def page(inside: str) -> bytes:
    menu = "<nav><ul><li><a href='https://partner.example/'>Partner site</a></li></ul></nav>"
    foot = "<footer><p><a href='https://share.example/?u=1'>Share this</a></p></footer>"
    head = f"<head><meta charset='utf-8'><title>Harbour frozen</title><link rel='canonical' href='{HOME}'></head>"
    body = f"{menu}<article><h1>Harbour frozen</h1>{BODY}{inside}</article>{foot}"
    return f"<html>{head}<body>{body}</body></html>".encode()


def links(inside: str) -> tuple[str, ...]:
    return read_page(page(inside), HOME).links


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://www.tidalpost.example/ice/?utm_source=selm#top", ("https://www.tidalpost.example/ice",)),
        ("//tidalpost.example/ice", ("https://tidalpost.example/ice",)),
        ("https://www.selmpost.example/other", ()),  # its own site
        ("/archive/2", ()),
        ("mailto:desk@tidalpost.example", ()),
        ("javascript:void(0)", ()),
        ("https://me:secret@tidalpost.example/", ()),
        ("https://[broken/", ()),
        ("https://tidalpost.example/" + "x" * 1_000, ()),
        (f"https://{'x' * 300}.example/", ()),  # no host is as long as that
        ("", ()),
    ],
)
def test_which_links_count(href: str, kept: tuple[str, ...]) -> None:
    assert links(SAYS.format(link=f"<a href='{href}'>the Tidal Post</a>")) == kept


def test_menus_and_buttons_are_no_citations_and_an_address_counts_once() -> None:
    twice = SAYS.format(link="<a href='https://tidalpost.example/ice'>the <b>Tidal</b> Post</a>")
    empty = "<p>Paragraph 9 of the report <a href='https://pixel.example/'><img src='x.gif'></a> ends here.</p>"
    assert links(twice + twice + empty) == ("https://tidalpost.example/ice",)


def test_a_page_of_thousands_of_links_keeps_a_hundred() -> None:
    said = "<p>The ice will stay until May, <a href='https://n{0}.example/'>paper {0}</a> reported on Monday.</p>"
    assert len(links("".join(said.format(n) for n in range(5_000)))) == 100


@pytest.mark.django_db
def test_they_are_kept_read_again_and_taken_down_with_the_article() -> None:
    project = make_project()
    owner = owner_of(project)
    inside = SAYS.format(link="<a href='https://www.tidalpost.example/ice'>the Tidal Post</a>")
    bring_in(project, upload("harbour.html", page(inside)))
    article = Article.objects.get(project=project)
    assert [(link.url, link.domain) for link in article.links.all()] == [
        ("https://www.tidalpost.example/ice", "tidalpost.example")
    ]
    ArticleLink.objects.all().delete()  # as in an installation that has had the article for long
    start_reextraction(project, [article], by=owner)
    run_jobs()
    assert article.links.count() == 1
    article.refresh_from_db()
    take_down_article(article, reason="asked by the paper", by=owner)
    assert not ArticleLink.objects.exists()
