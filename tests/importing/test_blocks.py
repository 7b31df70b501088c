"""Roles of blocks: general rules, on texts of our own and on the five real articles where they are at hand."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.importing.dates import find_date
from claims.importing.marking.blocks import find_blocks, find_dateline_date, find_headline
from claims.importing.marking.density import article_lines

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
PARAGRAPHS = [
    "The harbour board of Velmora voted on Tuesday to close the eastern pier for eleven weeks, saying that divers had "
    "found cracks in nine of its forty pillars.",
    "“We would rather lose a summer than a ferry,” said Ilse Brandvik, who chairs the board, after a meeting that went "
    "on until midnight.",
    "Shop owners along the pier said they had been told of the decision by text message, two hours before it was made "
    "public, and asked for a written plan.",
    "According to the board, repairs will cost 4.2 million crowns, of which the region pays a third.",
]


def roles_of(text: str, **known: str) -> list[tuple[str, str]]:
    return [(block.role, text[block.start : block.end]) for block in find_blocks(text, **known)]


def test_it_works_on_a_headline_and_paragraphs() -> None:
    text = "Velmora closes its eastern pier\n\n" + "\n\n".join(PARAGRAPHS)
    assert [role for role, _ in roles_of(text)] == ["headline", "body", "body", "body", "body"]
    assert find_headline(text, find_blocks(text)) == "Velmora closes its eastern pier"


def test_everything_round_an_article_is_marked_and_nothing_is_lost() -> None:
    lines = [
        ("boilerplate", "Subscribe to our newsletter and never miss a story!"),
        ("headline", "Velmora closes its eastern pier for repairs"),
        ("subheadline", "Shop owners complain of two hours’ notice before the vote"),
        ("byline_dateline", "By Tomas Aldergrove | 4 May 2021"),
        ("duplicate_or_translation", "Velmora closes its eastern pier for repairs"),
        ("caption", "The eastern pier in April. (Photo: Mara Quill)"),
        ("body", PARAGRAPHS[0]),
        ("body", PARAGRAPHS[1]),
        ("related_links", "Read more: Ferry company reports a record winter"),
        ("body", PARAGRAPHS[2]),
        ("body", PARAGRAPHS[3]),
        ("related_links", "More from Harbour News"),
        ("related_links", "Ferry company reports a record winter"),
        ("related_links", "The company carried more passengers than in any winter before, its yearly report says."),
        ("boilerplate", "Leave a reply"),
        ("boilerplate", "You must be logged in to post a comment."),
    ]
    text = "\n\n".join(line for _, line in lines)
    assert roles_of(text) == lines
    date = find_dateline_date(text, find_blocks(text))
    assert date is not None
    assert date.date().isoformat() == "2021-05-04"


def test_what_the_site_says_between_and_under_paragraphs_is_furniture() -> None:
    lines = [
        ("headline", "Velmora closes its eastern pier for repairs"),
        ("byline_dateline", "By Mara Quill, harbour correspondent"),
        ("body", PARAGRAPHS[0]),
        (
            "boilerplate",
            "Get the tide table in your inbox. Sign up to our free newsletter and never miss a ferry again.",
        ),
        ("byline_dateline", "13:05"),
        ("body", PARAGRAPHS[1]),
        ("body", "“Sign up and you get a ticket, our chairman said,” a shop owner recalled of the newsletter in May."),
        ("boilerplate", "Article continues below advertisement"),
        ("body", PARAGRAPHS[2]),
        ("body", PARAGRAPHS[3]),
        ("boilerplate", "Mara Quill covers ports and shipping. She has reported from the coast for eleven years."),
        ("boilerplate", "This story was first published by the Harbour Fund and is printed here with its permission."),
        ("boilerplate", "The views expressed are those of the author and not necessarily those of the fund."),
    ]
    text = "\n\n".join(line for _, line in lines)
    assert roles_of(text) == lines


def test_a_person_whose_name_is_in_the_text_is_no_author() -> None:
    head = ["Velmora closes its eastern pier", "By Mara Quill"]
    text = "\n\n".join([*head, PARAGRAPHS[0], "Ilse Brandvik chairs the harbour board.", *PARAGRAPHS[1:]])
    assert [role for role, _ in roles_of(text)][3] == "body"


@pytest.mark.parametrize(
    ("foreign", "language"),
    [
        ("Η Βελμόρα κλείνει την ανατολική προβλήτα για επισκευές", "el"),
        ("Велмора закрывает восточный пирс на ремонт до осени", "ru"),
        ("Velmora schließt den östlichen Pier wegen dringender Reparaturen am Fundament", "de"),
    ],
)
def test_the_title_in_another_language_is_a_translation(foreign: str, language: str) -> None:
    text = f"Velmora closes its eastern pier for repairs\n\n{foreign}\n\n" + "\n\n".join(PARAGRAPHS)
    block = find_blocks(text)[1]
    assert (block.role, block.language) == ("duplicate_or_translation", language)


def test_a_known_title_decides_which_line_is_the_headline() -> None:
    text = "A bad week for small harbours\n\nVelmora closes its pier\n\n" + "\n\n".join(PARAGRAPHS)
    assert roles_of(text, title="Velmora closes its pier | Harbour News")[1][0] == "headline"


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("The pier is closed.", ["body"]),
        ("Notice\nThe pier is closed.", ["headline", "body"]),
        ("   \n\n\t\n", []),
        ("pier", ["body"]),
    ],
)
def test_short_texts_keep_their_words_as_body(text: str, roles: list[str]) -> None:
    assert [role for role, _ in roles_of(text)] == roles


def test_headings_inside_the_article_are_subheadlines() -> None:
    text = "\n".join(["Velmora closes its eastern pier", *PARAGRAPHS[:2], "What happens next", *PARAGRAPHS[2:]])
    assert ("subheadline", "What happens next") in roles_of(text)


@given(st.text(alphabet="aé 。.\n\t\u00a0漢🗳“(", max_size=120))
def test_blocks_are_exact_ordered_and_cover_all_that_is_not_blank(text: str) -> None:
    blocks = find_blocks(text)
    assert "".join(text.split()) == "".join("".join(text[b.start : b.end].split()) for b in blocks)
    assert all(a.end <= b.start for a, b in pairwise(blocks))
    assert all(text[b.start : b.end].strip() == text[b.start : b.end] for b in blocks)


def test_the_longest_allowed_texts_end_in_time() -> None:
    before = time.process_time()
    for text in ("a\n" * 60_000, "a" * 1_000_000, "(photo " * 140_000, " " * 1_000_000 + "x"):
        find_blocks(text)
    assert time.process_time() - before < 10


def test_no_line_of_furniture_alone_is_an_article() -> None:
    assert not any(article_lines(["Home", "News", "Sport", "Log in", "© 2021 Harbour News. All rights reserved."]))


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("TOMAS ALDERGROVE | 19.01.2017 | WORLD", "2017-01-19"),
        ("December 14, 2017", "2017-12-14"),
        ("Published 3rd of May", None),
        ("14 décembre 2017", "2017-12-14"),
        ("2017/12/14 09:30", "2017-12-14"),
        ("03/04/2017", None),
        ("31.02.2017", None),
        ("14 de março de 2019", "2019-03-14"),
    ],
)
def test_dates_in_datelines_are_found_where_they_have_one_reading(line: str, date: str | None) -> None:
    found = find_date(line)
    assert (found.date().isoformat() if found else None) == date


@pytest.mark.skipif(not SHARED.exists(), reason="the five real articles are not at hand")
def test_the_five_real_articles_are_marked_as_the_gold_says() -> None:
    """Gold: seeds-gold.json. Its kinds say more than roles do, so each kind is held against the roles it may have."""
    body = {"body"}
    allowed = {
        "title": {"headline", "subheadline"},
        "title_repeat": {"duplicate_or_translation", "headline"},
        "title_translated": {"duplicate_or_translation"},
        "byline": {"byline_dateline"},
        "date": {"byline_dateline"},
        "credit": {"caption", "byline_dateline"},
        "source_credit": {"byline_dateline"},
        "caption": {"caption"},
        "boilerplate": {"boilerplate", "related_links"},
        "body": body,
        "blockquote": body,
        "lead_in": body,
        "ellipsis": body,
    }
    wrong = []
    for article in json.loads((SHARED / "text" / "seeds-gold.json").read_text(encoding="utf-8"))["articles"]:
        text = (SHARED / "seeds" / article["file"]).read_bytes().decode()
        blocks = find_blocks(text)
        for sentence in article["sentences"]:
            block = next(b for b in blocks if b.start <= sentence["start"] < b.end)
            if block.role not in allowed[sentence["kind"]]:
                wrong.append((article["file"], sentence["text"], sentence["kind"], block.role))
    assert wrong == []
