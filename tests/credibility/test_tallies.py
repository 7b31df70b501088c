"""Whose claims count, and that observations follow every change of what they are derived from."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from claims.adjudication.actions import settle_by_majority, settle_label
from claims.credibility.corrections import corrections_record
from claims.credibility.entities import confirm_outlet, merge_outlets, part_outlet
from claims.credibility.profile import LEAST, profile_of
from claims.credibility.tallies import enqueue_tallies, rebuild
from claims.models import (
    Article,
    ArticleSketch,
    ClaimOccurrence,
    Outlet,
    OutletObservation,
    OutletTally,
    PendingTally,
    Project,
    Round,
    RoundUnit,
    Unit,
)
from tests.factories import (
    label,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
LINES = ("The bridge is closed.", "The dam leaks.", "The tower leans.", "The ferry sank.")
EVIDENCE = [{"url": "https://records.example/1", "quote": "It is so.", "relation": "supports"}]
AGAINST = [{"url": "https://records.example/2", "quote": "It is not so.", "relation": "refutes"}]


def follow() -> None:
    enqueue_tallies()
    run_jobs()


def tallies(outlet: Outlet, measure: str = "verdict") -> Counter[str]:
    found: Counter[str] = Counter()
    for outcome, n in OutletTally.objects.filter(outlet=outlet, measure=measure).values_list("outcome", "n"):
        found[outcome] += n
    return found


def begin(**plan: Any) -> tuple[Project, Outlet, Article, list[ClaimOccurrence], Round]:
    """An article of four claims, the last one reported from somebody, and an open round on it with two reviewers."""
    project = make_project(alice="reviewer", bob="reviewer")
    outlet = make_outlet(project)
    text = "What we know\n\n" + "\n".join(LINES)
    article = make_article(
        project,
        text,
        outlet=outlet,
        state="split",
        published_at=datetime(2026, 3, 9, tzinfo=UTC),
        published_how="stated",
    )
    claims = [make_claim(article, line) for line in LINES[:3]] + [make_claim(article, LINES[3], source="the harbour")]
    round_ = make_round(project, codebook=make_codebook(project, "main"), **plan)
    return project, outlet, article, claims, round_


def unit_of(claim: ClaimOccurrence) -> Unit:
    return Unit.objects.get(occurrence_version__occurrence=claim)


def judge(round_: Round, claim: ClaimOccurrence, verdict: str, stance: str) -> None:
    """Both reviewers say the same, and it is settled."""
    evidence = {"supported": EVIDENCE, "refuted": AGAINST}.get(verdict, [])
    notes = {"search_note": "searched the records"} if verdict == "not_enough_evidence" else {}
    for name in ("alice", "bob"):
        answers = {"stance": stance, "verdict": verdict}
        label(round_, unit_of(claim), reviewer(round_.project, name), evidence=evidence, notes=notes, **answers)


def test_only_what_the_outlet_asserts_or_endorses_counts() -> None:
    project, outlet, _, (first, second, third, reported), round_ = begin()
    judge(round_, first, "supported", "supports")
    judge(round_, second, "refuted", "reports")  # in its own voice, but judged to be a mere report
    judge(round_, third, "not_enough_evidence", "supports")
    judge(round_, reported, "refuted", "supports")  # somebody else's words, endorsed
    settle_by_majority(round_, by=owner_of(project))
    follow()
    assert tallies(outlet) == {"supported": 1, "unresolved": 1, "refuted": 1}
    assert tallies(outlet, "voice") == {"author_voice": 3, "attributed": 1}
    assert tallies(outlet, "source") == {"anonymous": 1}  # "the harbour": nobody's name
    assert tallies(outlet, "distance") == {"0": 3, "1": 1}


def test_a_verdict_counts_for_the_wording_that_was_judged_and_for_no_other() -> None:
    project, outlet, _, (first, *_), round_ = begin()
    judge(round_, first, "supported", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    assert tallies(outlet) == {"supported": 1}
    for n, verbatim, counted in (
        (2, LINES[0], {"supported": 1}),  # only what is known about it changed
        (3, LINES[0][:-1], {}),  # other words: nobody has judged them
        (4, LINES[0], {"supported": 1}),  # the words that were judged stand again
    ):
        version = first.versions.get(n=1)
        version.pk, version.n, version.verbatim = None, n, verbatim
        version._state.adding = True
        version.save()
        follow()
        assert tallies(outlet) == counted


def test_a_settlement_that_changes_moves_the_tally() -> None:
    project, outlet, _, (first, *_), round_ = begin()
    judge(round_, first, "supported", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    assert tallies(outlet) == {"supported": 1}
    unit = unit_of(first)
    settle_label(
        round_, unit, "verdict", expected_revision=1, outcome="no_agreement", method="discussion", by=owner_of(project)
    )
    follow()
    assert tallies(outlet) == {"unresolved": 1}


def test_a_dropped_claim_a_repost_and_another_outlet_leave_nothing_behind() -> None:
    project, outlet, article, (first, second, *_), round_ = begin()
    for claim in (first, second):
        judge(round_, claim, "supported", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    ClaimOccurrence.objects.filter(pk=first.pk).update(state="dropped")
    follow()
    assert tallies(outlet) == {"supported": 1}
    other = make_outlet(project, "Harbour Gazette")
    Article.objects.filter(pk=article.pk).update(outlet=other)
    follow()
    assert (tallies(outlet), tallies(other)) == ({}, {"supported": 1})
    original = make_article(project, "An original\n\nOf somebody else.", outlet=outlet)
    Article.objects.filter(pk=article.pk).update(repost_of=original)
    follow()
    assert tallies(other) == {}


def test_a_merge_moves_the_figures_and_its_undoing_brings_them_back() -> None:
    project, outlet, _, (first, *_), round_ = begin()
    judge(round_, first, "supported", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    kept = make_outlet(project, "Tidal Post Group")
    merge_outlets(kept, outlet, by=owner_of(project))
    follow()
    assert (tallies(outlet), tallies(kept)) == ({}, {"supported": 1})
    outlet.refresh_from_db()
    part_outlet(outlet, by=owner_of(project))
    follow()
    assert (tallies(outlet), tallies(kept)) == ({"supported": 1}, {})


def test_following_equals_rebuilding_and_repeating_changes_nothing() -> None:
    project, _, _, claims, round_ = begin()
    for claim, verdict in zip(claims, ("supported", "refuted", "conflicting", "cherry_picked"), strict=True):
        judge(round_, claim, verdict, "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()

    def rows(model: Any) -> list[Any]:
        names = [field.attname for field in model._meta.concrete_fields if field.attname != "id"]
        return sorted(map(repr, model.objects.values_list(*names)))

    followed = rows(OutletTally), rows(OutletObservation)
    rebuild(project)
    assert (rows(OutletTally), rows(OutletObservation)) == followed
    OutletTally.objects.all().delete()
    OutletObservation.objects.all().delete()
    rebuild(project)
    assert (rows(OutletTally), rows(OutletObservation)) == followed
    assert not PendingTally.objects.exists()


def many(project: Project, outlet: Outlet, n: int, supported: int, **columns: Any) -> None:
    """Observations as a settled round would have left them: statistics need more than two people can label here."""
    article = make_article(project, f"Many for {outlet.name} {n} {columns}\n\nThe bridge is closed.", outlet=outlet)
    claim = make_claim(article, "The bridge is closed.")
    outcomes = ["supported"] * supported + ["refuted"] * (n - supported)
    for outcome, count in Counter(outcomes).items():
        OutletTally.objects.create(outlet=outlet, measure="verdict", outcome=outcome, n=count, **columns)
    assert claim.pk


def figure(outlet: Outlet, name: str) -> Any:
    return next(found for found in profile_of(outlet).figures if found.name == name)


def test_a_figure_is_refused_with_its_reason_until_it_can_be_given() -> None:
    project = make_project()
    outlet = make_outlet(project)
    assert figure(outlet, "Supported").reason == "outlet_not_confirmed"
    confirm_outlet(outlet, by=owner_of(project))
    assert figure(outlet, "Supported").reason == "no_observations"
    many(project, outlet, LEAST - 1, 10, probability=1.0)
    assert figure(outlet, "Supported").reason == "too_few"
    many(project, outlet, 1, 1, probability=0.5)
    assert figure(outlet, "Supported").value is not None
    many(project, outlet, 5, 5, probability=None)
    assert figure(outlet, "Supported").reason == "probability_unknown"


def test_a_difference_of_which_one_side_is_missing_does_not_say_that_nothing_was_observed(client: Client) -> None:
    project = make_project()
    outlet = make_outlet(project)
    name = "Headline beyond the text"
    assert figure(outlet, name).reason == "outlet_not_confirmed"
    confirm_outlet(outlet, by=owner_of(project))
    assert figure(outlet, name).reason == "no_observations"
    OutletTally.objects.create(outlet=outlet, measure="stance_body", outcome="supports", n=LEAST, probability=1.0)
    assert (figure(outlet, name).reason, figure(outlet, name).n) == ("one_side_missing", LEAST)
    OutletTally.objects.create(outlet=outlet, measure="stance_headline", outcome="supports", n=1, probability=1.0)
    assert figure(outlet, name).reason == "too_few"
    client.force_login(owner_of(project))
    page = client.get(f"/p/{project.slug}/outlets/{outlet.pk}/").content.decode()
    assert "<b>What the text does with them</b>: 30 claims" in page
    assert "<b>What headlines do with them</b>: 1 claim, " in page


def test_the_figure_is_the_posterior_of_the_weighted_share() -> None:
    """Jeffreys' prior, as one outlet says nothing about how outlets differ; scipy's Beta is the reference."""
    from scipy import stats

    project = make_project()
    outlet = make_outlet(project)
    confirm_outlet(outlet, by=owner_of(project))
    many(project, outlet, 80, 60, probability=1.0)
    found = figure(outlet, "Supported")
    posterior = stats.beta(60.5, 20.5)
    assert (found.n, found.raw) == (80, 0.75)
    assert found.value == pytest.approx(posterior.mean())
    assert (found.low, found.high) == pytest.approx(posterior.interval(0.95))


def test_unequal_chances_are_weighed() -> None:
    project = make_project()
    outlet = make_outlet(project)
    confirm_outlet(outlet, by=owner_of(project))
    many(project, outlet, 50, 50, probability=1.0)
    many(project, outlet, 50, 0, probability=0.1)
    found = figure(outlet, "Supported")
    assert found.raw == pytest.approx(50 / 550)
    assert found.n_effective == pytest.approx(550**2 / (50 + 50 * 100))


def test_a_sample_keeps_its_chance() -> None:
    project, outlet, _, claims, round_ = begin(selection={"limit": 2}, seed=5)
    chosen = set(RoundUnit.objects.filter(round=round_).values_list("unit__occurrence_version__occurrence", flat=True))
    for claim in claims:
        if claim.pk in chosen:
            judge(round_, claim, "supported", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    assert set(OutletTally.objects.filter(outlet=outlet, measure="verdict").values_list("probability", flat=True)) == {
        0.5
    }


def test_months_are_apart_and_cost_no_more_queries(django_assert_num_queries: Any) -> None:
    project = make_project()
    outlet = make_outlet(project)
    confirm_outlet(outlet, by=owner_of(project))
    many(project, outlet, 40, 30, probability=1.0, month=datetime(2026, 1, 1, tzinfo=UTC).date())
    many(project, outlet, 5, 5, probability=1.0, month=datetime(2026, 2, 1, tzinfo=UTC).date())
    with django_assert_num_queries(2):
        found = profile_of(outlet)
    (january, first), (february, second) = found.months
    assert (january.month, first[0].n, first[0].raw) == (1, 40, 0.75)
    assert (february.month, second[0].reason) == (2, "too_few")


def test_every_measure_goes_by_month() -> None:
    project = make_project()
    outlet = make_outlet(project)
    confirm_outlet(outlet, by=owner_of(project))
    january = datetime(2026, 1, 1, tzinfo=UTC).date()
    for measure, outcome, n in (("voice", "author_voice", 30), ("voice", "attributed", 10), ("distance", "2", 40)):
        OutletTally.objects.create(outlet=outlet, measure=measure, outcome=outcome, n=n, month=january, probability=1.0)
    found = profile_of(outlet)
    assert found.months == []
    assert found.has_months
    (_, voices), (_, words) = found.monthly
    ((month, figures),) = voices
    by_name = {figure.name: figure for figure in figures}
    assert (month, by_name["In its own voice"].raw, by_name["Attribution distance"].value) == (january, 0.75, 2.0)
    assert words == []
    assert [frame.n for figure, frames in found.framed if figure.name == "In its own voice" for frame in frames] == [40]


def test_a_syndicated_copy_counts_for_the_earliest() -> None:
    project = make_project()
    outlets = [make_outlet(project, name) for name in ("Orrin Agency", "Tidal Post", "Lake Herald")]
    articles = []
    for n, outlet in enumerate(outlets):
        columns: dict[str, Any] = {"published_at": datetime(2026, 3, 9 - n, tzinfo=UTC), "published_how": "stated"}
        text = f"The dam {n}\n\nThe dam leaks."
        article = make_article(project, text, outlet=outlet, state="split", **(columns if n < 2 else {}))
        make_claim(article, "The dam leaks.")
        articles.append(article)
    follow()
    assert [tallies(outlet, "voice").total() for outlet in outlets] == [1, 1, 1]
    for article in articles:
        ArticleSketch.objects.create(article=article, project=project, shingles=9, cluster=articles[0].pk)
    follow()
    assert [tallies(outlet, "voice").total() for outlet in outlets] == [0, 1, 1]  # the third has no date
    Article.objects.filter(pk=articles[1].pk).update(published_at=datetime(2026, 4, 1, tzinfo=UTC))
    follow()
    assert [tallies(outlet, "voice").total() for outlet in outlets] == [1, 0, 1]
    ArticleSketch.objects.filter(article=articles[1]).update(cluster=None)
    follow()
    assert [tallies(outlet, "voice").total() for outlet in outlets] == [1, 1, 1]


def test_the_corrections_record_counts_and_does_not_guess() -> None:
    """Wilson's interval of 3 of 30, as statsmodels' proportion_confint(3, 30, method="wilson") gives it."""
    project = make_project()
    outlet = make_outlet(project)
    for n in range(29):
        make_article(project, f"Article {n}\n\nIts text.", outlet=outlet, state="retracted" if n < 3 else "imported")
    assert corrections_record(outlet).shares[0].is_too_few
    make_article(project, "The thirtieth\n\nIts text.", outlet=outlet)
    retracted, changed = corrections_record(outlet).shares
    assert (retracted.count, retracted.n, retracted.value) == (3, 30, 0.1)
    assert (retracted.low, retracted.high) == pytest.approx((0.0345995, 0.2562108), abs=1e-6)
    assert changed.count == 0


def test_an_observation_is_found_and_deleted_by_claim_and_measure() -> None:
    project, outlet, _, claims, round_ = begin()
    judge(round_, claims[0], "supported", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    first = OutletObservation.objects.filter(outlet=outlet).order_by("occurrence", "measure")[0]
    assert OutletObservation.objects.get(pk=first.pk) == first
    assert OutletObservation.objects.filter(outlet=outlet).delete()[0] > 0
    assert not OutletObservation.objects.exists()
