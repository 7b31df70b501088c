"""Agreement on sets, marked places and sources, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client
from scipy import stats

from claims.agreement import marks
from claims.agreement.marks import MarkFigure, mark_figures
from claims.models import EvidenceItem, Question, Round, TextVersion
from claims.statistics.score import INTERVAL_REASONS, REASONS
from claims.statistics.spans import unitizing
from tests import factories
from tests.agreement.builders import write_label
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_() -> Round:
    project = factories.make_project(alice="reviewer", bob="reviewer")
    return factories.make_round(project, units=3, codebook=factories.make_codebook(project, "full"))


def first_of(round_: Round, kind: str) -> str:
    asked = Question.objects.filter(codebook_version=round_.codebook_version, unit_kind=round_.unit_kind, kind=kind)
    return asked.order_by("n").values_list("code", flat=True)[0]


def answer(round_: Round, kind: str, alice: list[Any], bob: list[Any]) -> None:
    """Each gives these values to the units in order."""
    code = first_of(round_, kind)
    units = round_.round_units.order_by("position").values_list("unit_id", flat=True)
    for name, values in (("alice", alice), ("bob", bob)):
        for unit, value in zip(units, values, strict=True):
            write_label(round_, unit, factories.reviewer(round_.project, name), code, value)


def figures(round_: Round, kind: str) -> list[MarkFigure]:
    return [figure for figure in mark_figures(round_) if figure.question == first_of(round_, kind)]


def test_it_works_for_sets(round_: Round) -> None:
    """MASI puts {a} and {a, b} 2/3 apart, Jaccard 1/2. Observed 2/9 of an expected 2/3; and 1/6 of 19/30."""
    answer(round_, "set", [["a"], ["a"], ["c"]], [["a", "b"], ["a"], ["c"]])
    masi, jaccard = figures(round_, "set")
    assert (masi.value, masi.n_units) == (pytest.approx(2 / 3), 3)
    assert jaccard.value == pytest.approx(14 / 19)
    assert masi.why_no_interval == INTERVAL_REASONS["too_few_articles"]


def test_places(round_: Round) -> None:
    """Two of three marks match on the first unit; on the second eight of ten letters; on the third nobody marks."""
    one = [{"start": 0, "end": 10}]
    answer(round_, "span", [[*one, {"start": 20, "end": 30}], one, []], [one, [{"start": 2, "end": 10}], []])
    exact, overlapping, alpha_u, tokens = figures(round_, "span")
    assert (exact.value, exact.n_units) == (pytest.approx(1 / 3), 2)
    assert overlapping.value == pytest.approx(5 / 6)
    text = TextVersion.objects.get(article__project=round_.project)
    two_of_three = unitizing([[(0, 10), (20, 30)], [(0, 10)]], 0, text.length)
    nearly = unitizing([[(0, 10)], [(2, 10)]], 0, text.length)
    expected = 1 - (two_of_three.observed + nearly.observed) / (two_of_three.expected + nearly.expected)
    assert alpha_u.value == pytest.approx(expected)
    assert (alpha_u.n_units, alpha_u.why_no_interval) == (2, INTERVAL_REASONS["too_few_articles"])
    assert tokens.value is not None
    assert tokens.value < 1
    assert (exact.low, exact.why_no_interval) == (None, INTERVAL_REASONS["too_few_articles"])


def test_the_interval_is_that_of_articles() -> None:
    """Three articles of one claim each, marked alike in 1, 1 and 0 of them: delete-one means 1/2, 1/2 and 1."""
    project = factories.make_project(alice="reviewer", bob="reviewer")
    for n in range(3):
        factories.make_claim(factories.make_article(project, f"Bridge number {n} was closed on Monday."), "closed")
    round_ = factories.make_round(project, codebook=factories.make_codebook(project, "full"))
    one, other = [{"start": 0, "end": 10}], [{"start": 20, "end": 30}]
    answer(round_, "span", [one, one, one], [one, one, other])
    exact, *_ = figures(round_, "span")
    assert exact.value == pytest.approx(2 / 3)
    error = stats.t(2).ppf(0.975) * np.sqrt(2 / 3 * (2 * (1 / 2 - 2 / 3) ** 2 + (1 - 2 / 3) ** 2))
    assert (exact.low, exact.high) == (pytest.approx(max(2 / 3 - error, 0)), pytest.approx(min(2 / 3 + error, 1)))
    assert exact.why_no_interval == ""


def test_chains_whole_and_by_their_outermost_source(round_: Round) -> None:
    """Alike but for the spelling; the same outermost source; the same original speaker, which is not enough."""
    ministry = ["The Ministry", "Rudaw"]
    answer(round_, "chain", [["ministry", "“Rudaw”"], ministry, ministry], [ministry, ["Rudaw"], ["the ministry"]])
    exact, outermost = figures(round_, "chain")
    assert (exact.value, exact.n_units) == (pytest.approx(1 / 3), 3)
    assert (outermost.value, outermost.n_units) == (pytest.approx(2 / 3), 3)
    assert (exact.low, exact.why_no_interval) == (None, INTERVAL_REASONS["too_few_articles"])


def test_chains_of_many_articles_are_those_of_a_recount() -> None:
    """Drawn chains of two people, one to three claims an article: shares and the delete-one interval counted anew. With
    fewer than thirteen articles it would be no narrower than by unit."""
    random = np.random.default_rng(46)
    project = factories.make_project(alice="reviewer", bob="reviewer")
    for n, size in enumerate(random.integers(1, 4, 13)):
        words = [f"Ferry {n} was late on day {k}." for k in range(size)]
        article = factories.make_article(project, f"Ferry report {n}\n\n" + "\n".join(words))
        for sentence in words:
            factories.make_claim(article, sentence)
    round_ = factories.make_round(project, codebook=factories.make_codebook(project, "full"))
    places = list(round_.round_units.order_by("position").select_related("unit"))
    drawn = [[["a", "b"][: k + 1] for k in random.integers(0, 2, len(places))] for _ in ("alice", "bob")]
    answer(round_, "chain", *drawn)
    for figure, last in zip(figures(round_, "chain"), (9, 1), strict=True):
        sums: dict[int, list[int]] = {}
        for place, one, other in zip(places, *drawn, strict=True):
            assert place.unit.article_id is not None
            sums.setdefault(place.unit.article_id, []).append(one[-last:] == other[-last:])
        alike, units = (np.array([fold(own) for own in sums.values()]) for fold in (sum, len))
        value = alike.sum() / units.sum()
        assert (figure.value, figure.n_units) == (pytest.approx(value), len(places))
        # The jackknife of log(1 - value) with Student's t, see claims.statistics.intervals.
        left = np.log(1 - (alike.sum() - alike) / (units.sum() - units))
        error = np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum())
        reach = stats.t(len(left) - 1).ppf(0.975) * error
        assert figure.low == pytest.approx(max(1 - (1 - value) * np.exp(reach), 0), rel=1e-6)
        assert figure.high == pytest.approx(1 - (1 - value) * np.exp(-reach), rel=1e-6)


def test_sources_are_compared_by_address_and_by_site(round_: Round) -> None:
    """One of two addresses and sites is shared on the first claim; on the second the site alone."""
    answer(round_, "set", [["a"]] * 3, [["a"]] * 3)
    brought = {
        "alice": [["https://www.a.example/x"], ["https://a.example/1"], ["https://a.example/alone"]],
        "bob": [["http://a.example/x/", "https://b.example"], ["https://a.example/2"], []],
    }
    units = round_.round_units.order_by("position").select_related("unit__occurrence_version__occurrence")
    for name, lists in brought.items():
        for place, urls in zip(units, lists, strict=True):
            assert place.unit.occurrence_version is not None
            claim = place.unit.occurrence_version.occurrence.claim
            for url in urls:
                who = factories.reviewer(round_.project, name)
                EvidenceItem.objects.create(
                    project=round_.project, claim=claim, added_by=who, url=url, relation="supports"
                )
    addresses, sites = figures(round_, "evidence")
    assert (addresses.value, sites.value, sites.n_units) == (pytest.approx(0.25), pytest.approx(0.75), 2)


def test_without_two_answers_and_with_too_many_it_says_so(round_: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    [nothing] = figures(round_, "set")
    assert (nothing.value, nothing.sentence) == (None, marks.NOTHING)
    answer(round_, "set", [["a"]] * 3, [["a"]] * 3)
    assert [figure.sentence for figure in figures(round_, "set")] == [REASONS["no_variation"]] * 2
    for limit, least in (("MOST", 5), ("MOST_UNITS", 2)):
        with monkeypatch.context() as patched:
            patched.setattr(marks, limit, least)
            [many] = figures(round_, "set")
            assert (many.value, many.sentence) == (None, marks.TOO_MANY)


def test_chains_are_told_on_the_page_and_by_the_api(round_: Round) -> None:
    answer(round_, "chain", [["Rudaw"]] * 3, [["rudaw"], ["Anadolu"], ["Rudaw"]])
    client, owner = Client(), factories.owner_of(round_.project)
    client.force_login(owner)
    page = client.get(f"/p/{round_.project.slug}/agreement/?round={round_.pk}").content.decode()
    assert "Same chain, share of pairs" in page
    assert "Same outermost source, share of pairs" in page
    told = [mark for mark in Caller(owner).get(f"rounds/{round_.pk}/agreement/").json()["marks"] if mark["value"]]
    assert {mark["name"] for mark in told} == {
        "Same chain, share of pairs", "Same outermost source, share of pairs",
    }  # fmt: skip
    assert [mark["value"] for mark in told] == [pytest.approx(2 / 3)] * 2


def test_the_page_and_the_api_show_them_and_hide_them_with_the_scores(round_: Round) -> None:
    answer(round_, "set", [["a"], ["a"], ["c"]], [["a", "b"], ["a"], ["c"]])
    client, owner = Client(), factories.owner_of(round_.project)
    client.force_login(owner)
    address = f"/p/{round_.project.slug}/agreement/?round={round_.pk}"
    assert "Krippendorff&#x27;s alpha (MASI)" in client.get(address).content.decode()
    told = Caller(owner).get(f"rounds/{round_.pk}/agreement/").json()["marks"]
    assert pytest.approx(2 / 3) in [mark["value"] for mark in told]
    Round.objects.filter(pk=round_.pk).update(shows_live_scores=False)
    assert "alpha (MASI)" not in client.get(address).content.decode()
    assert Caller(owner).get(f"rounds/{round_.pk}/agreement/").json()["marks"] == []
