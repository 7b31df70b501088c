"""What the agreement page shows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.adjudication.disputes import disputes
from claims.agreement.actions import enqueue_lost_folds, recount_round
from claims.agreement.overview import (
    REASON_SENTENCES,
    SCORE_TITLES,
    QuestionAgreement,
    agreement_overview,
    few_articles,
    interval_sentence,
    why_hidden,
)
from claims.agreement.patterns import SCORES
from claims.agreement.strata import strata_of
from claims.models import Project, Round
from tests import factories
from tests.agreement.builders import label_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer")


def stance(round_: Round, view: str = "full") -> QuestionAgreement:
    return next(row for row in agreement_overview(round_) if (row.code, row.view) == ("stance", view))


def test_it_works(project: Project) -> None:
    round_ = factories.make_round(project, units=3)
    label_all(round_, project, alice=["supports", "refutes", "supports"], bob=["supports", "refutes", "reports"])
    shown = stance(round_)
    assert shown.headline.coefficient == "krippendorff_alpha_nominal"
    assert shown.headline.value == pytest.approx(6 / 11)  # 1 - (1/3) / (22/30), by hand
    assert shown.second.coefficient == "gwet_ac1"
    assert shown.percent_agreement.value == pytest.approx(2 / 3)
    assert (shown.n_units, shown.n_pairable, shown.n_labels, shown.n_reviewers) == (3, 3, 6, 2)
    assert shown.choices[0].share == pytest.approx(0.5)
    assert shown.choices[0].agreement == pytest.approx(2 / 3)
    assert shown.warnings[0].startswith("Fewer than 20 units")
    [pair] = shown.pairs or ()
    assert (pair.n, pair.same, pair.share) == (3, 2, pytest.approx(2 / 3))
    assert {pair.one, pair.other} == {factories.reviewer(project, name).name for name in ("alice", "bob")}


def test_before_the_first_score_there_is_a_reason(project: Project) -> None:
    shown = stance(factories.make_round(project, units=1))
    assert (shown.headline.value, shown.headline.reason) == (None, "not_scored_yet")
    assert shown.headline.sentence == REASON_SENTENCES["not_scored_yet"]
    assert shown.choices[0].share is None


def test_why_there_is_no_figure_is_said_in_words(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    label_all(round_, project, alice=["supports"], bob=["supports"])
    headline = stance(round_).headline
    assert (headline.value, headline.reason) == (None, "no_variation")
    assert headline.sentence == REASON_SENTENCES["no_variation"]


def test_the_collapsed_view_stands_beside_the_full_one(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    label_all(round_, project, alice=["questions"], bob=["reports"])
    assert stance(round_).percent_agreement.value == 0
    assert stance(round_, "collapsed").percent_agreement.value == 1
    assert len(stance(round_, "collapsed").choices) == 4


def test_a_round_can_hide_scores_until_it_is_closed(project: Project) -> None:
    round_ = factories.make_round(project, units=1, shows_live_scores=False)
    label_all(round_, project, alice=["supports"], bob=["supports"])
    assert agreement_overview(round_) == []
    assert why_hidden(round_)
    round_.state = "closed"
    assert agreement_overview(round_)
    assert not why_hidden(round_)


def test_every_score_has_a_title() -> None:
    assert SCORE_TITLES.keys() == SCORES.keys()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("bootstrap by article, 240", "240 articles drawn anew"),
        ("jackknife_log_t by unit, 34", "each of 34 units left out in turn"),
        ("no_disagreement", "No disagreement was seen"),
        ("", ""),
    ],
)
def test_interval_sentence(made: str, words: str) -> None:
    assert words in interval_sentence(made)


@pytest.mark.parametrize(
    ("made", "n"),
    [
        ("jackknife_log_t by article, 3", "3 articles"),
        ("jackknife_t by article, 12", "12 articles"),
        ("jackknife_log_t by article, 13", ""),
        ("jackknife_log_t by unit, 3", ""),
        ("bootstrap by bundle of articles, 200", ""),
        ("hangs_on_one_unit", ""),
        ("", ""),
    ],
)
def test_it_is_told_when_an_interval_rests_on_few_articles(made: str, n: str) -> None:
    assert bool(few_articles(made)) == bool(n)
    assert all(n in warning for warning in few_articles(made))


def test_the_number_of_queries_does_not_grow_with_the_labels(project: Project) -> None:
    round_ = factories.make_round(project, units=3)
    label_all(round_, project, alice=["supports"], bob=["supports"])
    with CaptureQueriesContext(
        connection,
    ) as before:
        agreement_overview(round_)
    label_all(round_, project, alice=["supports"] * 2, bob=["refutes"] * 2)
    with CaptureQueriesContext(connection) as after:
        agreement_overview(round_)
    assert len(after) == len(before) <= 12


def test_the_figures_alone_are_three_statements(project: Project) -> None:
    """Scores, counts and questions: what a page of figures reads, whatever the round holds."""
    round_ = factories.make_round(project, units=3)
    label_all(round_, project, alice=["supports"] * 3, bob=["refutes", "supports", "reports"])
    with CaptureQueriesContext(connection) as queries:
        assert agreement_overview(round_, pairs_of=())
    assert len(queries) == 3


def test_a_part_of_the_round_is_scored_by_itself(project: Project) -> None:
    """Alike on the Dutch article, apart on the German one; by hand."""
    for language in ("nl", "de"):
        claims = factories.make_claims(project, 2)
        claims[0].article.language = language
        claims[0].article.save()
    round_ = factories.make_round(project)
    label_all(round_, project, alice=["supports", "refutes"] * 2, bob=["supports", "refutes", "refutes", "supports"])
    names = {part.name: part for part in strata_of(round_)}
    shares = {name: agreement_overview(round_, name)[0].percent_agreement.value for name in names}
    assert shares["language:nl"] == 1
    assert shares["language:de"] == 0
    assert shares["all"] == 0.5
    assert [part.kind for part in names.values()] == ["all", "language", "language", "outlet", "week"]
    dutch = next(row for row in agreement_overview(round_, "language:nl") if row.code == "stance")
    assert (dutch.n_units, dutch.n_labels, dutch.n_reviewers) == (2, 4, 2)
    assert (dutch.headline.value, dutch.headline.interval_sentence[:28]) == (1, "The units come from one arti")


def test_a_changed_language_moves_its_units_without_being_told(project: Project) -> None:
    [first, *_] = factories.make_claims(project, 2)
    round_ = factories.make_round(project)
    label_all(round_, project, alice=["supports"] * 2, bob=["supports"] * 2)
    first.article.language = "fi"
    first.article.save()
    enqueue_lost_folds()
    factories.run_jobs()
    assert {part.name for part in strata_of(round_) if part.kind == "language"} == {"language:fi"}
    assert recount_round(round_) == []


def test_a_conditional_question_is_scored_where_two_came_to_it_and_the_path_where_two_began(project: Project) -> None:
    """Only the first unit has two directions; of the two paths, one is walked by both."""
    round_ = factories.make_round(project, units=2, codebook=factories.make_codebook(project, "bias"))
    answers = {
        "alice": [("biased", "negative"), ("biased", "positive")],
        "bob": [("biased", "negative"), ("not_biased", None)],
    }
    for name, given in answers.items():
        for bias, direction in given:
            then = {"bias_direction": direction} if direction else {}
            factories.label_next(round_, factories.reviewer(project, name), sentence_bias=bias, **then)
    factories.run_jobs()
    shown = {row.code: row for row in agreement_overview(round_)}
    assert (shown["bias_direction"].n_units, shown["bias_direction"].n_pairable) == (2, 1)
    path = shown["path:bias_direction"]
    assert (path.n_pairable, path.n_reviewers, path.percent_agreement.value) == (2, 2, 0.5)
    assert [(choice.label, choice.n) for choice in path.choices if choice.n][-1] == ("Not biased", 1)
    assert disputes(round_, "path:bias_direction") == []
    assert recount_round(round_) == []
