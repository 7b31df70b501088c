"""Who cites whom: edges along chains, nobody for a pronoun, one origin of many articles."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import networkx
import pytest

from claims.credibility.citations import Degree, Edge, Node, citations, degrees, repeated_claims
from claims.credibility.compare import compare, outlets_saying
from claims.credibility.graph import ROW, draw, graphml
from claims.credibility.sources import is_nobody, source_name
from claims.errors import Refused
from claims.models import (
    ArticleLink,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimRelation,
    Outlet,
    OutletAlias,
    OutletDomain,
    Project,
)
from tests.factories import make_article, make_claim, make_outlet, make_project

pytestmark = pytest.mark.django_db


def chain(project: Project, outlet: Outlet, quote: str, *sources: str, claim: Claim | None = None) -> ClaimOccurrence:
    """A claim that the outlet has from these sources, the original speaker first."""
    article = make_article(project, f"{outlet.name} on {quote}\n\n{quote}", outlet=outlet, state="split")
    occurrence = make_claim(article, quote, source=sources[0], cue="said")
    version = occurrence.versions.get()
    for n, source in enumerate(sources[1:], start=1):
        AttributionHop.objects.create(occurrence_version=version, n=n, source_text=source, mode="indirect")
    if claim is not None:
        ClaimOccurrence.objects.filter(pk=occurrence.pk).update(claim=claim)
    return occurrence


def pairs(project: Project) -> set[tuple[str, str]]:
    return {(edge.citing.name, edge.cited.name) for edge in citations(project)}


def test_a_chain_gives_an_edge_for_each_step() -> None:
    project = make_project()
    post = make_outlet(project)
    chain(project, post, "Tugs stay.", "the Harbour Ministry", "Orrin Courier")
    assert pairs(project) == {("Tidal Post", "Orrin Courier"), ("Orrin Courier", "Harbour Ministry")}


def test_in_and_out_citations_are_counted_in_others_and_in_claims() -> None:
    project = make_project()
    post, herald = make_outlet(project), make_outlet(project, "Lake Herald")
    chain(project, post, "Tugs stay.", "the Harbour Ministry", "Orrin Courier")
    chain(project, herald, "Tugs leave.", "the Harbour Ministry", "Orrin Courier")
    chain(project, herald, "Tugs turn.", "the Harbour Ministry")
    ministry, courier = Node("harbour ministry", "Harbour Ministry"), Node("orrin courier", "Orrin Courier")
    assert degrees(citations(project)) == [
        Degree(ministry, cited_by=2, claims_in=3, cites=0, claims_out=0),
        Degree(courier, cited_by=2, claims_in=2, cites=1, claims_out=2),
        Degree(Node(f"outlet:{herald.pk}", "Lake Herald", herald.pk), cited_by=0, claims_in=0, cites=2, claims_out=2),
        Degree(Node(f"outlet:{post.pk}", "Tidal Post", post.pk), cited_by=0, claims_in=0, cites=1, claims_out=1),
    ]


def test_a_link_in_the_text_is_a_citation_too() -> None:
    """One article names the Courier and leads to it, another only leads to it; the archive is no outlet of ours."""
    project = make_project()
    post, courier = make_outlet(project), make_outlet(project, "Orrin Courier")
    OutletDomain.objects.create(project=project, outlet=courier, domain="orrin.example")
    named = chain(project, post, "Tugs stay.", "Orrin Courier").article
    leading = make_article(project, "Ferries\n\nFerries stay.", outlet=post, state="split")
    for article, domain in ((named, "orrin.example"), (leading, "orrin.example"), (leading, "archive.example")):
        ArticleLink.objects.create(article=article, url=f"https://{domain}/1", domain=domain)
    ArticleLink.objects.create(article=leading, url="https://orrin.example/2", domain="orrin.example")
    tidal = Node(f"outlet:{post.pk}", "Tidal Post", post.pk)
    assert citations(project) == [
        Edge(tidal, Node(f"outlet:{courier.pk}", "Orrin Courier", courier.pk), claims=1, articles=2, links=2),
        Edge(tidal, Node("archive.example", "archive.example"), claims=0, articles=1, links=1),
    ]
    drawn = networkx.read_graphml(io.BytesIO(graphml(citations(project)).encode()))
    assert drawn.edges[tidal.key, "archive.example"] == {"claims": 0, "articles": 1, "links": 1}
    other = make_project()
    assert citations(other) == []


def test_a_source_that_is_an_outlet_of_the_project_is_that_outlet() -> None:
    project = make_project()
    post, courier = make_outlet(project), make_outlet(project, "Orrin Courier")
    OutletAlias.objects.create(project=project, outlet=courier, name="The Courier")
    chain(project, post, "Tugs stay.", "The Courier")
    (edge,) = citations(project)
    assert (edge.cited.outlet, edge.cited.name) == (courier.pk, "Orrin Courier")


@pytest.mark.parametrize("nobody", ["she", "They", "er", "western officials", "a source close to the talks", "он"])
def test_pronouns_and_the_unnamed_are_nobody(nobody: str) -> None:
    assert is_nobody(nobody)


@pytest.mark.parametrize("somebody", ["Mayor Quill", "ministry of the Interior", "bbc.com", "路透社", "وزارة الدفاع"])
def test_names_are_somebody(somebody: str) -> None:
    assert not is_nobody(somebody)


def test_names_lose_articles_possessives_and_quotes() -> None:
    assert source_name("The  Harbour\nMinistry’s") == "Harbour Ministry"
    assert source_name("“Tidal Post”,") == "Tidal Post"


def test_five_articles_one_origin() -> None:
    project = make_project()
    outlets = [make_outlet(project, f"Outlet {n}") for n in range(5)]
    first = chain(project, outlets[0], "The dam holds.", "the Dam Board")
    for outlet in outlets[1:]:
        chain(project, outlet, "The dam holds.", "The Dam Board", claim=first.claim)
    two = chain(project, outlets[0], "The lock jams.", "the Dam Board")
    chain(project, outlets[1], "The lock jams.", "Keeper Ames", claim=two.claim)
    one, several = repeated_claims(project)
    assert (one.articles, one.outlets, one.origin) == (5, 5, "Dam Board")
    assert (several.articles, several.origin) == (2, "")


def test_the_earliest_appearance_is_by_date() -> None:
    project = make_project()
    late, early = make_outlet(project), make_outlet(project, "Orrin Courier")
    first = chain(project, late, "The dam holds.", "the Dam Board")
    second = chain(project, early, "The dam holds.", "the Dam Board", claim=first.claim)
    for place, day in ((first, 9), (second, 3)):
        article = place.article
        article.published_at, article.published_how = datetime(2026, 3, day, tzinfo=UTC), "stated"
        article.save()
    (row,) = repeated_claims(project)
    assert row.first_article == second.article_id


def test_graphml_reads_back() -> None:
    project = make_project()
    chain(project, make_outlet(project), "Tugs stay.", "the Harbour Ministry \x0b", "Orrin Courier")
    graph = networkx.read_graphml(io.BytesIO(graphml(citations(project)).encode()))
    names = networkx.get_node_attributes(graph, "name")
    assert {(names[a], names[b]) for a, b in graph.edges} == {
        ("Tidal Post", "Orrin Courier"),
        ("Orrin Courier", "Harbour Ministry"),
    }


def test_the_picture_has_a_place_for_everybody() -> None:
    project = make_project()
    chain(project, make_outlet(project), "Tugs stay.", "the Harbour Ministry", "Orrin Courier")
    picture = draw(citations(project))
    assert len(picture.dots) == 3
    assert len(picture.lines) == 2
    assert all(0 < dot.y < picture.height and 0 < dot.x < picture.width for dot in picture.dots)
    assert draw([]).dots == []


def test_two_outlets_on_one_story_and_what_one_leaves_out() -> None:
    project = make_project()
    post, courier = make_outlet(project), make_outlet(project, "Orrin Courier")
    shared = chain(project, post, "The dam holds.", "the Dam Board")
    chain(project, courier, "The dam holds.", "Keeper Ames", claim=shared.claim)
    chain(project, courier, "The dam holds no water.", "the Dam Board")
    both, alone = compare(project, [post, courier], "dam holds")
    assert [saying and saying.source for saying in both.sayings] == ["the Dam Board", "Keeper Ames"]
    assert [saying is None for saying in alone.sayings] == [True, False]
    assert compare(project, [post, courier], "100%_") == []


def same(one: ClaimOccurrence, other: ClaimOccurrence) -> None:
    left, right = sorted((one.claim_id, other.claim_id))
    ClaimRelation.objects.create(
        project=one.project, left_id=left, right_id=right, suggested="related_only", score=0.5, relation="same"
    )


def test_the_same_claim_in_other_words_is_one_row_and_one_story() -> None:
    """The decisions that make a cluster hang together: the first and the third were never compared."""
    project = make_project()
    post, courier, herald = (make_outlet(project, name) for name in ("Tidal Post", "Orrin Courier", "Lake Herald"))
    first = chain(project, post, "The dam holds.", "the Dam Board")
    second = chain(project, courier, "The wall stands.", "the Dam Board")
    third = chain(project, herald, "Nothing leaks.", "the Dam Board")
    chain(project, herald, "The lake is full.", "Keeper Ames")
    same(first, second)
    same(second, third)
    assert outlets_saying(third.claim) == [post, courier, herald]
    (row,) = compare(project, [post, courier, herald], "", first.claim_id)
    assert [saying and saying.words for saying in row.sayings] == ["", "The wall stands.", "Nothing leaks."]
    assert compare(project, [post, courier, herald], "", second.claim_id) == [row]
    (repeated,) = repeated_claims(project)
    assert (repeated.articles, repeated.outlets, repeated.origin) == (3, 3, "Dam Board")


def test_pairs_that_are_not_the_same_join_nothing() -> None:
    project = make_project()
    post, courier = make_outlet(project), make_outlet(project, "Orrin Courier")
    first = chain(project, post, "The dam holds.", "the Dam Board")
    second = chain(project, courier, "The wall stands.", "the Dam Board")
    same(first, second)
    ClaimRelation.objects.update(relation="contradicts", suggested="same")
    assert outlets_saying(first.claim) == [post]
    assert repeated_claims(project) == []


@pytest.mark.parametrize("count", [1, 6])
def test_a_comparison_is_of_two_to_five(count: int) -> None:
    project = make_project()
    outlets = [make_outlet(project, f"Outlet {n}") for n in range(count)]
    with pytest.raises(Refused):
        compare(project, outlets, "dam")


def test_a_line_past_the_middle_joins_nobody_there() -> None:
    """Two who cite, one in the middle who is cited and cites: the line of the other goes round that dot."""
    project = make_project()
    chain(project, make_outlet(project), "Tugs stay.", "the Harbour Ministry", "Orrin Courier")
    chain(project, make_outlet(project, "Lake Herald"), "Tugs go.", "Harbour Radio")
    picture = draw(citations(project))
    middle = next(dot for dot in picture.dots if dot.name == "Orrin Courier")
    (past,) = [line for line in picture.lines if line.title.startswith("Lake Herald")]
    through = float(past.path.split(" S")[0].split()[-1])
    assert abs(through - middle.y) > 15


def test_lines_past_the_middle_column_stay_clear_of_its_dots_and_apart() -> None:
    """Two papers in the middle, far apart: what passes between them seemed to end twenty points above one of them."""
    middle = [Node(f"m{n}", f"Middle {n}", n + 10) for n in range(2)]
    left = [Node(f"l{n}", f"Left {n}", n) for n in range(4)]
    right = [Node(f"s{n}", f"Source {n}") for n in range(12)]
    edges = [Edge(one, other, 1, 1) for one in left for other in right]
    edges += [Edge(left[0], one, 1, 1) for one in middle] + [Edge(one, right[0], 1, 1) for one in middle]
    picture = draw(edges)
    taken = [dot.y for dot in picture.dots if dot.name.startswith("Middle")]
    passed = [float(line.path.split(" S")[0].split()[-1]) for line in picture.lines if " S" in line.path]
    assert len(passed) == 48
    assert min(abs(y - dot) for y in passed for dot in taken) >= ROW
    assert len(set(passed)) > 10
    assert all(0 < y < picture.height for y in passed)


def test_an_outlet_is_not_compared_with_itself() -> None:
    project = make_project()
    outlet = make_outlet(project)
    with pytest.raises(Refused) as refused:
        compare(project, [outlet, outlet], "dam")
    assert (refused.value.code, str(refused.value)) == (
        "compare_two_to_five",
        "Choose 2 to 5 different outlets; you chose 1.",
    )
