"""The queue of disputes and what a curator sees of one."""

from __future__ import annotations

import pytest

from claims.adjudication.actions import settle_label
from claims.adjudication.disputes import Dispute, dispute_detail, disputes, has_quorum
from claims.errors import NotFound, Refused
from claims.models import Project, Round, RoundUnit, Unit
from tests import factories

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "dan")


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", dan="reviewer")


def label_units(round_: Round, project: Project, *stances: str) -> None:
    """One string a unit: "srs" is Alice supports, Bob refutes, Dan supports."""
    words = {"s": "supports", "r": "refutes", "q": "questions"}
    for unit in stances:
        for name, letter in zip(PEOPLE, unit, strict=False):
            factories.label_next(round_, factories.reviewer(project, name), stance=words[letter])
    factories.run_jobs()


def unit_at(round_: Round, n: int) -> Unit:
    return RoundUnit.objects.select_related("unit").order_by("position")[n].unit


def settle(round_: Round, dispute: Dispute) -> None:
    settle_label(
        round_,
        Unit.objects.get(pk=dispute.unit),
        dispute.question,
        expected_revision=0,
        outcome="no_agreement",
        method="discussion",
        by=factories.owner_of(round_.project),
    )


def test_it_works(project: Project) -> None:
    round_ = factories.make_round(project, units=3, overlap=3)
    label_units(round_, project, "sss", "ssr", "srq")
    found = disputes(round_)
    assert [(d.unit, d.question) for d in found] == [
        (unit_at(round_, 2).pk, "stance"),
        (unit_at(round_, 1).pk, "stance"),
    ]
    assert [d.division for d in found] == [1, pytest.approx(2 / 3)]
    assert found[1].counts == (2, 1, 0, 0, 0)


def test_az_07_before_the_quorum_nothing_is_shown(project: Project) -> None:
    round_ = factories.make_round(project, units=1, overlap=3)
    label_units(round_, project, "sr")
    unit = unit_at(round_, 0)
    assert disputes(round_) == []
    assert not has_quorum(round_, unit)
    assert dispute_detail(unit, round_, "stance").groups == ()
    assert not dispute_detail(unit, round_, "stance").has_quorum


def test_a_closed_round_waits_for_nobody(project: Project) -> None:
    round_ = factories.make_round(project, units=1, overlap=3)
    label_units(round_, project, "sr")
    Round.objects.filter(pk=round_.pk).update(state="closed")
    round_.refresh_from_db()
    assert len(disputes(round_)) == 1
    assert len(dispute_detail(unit_at(round_, 0), round_, "stance").groups) == 2


def test_pages_follow_each_other_without_gap_or_repeat(project: Project) -> None:
    round_ = factories.make_round(project, units=5, overlap=3)
    label_units(round_, project, "srs", "srq", "ssr", "srq", "qss")
    whole = disputes(round_)
    assert len(whole) == 5
    paged: list[Dispute] = []
    while page := disputes(round_, after=paged[-1].key if paged else None, limit=2):
        paged += page
    assert paged == whole


def test_settled_ones_leave_the_queue(project: Project) -> None:
    round_ = factories.make_round(project, units=2, overlap=3)
    label_units(round_, project, "srs", "srq")
    first, second = disputes(round_)
    settle(round_, first)
    assert disputes(round_) == [second]
    assert [d.unit for d in disputes(round_, settled=True)] == [first.unit]
    assert len(disputes(round_, settled=None)) == 2


@pytest.mark.parametrize(
    "after",
    [(float("nan"), 1, "stance"), (0.5, 2**64, "stance"), (0.5, -1, "stance"), (0.5, 1, "a\x00b"), (2.0, 1, "stance")],
)
def test_what_is_not_the_end_of_a_page_is_refused(project: Project, after: tuple[float, int, str]) -> None:
    with pytest.raises(Refused) as refused:
        disputes(factories.make_round(project, units=1), after=after)
    assert (refused.value.code, refused.value.status) == ("invalid_cursor", 400)


@pytest.mark.parametrize("word", ["a\x00b", "", "x" * 41, "no such"])
def test_words_that_cannot_be_codes_find_nothing(project: Project, word: str) -> None:
    round_ = factories.make_round(project, units=1)
    assert disputes(round_, word) == []
    with pytest.raises(NotFound):
        dispute_detail(unit_at(round_, 0), round_, word)


def test_one_question_only(project: Project) -> None:
    round_ = factories.make_round(project, units=1, overlap=3)
    label_units(round_, project, "srs")
    assert len(disputes(round_, "stance")) == 1
    assert disputes(round_, "sentence_bias") == []


def test_detail_groups_answers_and_hides_names_until_settled(project: Project) -> None:
    round_ = factories.make_round(project, units=1, overlap=3)
    unit = unit_at(round_, 0)
    for name, stance in zip(PEOPLE, ("refutes", "supports", "supports"), strict=True):
        who = factories.reviewer(project, name)
        factories.label(round_, unit, who, stance=stance, notes={"note": f"I read it {len(name)} times."})
    factories.run_jobs()
    detail = dispute_detail(unit, round_, "stance")
    assert [(g.value, len(g.voices)) for g in detail.groups] == [("supports", 2), ("refutes", 1)]
    voices = [voice for group in detail.groups for voice in group.voices]
    assert {voice.letter for voice in voices} == {"A", "B", "C"}
    assert {voice.name for voice in voices} == {None}
    assert detail.groups[1].voices[0].note == "I read it 5 times."
    settle(round_, disputes(round_)[0])
    after = dispute_detail(unit, round_, "stance")
    assert after.revision == 1
    assert after.groups[1].voices[0].name == factories.reviewer(project, "alice").name


def test_detail_shows_the_evidence_each_one_brought(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    unit = unit_at(round_, 0)
    item = {"url": "https://example.org/report", "title": "Port report", "relation": "refutes", "strength": "strong"}
    factories.label(round_, unit, factories.reviewer(project, "alice"), evidence=[item], stance="refutes")
    factories.label(round_, unit, factories.reviewer(project, "bob"), stance="supports")
    factories.run_jobs()
    supports, refutes = dispute_detail(unit, round_, "stance").groups
    assert supports.voices[0].evidence == ()
    assert [shown.title for shown in refutes.voices[0].evidence] == ["Port report"]


def test_those_who_could_not_judge_are_shown_last(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    unit = unit_at(round_, 0)
    factories.label(round_, unit, factories.reviewer(project, "alice"), stance={"missing": "cannot_judge"})
    factories.label(round_, unit, factories.reviewer(project, "bob"), stance="supports")
    groups = dispute_detail(unit, round_, "stance").groups
    assert [(g.value, g.missing, g.label) for g in groups] == [
        ("supports", None, groups[0].label),
        (None, "cannot_judge", "cannot judge"),
    ]


def test_units_and_questions_from_elsewhere_do_not_exist(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    other = factories.make_project()
    foreign = factories.make_round(other, units=1)
    with pytest.raises(NotFound):
        dispute_detail(unit_at(round_, 0), round_, "no_such_question")
    unit = RoundUnit.objects.get(round=foreign).unit
    with pytest.raises(NotFound):
        dispute_detail(unit, round_, "stance")
