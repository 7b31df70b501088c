"""Lists of other raters: dirty values, unknown outlets, and the ranks beside our own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from claims.credibility.comparison import own_and_external
from claims.credibility.entities import merge_outlets
from claims.credibility.external import ALIASES, import_ratings, mapped_value
from claims.errors import NotPermitted, Refused
from claims.models import ExternalRating, OutletAlias, OutletDomain, Project
from claims.models.credibility import RATING_SCALES
from tests.factories import make_outlet, make_project, member, owner_of

LISTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "outlet_ratings"
pytestmark = pytest.mark.django_db


def take(project: Project, content: str, rater: str = "A list", rated_on: date | None = date(2024, 10, 1)):  # type: ignore[no-untyped-def]
    return import_ratings(
        project, content.encode(), rater=rater, rated_on=rated_on, licence="theirs", by=owner_of(project)
    )


def project_with(**domains: str) -> Project:
    project = make_project()
    for name, domain in domains.items():
        outlet = make_outlet(project, name)
        OutletDomain.objects.create(project=project, outlet=outlet, domain=domain)
    return project


def test_it_works_by_domain_and_keeps_the_raw_word() -> None:
    project = project_with(Post="tidalpost.example")
    report = take(
        project, "source,bias,factual_reporting\nwww.tidalpost.example,far-right,very high\nother.example,left,low\n"
    )
    assert (report.read, report.kept, report.unknown_outlets) == (2, 2, 1)
    found = set(ExternalRating.objects.values_list("axis", "raw", "mapped", "rated_on"))
    assert found == {
        ("bias", "far-right", "far_right", date(2024, 10, 1)),
        ("factuality", "very high", "very_high", date(2024, 10, 1)),
    }


def test_the_same_list_again_keeps_nothing_twice_and_a_later_one_stands_beside() -> None:
    project = project_with(Post="tidalpost.example")
    content = "source,bias,factual_reporting\ntidalpost.example,left,high\n"
    take(project, content)
    again = take(project, content)
    assert (again.kept, again.repeated) == (0, 2)
    later = take(project, content, rated_on=date(2025, 10, 1))
    assert later.kept == 2


@pytest.mark.parametrize("raw", ["extreme right", "far right", "far-right", "Extreme-Right"])
def test_spellings_of_one_value_are_one(raw: str) -> None:
    assert mapped_value("bias", raw) == "far_right"


def test_every_alias_leads_onto_the_scale() -> None:
    for axis, aliases in ALIASES.items():
        assert set(aliases.values()) <= set(RATING_SCALES[axis])


def test_what_has_no_mapping_is_counted_and_kept_raw() -> None:
    project = project_with(Post="tidalpost.example")
    report = take(project, "news_source,rating,url\nPost,allsides,https://ratings.example/post\n")
    assert report.unmapped == {"allsides": 1}
    rating = ExternalRating.objects.get()
    assert (rating.raw, rating.mapped, rating.url) == ("allsides", "", "https://ratings.example/post")


def test_tabs_aliases_and_merged_outlets_are_found() -> None:
    project = project_with(Post="tidalpost.example", North="north.example")
    post, north = project.outlet_set.get(name="Post"), project.outlet_set.get(name="North")
    merge_outlets(post, north, by=owner_of(project))
    OutletAlias.objects.create(project=project, outlet=post, name="The Tidal Post")
    head = "source_url\tsource_url_normalized\tref\tfact\tbias\n"
    take(project, f"{head}http://x\tnorth.example\thttps://ratings.example/n\tmixed\tcenter\n")
    assert set(ExternalRating.objects.values_list("outlet", flat=True)) == {post.pk}
    assert take(project, "news_source,rating,url\nthe tidal post,left-center,\n").kept == 1


def test_a_broken_line_does_not_lose_the_others() -> None:
    project = project_with(Post="tidalpost.example")
    report = take(project, "source,bias,factual_reporting\n,left,high\na,b,c,d,e\ntidalpost.example,left,high\n")
    assert report.kept == 2
    assert [line for line, _ in report.errors] == [2, 3]


def test_an_unknown_header_says_what_is_known() -> None:
    with pytest.raises(Refused, match="Known lists have: source, bias, factual_reporting"):
        take(make_project(), "name,score\nPost,7\n")


def test_reviewers_may_not() -> None:
    project = make_project(alice="reviewer")
    with pytest.raises(NotPermitted):
        import_ratings(project, b"", rater="x", rated_on=None, licence="", by=member(project, "alice"))


def test_too_few_pairs_have_no_correlation() -> None:
    project = project_with(Post="tidalpost.example")
    take(project, "source,bias,factual_reporting\ntidalpost.example,left,high\n")
    assert {row.found.reason for row in own_and_external(project)} == {"too_few_pairs"}


@pytest.mark.skipif(not LISTS.exists(), reason="the lists of other raters are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "domain", "expected"),
    [
        ("mbfc.csv", "afp.com", {("bias", "center"), ("factuality", "high")}),
        ("baly_emnlp18_corpus.tsv", "fury.news", {("bias", "far_right"), ("factuality", "low")}),
        ("baly_acl2020_corpus.tsv", "crooked.com", {("bias", "left"), ("factuality", "high")}),
    ],
)
def test_published_lists_go_in_whole(name: str, domain: str, expected: set[tuple[str, str]]) -> None:
    project = project_with(Rated=domain)
    report = take(project, (LISTS / name).read_text(), rater=name)
    assert report.read > 500
    assert not report.unmapped
    assert set(ExternalRating.objects.values_list("axis", "mapped")) == expected


@pytest.mark.skipif(not LISTS.exists(), reason="the lists of other raters are not beside this checkout")
def test_a_published_list_by_name_says_which_of_its_words_have_no_place_on_our_scale() -> None:
    """The list writes its own name where it has no opinion; a quoted name with a comma in it is one name."""
    project = project_with(**{"ABC News": "abc.example", "John Gable, AllSides Founder": "john.example"})
    report = take(project, (LISTS / "allsides_data.csv").read_text(), rater="AllSides")
    assert set(report.unmapped) == {"allsides"}
    found = set(ExternalRating.objects.values_list("outlet__name", "raw", "mapped"))
    assert found == {
        ("ABC News", "left-center", "lean_left"),
        ("John Gable, AllSides Founder", "right-center", "lean_right"),
    }


def test_a_name_leads_to_the_outlet_that_bears_it_before_one_that_is_called_so_besides() -> None:
    """An alias from before both were refused: the rating of the Herald went to the Post."""
    project = make_project()
    post, herald = make_outlet(project, "Post"), make_outlet(project, "Herald")
    OutletAlias.objects.create(project=project, outlet=post, name="herald")
    take(project, "source,bias,factual_reporting\nHerald,left,low\n")
    assert set(ExternalRating.objects.values_list("outlet", flat=True)) == {herald.pk}


def test_the_report_names_the_outlets_it_did_not_find() -> None:
    report = take(make_project(), "source,bias,factual_reporting\nZeta,left,low\nalpha,left,low\nzeta,left,low\n")
    assert (report.unknown_outlets, report.strangers) == (2, ["alpha", "Zeta"])
