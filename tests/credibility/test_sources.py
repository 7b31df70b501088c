"""Whom a written source means, from the words of its article alone."""

from __future__ import annotations

import pytest

from claims.credibility.citations import citations
from claims.credibility.sources import abbreviations, is_nobody, source_name
from claims.models import AttributionHop
from tests.factories import make_article, make_claim, make_outlet, make_project


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("state-run Orrin Agency", "Orrin Agency"),
        ("the news agency Orrin", "Orrin"),
        ("a Harbour Board spokesman, Orin Vale", "Harbour Board"),
        ("Harbour Board spokeswoman Ada Quill", "Harbour Board"),
        ("Orin Vale, a spokesman for the Harbour Board", "Harbour Board"),
        ("this week’s report by the Dam Board", "Dam Board"),
        ("Admiral Orin Vale, head of the lake patrol", "Admiral Orin Vale"),
        ("The Lakeside-based broadcaster Tidal Radio", "Tidal Radio"),
        ("ministry of the Interior", "ministry of the Interior"),
        ("Vale, Quill and Ames", "Vale, Quill and Ames"),
        ("its secretary Mira Holt", "Mira Holt"),
        ("the head of the works yard, Mira Holt", "Mira Holt"),
        ("the mayor of Sandmouth, Mira Holt", "mayor of Sandmouth, Mira Holt"),
        ("Their former head, Orin Vale", "Orin Vale"),
        ("seine Sprecherin Mira Holt", "Sprecherin Mira Holt"),
    ],
)
def test_a_source_is_named_without_what_is_said_about_it(written: str, name: str) -> None:
    assert source_name(written) == name


@pytest.mark.parametrize(
    "written",
    [
        "persons within the Lake Army",
        "officials of the Dam Board",
        "a harbour spokesman",
        "Its",
        "her first post",
        "Witnesses",
        "Sources close to the talks",
    ],
)
def test_the_unnamed_of_a_named_body_are_nobody(written: str) -> None:
    assert is_nobody(source_name(written))


@pytest.mark.parametrize("written", ["People magazine", "Analysts International", "the Observer"])
def test_a_name_that_begins_as_many_people_is_a_name(written: str) -> None:
    assert not is_nobody(source_name(written))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Dam Safety Watch (DSW) said so.", {"DSW": "Dam Safety Watch"}),
        ("The US Ministry of Works (MoW) said so.", {"MoW": "Ministry of Works"}),
        ("a report by the Dam Safety Watch Group (Dsw) said", {"Dsw": "Dam Safety Watch"}),
        ("The Dam Safety Watch (pictured) leaked.", {}),
        ("She sailed to Orrin (and back).", {}),
        ("the dam safety watch (DSW)", {}),
    ],
)
def test_an_abbreviation_spells_the_words_before_it(text: str, found: dict[str, str]) -> None:
    assert abbreviations(text) == found


def test_short_and_long_names_are_one_where_the_article_says_so() -> None:
    short = {"MoW": "Ministry of Works", "DSW": "Dam Safety Watch"}
    assert source_name("the Lake MoW", short) == "Lake Ministry of Works"
    assert source_name("the Lake Ministry of Works (MoW)", short) == "Lake Ministry of Works"
    assert source_name("DSW’s Orin Vale", short) == "Dam Safety Watch"
    assert source_name("the Dam Safety Watch Group (DSW)", short) == "Dam Safety Watch"


@pytest.mark.django_db
def test_two_articles_that_shorten_differently_cite_one_body() -> None:
    project = make_project()
    for n, (text, source) in enumerate(
        [
            ("The Dam Safety Watch (DSW) has a report. The dam leaks, DSW said.", "DSW"),
            (
                "The dam leaks, said a report by the Dam Safety Watch Group (Dsw).",
                "a report by the Dam Safety Watch Group (Dsw)",
            ),
        ]
    ):
        article = make_article(project, f"Dam {n}\n\n{text}", outlet=make_outlet(project, f"Outlet {n}"), state="split")
        occurrence = make_claim(article, "dam leaks", source=source, cue="said")
        assert AttributionHop.objects.filter(occurrence_version__occurrence=occurrence).count() == 1
    assert {edge.cited.name for edge in citations(project)} == {"Dam Safety Watch"}
