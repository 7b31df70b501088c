"""Pages that mark up several articles: the main one is read, and that there are others is said."""

from __future__ import annotations

import pytest

from claims.importing.page_articles import keep_main_article
from claims.importing.pages import page_text, read_page
from claims.models import Article
from tests.factories import make_project
from tests.importing.test_actions import bring_in, errors_of, upload
from tests.importing.test_awkward_pages import ONE, THREE, TWO, page

SHORT = "<p>Two ferries stayed in their berths on Tuesday. Read on to see who had to look for another way over.</p>"


def words(topic: str, n: int = 9) -> str:
    return "".join(
        f"<p>{topic}, in paragraph {n}: the council heard a report and put off the vote to May.</p>" for n in range(n)
    )


def article(heading: str, inside: str, link: bool = False, tag: str = "h2") -> str:
    shown = f"<a href='/{len(heading)}'>{heading}</a>" if link else heading
    return f"<article><{tag}>{shown}</{tag}>{inside}</article>"


TEASERS = "".join(article(f"Teaser number {n}", SHORT, link=True) for n in range(6))
LONG = article("Harbour frozen", words("Harbour"), tag="h1")
OTHER = article("School roof repaired", words("School", 12))
HEAD = "<meta charset='utf-8'><title>Harbour frozen | Selm Post</title>"
BLOG = "<meta charset='utf-8'><title>Selm Blog</title>"


@pytest.mark.parametrize(
    ("inside", "n"),
    [
        (LONG + TEASERS, 1),
        (TEASERS + LONG, 1),
        (f"<main><div><div>{TEASERS}</div>{LONG}</div></main>", 1),
        (f"<form>{TEASERS}{LONG}</form>", 1),
        (LONG + OTHER, 2),
        (OTHER + LONG, 2),
        (TEASERS + OTHER + LONG + TEASERS, 2),
        (TEASERS + article("Harbour frozen", f"<p>{ONE}</p>"), 1),
        (f"{LONG}<section id='comments'>{article('Anna', words('Comment', 20))}</section>", 1),
        (f"{LONG}<ol><li class='comment even'>{article('Anna', words('Comment', 20))}</li></ol>", 1),
        (f"{TEASERS}<div><h1>Harbour frozen</h1>{words('Harbour', 20)}</div>", 1),
    ],
)
def test_it_works_the_main_article_is_read_and_the_others_are_counted(inside: str, n: int) -> None:
    found = read_page(page(inside, HEAD), "https://post.example/ice")
    assert (found.articles, found.title) == (n, "Harbour frozen")
    assert ("Harbour, in paragraph 8" in found.text) or ONE in found.text
    for foreign in ("School", "Read on", "Comment"):
        assert foreign not in found.text.replace("Teaser number", "")
    assert page_text(page(inside, HEAD), "https://post.example/ice") in found.text + "\n"


def test_parts_of_one_text_are_no_articles_of_their_own() -> None:
    parts = "".join(f"<article><p>{text}</p></article>" for text in (ONE, TWO, THREE) * 4)
    inside = f"<div class='entry-content'><h1>Harbour frozen</h1>{parts}</div>"
    found = read_page(page(inside, HEAD))
    assert found.articles == 1
    assert [text for text in (ONE, TWO, THREE) if text not in found.text] == []


def test_posts_inside_an_article_belong_to_it() -> None:
    posts = "".join(article(f"At {hour}:00", words(f"Post {hour}", 3)) for hour in range(10, 14))
    found = read_page(page(f"<article><h1>Harbour frozen</h1><p>{ONE}</p>{posts}</article>", HEAD))
    assert (found.articles, found.title) == (1, "Harbour frozen")
    assert [hour for hour in range(10, 14) if f"Post {hour}, in paragraph 2" not in found.text] == []


def test_of_a_page_that_is_named_after_none_the_longest_is_read_under_its_own_heading() -> None:
    dated = OTHER.replace("<h2>", "<time itemprop='datePublished' datetime='2026-03-02'></time><h2>")
    other = LONG.replace("<h1>", "<time itemprop='datePublished' datetime='2026-03-09'></time><h1>")
    found = read_page(page(other + dated, BLOG))
    assert (found.articles, found.title, found.published[:10]) == (2, "School roof repaired", "2026-03-02")
    assert "Harbour" not in found.text


def test_a_list_of_teasers_says_how_many_there_are() -> None:
    assert read_page(page(TEASERS, BLOG)).articles == 6


def test_very_many_articles_are_counted_in_bounded_time() -> None:
    from trafilatura.utils import load_html

    assert keep_main_article(load_html(page(LONG + TEASERS * 5_000, HEAD).decode())).n == 1


@pytest.mark.django_db
def test_the_import_says_which_article_it_took() -> None:
    job = bring_in(
        make_project(), upload("pages.html", page(LONG + OTHER, HEAD)), upload("one.html", page(OTHER, BLOG))
    )
    assert (job.state, job.reason, job.counts["imported"], job.counts["remarks"]) == ("succeeded", "", 2, 1)
    assert errors_of(job) == [("pages.html", None, "several_articles")]
    sentence = job.errors.get().sentence
    assert sentence.startswith("This page holds 2 articles; “Harbour frozen” was taken.")
    assert job.sentence == "2 imported, 1 to look at."
    assert Article.objects.filter(headline="Harbour frozen").count() == 1
