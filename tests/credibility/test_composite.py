"""The composite: off by default, added up from criteria that people showed, and traced back to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims.adjudication.actions import settle_label
from claims.credibility.composite import Component, add_up, camp_means, component, composite_of
from claims.credibility.criteria import Observation, agreement_on_criteria
from claims.credibility.entities import confirm_outlet
from claims.credibility.formulas import set_formula
from claims.credibility.publication import _composite as said_in_public
from claims.credibility.ratings import frames_of, ratings_of
from claims.credibility.ratings import rated as placed
from claims.errors import Conflict, NotPermitted, Refused
from claims.models import AuditEvent, Label, Outlet, Project, Round, ScoreFormula, Unit
from claims.models.formula import CRITERIA
from claims.values.shown import read_shown
from tests.factories import label, make_codebook, make_outlet, make_project, make_round, member, owner_of, reviewer

SUGGESTED = {code: weight for code, (_, weight) in CRITERIA.items()}
SHOWN = "https://tidalpost.example/about, 2026-03-09"


def seen(answer: str, reviewer: int = 1, written: str = SHOWN) -> Observation:
    url, day = read_shown(written)
    return Observation(
        "corrections", reviewer, answer, 1, "Round", 1, reviewer, datetime(2026, 3, 9, tzinfo=UTC), written, url, day
    )


def part(criterion: str, state: str, share: float | None) -> Component:
    return Component(criterion, "", SUGGESTED[criterion], state, share, "reviewers", 1, None, {}, ())


def test_not_applicable_and_unknown_leave_the_denominator() -> None:
    """By hand: of 100, 12.5 do not apply; 22 met, 18 failed, 12.5 divided; 35 are not known. 28.25 points of 52.5."""
    states: dict[str, tuple[str, float | None]] = {
        "no_falsehoods": ("met", 1.0),
        "responsible_reporting": ("failed", 0.0),
        "corrections": ("not_applicable", None),
        "news_and_opinion": ("divided", 0.5),
    }
    unknown = ("insufficient_evidence", None)
    parts = [part(criterion, *states.get(criterion, unknown)) for criterion in CRITERIA]
    found = add_up(ScoreFormula(n=1), parts)
    assert found.value == pytest.approx(100 * 28.25 / 52.5)
    assert found.coverage == pytest.approx(52.5 / 87.5)
    assert (found.low, found.high) == pytest.approx((100 * 28.25 / 87.5, 100 * 63.25 / 87.5))
    assert add_up(ScoreFormula(n=1), parts, is_confirmed=False).reason == "outlet_not_confirmed"
    assert add_up(ScoreFormula(n=1), parts[4:]).reason == "no_observations"
    assert add_up(ScoreFormula(n=1), [*parts[3:]]).reason == "coverage_too_low"


def test_the_suggested_weights_are_a_hundred() -> None:
    assert sum(SUGGESTED.values()) == 100
    assert sorted(SUGGESTED.values(), reverse=True) == [22, 18, 12.5, 12.5, 10, 7.5, 7.5, 5, 5]


def test_camps_are_averaged_within_and_then_across() -> None:
    votes = [seen("pass", 1), seen("pass", 2), seen("fail", 3), seen("pass", 4)]
    camps = {"1": "left", "2": "left", "3": "right"}  # the fourth has no camp
    assert camp_means(votes, camps) == {"left": 1.0, "right": 0.0}
    assert component("corrections", 12.5, votes, "", camps).share == 0.5
    assert component("corrections", 12.5, votes, "", {}).share == 0.75


def test_an_answer_that_shows_nothing_does_not_count() -> None:
    for written in (
        "",
        "I looked around",
        "https://tidalpost.example/about",
        "seen on 2026-03-09",
        "https://a.example 2026-13-40",
    ):
        assert not seen("pass", written=written).counts
    assert read_shown("See https://tidalpost.example/a_(b)?c=1. Seen 2026-03-09.") == (
        "https://tidalpost.example/a_(b)?c=1",
        date(2026, 3, 9),
    )
    found = component("corrections", 12.5, [seen("pass", written="")], "", {})
    assert (found.share, found.state) == (None, "insufficient_evidence")


def test_a_settled_answer_needs_somebody_who_showed_it() -> None:
    votes = [seen("pass", 1), seen("pass", 2), seen("fail", 3)]
    assert component("corrections", 12.5, votes, "fail", {}).share == 0.0
    assert component("corrections", 12.5, votes[:2], "fail", {}).share == 1.0
    assert component("corrections", 12.5, votes, "not_applicable", {}).state == "not_applicable"


def test_places_are_averaged_within_camps_and_then_across() -> None:
    """Places of left, left, right are 1, 1, 5: a mean of 7/3, or of 1 and 5 across camps. Student's interval from
    scipy."""
    from scipy import stats

    answers = [seen("left", 1), seen("left", 2), seen("right", 3), seen("not_applicable", 4)]
    alone = placed("outlet_bias", answers, {}, {})
    assert (alone.value, alone.reviewers, alone.word) == (pytest.approx(7 / 3), 3, "lean_left")
    assert (alone.low, alone.high) == (0.0, 6.0)  # three people say nearly nothing, and the scale ends there
    eight = placed("outlet_bias", [seen("left" if n % 2 else "lean_left", n) for n in range(8)], {}, {})
    expected = stats.t.interval(0.95, 7, loc=1.5, scale=stats.sem([1, 2] * 4))
    assert (eight.low, eight.high) == pytest.approx(expected)
    across = placed("outlet_bias", answers, {"1": "a", "2": "a", "3": "b"}, {})
    assert (across.value, across.word, across.camps) == (3.0, "center", {"a": 1.0, "b": 5.0})
    assert across.spread == [("left", 2), ("right", 1), ("not_applicable", 1)]


def rated() -> tuple[Project, Outlet, Round]:
    """An outlet that three people judged: they differ on corrections, and could not tell about headlines."""
    project = make_project(alice="reviewer", bob="reviewer", cleo="reviewer")
    outlet = make_outlet(project)
    confirm_outlet(outlet, by=owner_of(project))
    round_ = make_round(project, codebook=make_codebook(project, "outlet"), unit_kind="outlet", overlap=3)
    unit = Unit.objects.get(outlet_version__outlet=outlet)
    for name, corrections in (("alice", "pass"), ("bob", "pass"), ("cleo", "fail")):
        answers: dict[str, Any] = dict.fromkeys(CRITERIA, "pass") | {"corrections": corrections}
        answers["authors_named"] = {"missing": "not_applicable"}
        answers["fair_headlines"] = "insufficient_evidence"
        notes = {f"{code}_shown": SHOWN for code in CRITERIA if answers[code] in ("pass", "fail")}
        label(round_, unit, reviewer(project, name), notes=notes, **answers)
    return project, outlet, round_


def switch_on(project: Project, **changed: Any) -> ScoreFormula:
    said: dict[str, Any] = {
        "expected_n": 0,
        "is_on": True,
        "weights": SUGGESTED,
        "rationale": "Readers ask for one number.",
    } | changed
    return set_formula(project, by=owner_of(project), **said)


@pytest.mark.django_db
def test_it_is_off_until_the_project_says_why() -> None:
    project, outlet, round_ = rated()
    assert composite_of(outlet) is None
    bias, factuality, *_ = ratings_of(outlet)
    assert (bias.reviewers, bias.word, bias.frames) == (3, "far_left", {"own_country": 3})
    assert factuality.value == 0.0
    with pytest.raises(Refused) as refused:
        switch_on(project, rationale="  ")
    assert refused.value.code == "rationale_missing"
    switch_on(project)
    found = composite_of(outlet)
    assert found is not None
    by_code = {row.criterion: row for row in found.components}
    assert by_code["corrections"].share == pytest.approx(2 / 3)
    assert by_code["corrections"].agreement == pytest.approx(1 / 3)
    assert by_code["fair_headlines"].state == "insufficient_evidence"
    assert by_code["authors_named"].state == "not_applicable"
    assert found.value == pytest.approx(100 * (72.5 + 12.5 * 2 / 3) / 85)  # 95 apply, 10 of them are not known
    assert found.coverage == pytest.approx(85 / 95)
    public = said_in_public(found)
    assert public is not None
    assert public["value"] == found.value
    assert "observations" not in public["components"][0]
    unit = Unit.objects.get(outlet_version__outlet=outlet)
    settle_label(
        round_,
        unit,
        "corrections",
        expected_revision=0,
        outcome="answer",
        value="pass",
        method="discussion",
        by=owner_of(project),
    )
    settled = composite_of(outlet)
    assert settled is not None
    assert settled.value == pytest.approx(100)
    switch_on(project, expected_n=1, is_on=False, rationale="Readers misread it.")
    assert composite_of(outlet) is None
    assert AuditEvent.objects.filter(verb="set_score_formula").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "lacks"),
    [
        ("", "an address"),
        ("I read it on 2026-03-09", "an address"),
        ("https://tidalpost.example/corrections", "the day"),
        ("https://tidalpost.example/corrections on 2026-02-31", "the day"),
        (
            "https://tidalpost.example/corrections on 2099-01-01",
            "“Does it correct errors openly.” lacks a day that has",
        ),
    ],
)
def test_an_answer_without_an_address_or_a_day_is_refused_and_the_others_are_kept_in_the_form(
    written: str, lacks: str
) -> None:
    project = make_project(alice="reviewer")
    make_outlet(project)
    round_ = make_round(project, codebook=make_codebook(project, "outlet"), unit_kind="outlet", overlap=1)
    alice, unit = reviewer(project, "alice"), Unit.objects.get(project=project, kind="outlet")
    notes = {f"{code}_shown": SHOWN for code in CRITERIA} | {"corrections_shown": written}
    with pytest.raises(Refused, match=lacks) as refused:
        label(round_, unit, alice, notes=notes)
    assert [(fault.field, fault.code) for fault in refused.value.problems] == [("corrections_shown", "not_shown")]
    assert not Label.objects.exists()
    notes.pop("corrections_shown")
    label(round_, unit, alice, notes=notes, corrections="insufficient_evidence")
    assert Label.objects.filter(question="corrections").count() == 1


@pytest.mark.django_db
def test_agreement_is_said_for_each_criterion() -> None:
    """Everybody gave one answer on every outlet, so alpha is not defined; corrections: 2 of 3 alike, one outlet."""
    project, _, _ = rated()
    rows = {row.criterion: row for row in agreement_on_criteria(project)}
    assert (rows["no_falsehoods"].alpha, rows["no_falsehoods"].reason) == (None, "no_variation")
    # alpha = 1 - (n - 1) * sum of differing pairs / ... : pass pass fail: observed 4/6 pairs, expected 4/6
    assert rows["corrections"].alpha == pytest.approx(0.0)


@pytest.mark.django_db
def test_answers_wait_until_everybody_has_answered() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    outlet = make_outlet(project)
    confirm_outlet(outlet, by=owner_of(project))
    round_ = make_round(project, codebook=make_codebook(project, "outlet"), unit_kind="outlet", overlap=2)
    switch_on(project)
    notes = {f"{code}_shown": SHOWN for code in CRITERIA}
    for name, reason in (("alice", "no_observations"), ("bob", "")):
        label(round_, Unit.objects.get(), reviewer(project, name), notes=notes)
        found = composite_of(outlet)
        assert found is not None
        assert found.reason == reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ({"charm": 5}, "unknown_criterion"),
        (dict.fromkeys(CRITERIA, 0), "invalid_weight"),
        ({"corrections": float("nan")}, "invalid_weight"),
        ({"corrections": -1}, "invalid_weight"),
        ({"corrections": True}, "invalid_weight"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        switch_on(make_project(), weights=weights)
    assert refused.value.code == code


@pytest.mark.django_db
def test_a_formula_is_a_version_and_stays() -> None:
    project = make_project(olga="observer")
    first = switch_on(project)
    with pytest.raises(Conflict) as stale:
        switch_on(project)
    assert stale.value.code == "stale_version"
    with pytest.raises(NotPermitted):
        set_formula(project, expected_n=1, is_on=True, weights=SUGGESTED, rationale="Mine.", by=member(project, "olga"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreFormula.objects.filter(pk=first.pk).update(weights={})


def test_a_day_that_had_not_come_when_it_was_written_is_no_day() -> None:
    assert read_shown("https://tidalpost.example/about 2099-01-01", date(2026, 3, 9)) == (
        "https://tidalpost.example/about",
        None,
    )
    assert read_shown("https://tidalpost.example/about 2026-03-10", date(2026, 3, 9))[1] == date(2026, 3, 10)


def test_answers_that_are_all_alike_have_no_interval() -> None:
    """Student's would have no width: three people who agree do not know the place exactly."""
    answers = [replace(seen("neutral", reviewer=n), criterion="outlet_alignment") for n in (1, 2, 3)]
    found = placed("outlet_alignment", answers, {}, {})
    assert (found.value, found.low, found.high, found.is_alike) == (1.0, None, None, True)


@pytest.mark.django_db
def test_left_and_right_are_averaged_within_one_countrys_politics() -> None:
    """Own country far left; Kaldvik lean right and right, whose name two people spell differently: 4.5, not 3."""
    project = make_project(alice="reviewer", bob="reviewer", cem="reviewer", dan="reviewer")
    outlet = make_outlet(project)
    round_ = make_round(project, codebook=make_codebook(project, "outlet"), unit_kind="outlet", overlap=4)
    unit = Unit.objects.get(project=project, kind="outlet")
    notes = {f"{code}_shown": SHOWN for code in CRITERIA}
    label(round_, unit, reviewer(project, "alice"), notes=notes, bias_frame="own_country", outlet_bias="far_left")
    for name, country, place in (("bob", "Kaldvik", "lean_right"), ("cem", " kaldvik ", "right")):
        words = {**notes, "bias_country": country}
        label(round_, unit, reviewer(project, name), notes=words, bias_frame="other_country", outlet_bias=place)
    label(round_, unit, reviewer(project, "dan"), notes={**notes, "bias_country": "xx"}, bias_frame="other_country")
    abroad, own, *_ = ratings_of(outlet)
    assert (abroad.frame, abroad.value, abroad.reviewers) == ("Kaldvik", 4.5, 2)
    # Who writes the letters of the outlet's own country means that one.
    assert (own.frame, own.country, own.reviewers) == ("own_country", "XX", 2)
    assert own.politics == "its own country (XX)"


def test_who_finds_left_and_right_not_applicable_is_counted_apart() -> None:
    answers = [
        replace(seen(answer, n), criterion="bias_frame") for n, answer in enumerate(("not_applicable", "own_country"))
    ]
    assert frames_of(answers, "") == {0: "not_applicable", 1: "own_country"}
