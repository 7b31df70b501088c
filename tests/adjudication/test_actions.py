"""Settling: by a person, by majority, by two people at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from claims.adjudication.actions import can_settle, settle_by_majority, settle_label
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.models import AuditEvent, Label, Project, Round, SettledLabel, Unit, User
from tests import factories
from tests.adjudication.test_disputes import label_units, unit_at

PEOPLE = {"alice": "reviewer", "bob": "reviewer", "dan": "reviewer", "oscar": "observer", "chloe": "curator"}


@pytest.fixture
def round_(db: None) -> Round:
    project = factories.make_project(**PEOPLE)
    made = factories.make_round(project, units=2, overlap=3)
    label_units(made, project, "srq", "ssr")
    return made


def settle(round_: Round, *, by: User | None = None, **changes: Any) -> SettledLabel:
    given: dict[str, Any] = {
        "expected_revision": 0,
        "outcome": "answer",
        "value": "supports",
        "method": "expert",
        "reason_code": "ambiguous",
        "rationale": "The headline presupposes it.",
    }
    by = by or factories.member(round_.project, "chloe")
    unit = changes.pop("unit", None) or unit_at(round_, 0)
    question = changes.pop("question", "stance")
    return settle_label(round_, unit, question, by=by, **(given | changes))


def test_it_works(round_: Round) -> None:
    settled = settle(round_)
    assert (settled.revision, settled.value, settled.method) == (1, "supports", "expert")
    unit = unit_at(round_, 0)
    events = Label.objects.filter(unit=unit, question="stance").order_by("event_id").values_list("event_id", flat=True)
    assert settled.inputs == list(events)
    [audited] = AuditEvent.objects.filter(verb="settle_label")
    assert audited.details == {"unit": unit.pk, "question": "stance", "outcome": "answer"}
    assert audited.project == round_.project


def test_control_characters_do_not_reach_the_database(round_: Round) -> None:
    assert settle(round_, rationale=" as\x00 printed ").rationale == "as printed"


def test_co_03_the_second_of_two_curators_gets_the_current_state(round_: Round) -> None:
    settle(round_)
    second = settle(round_, expected_revision=1, value="refutes")
    assert second.revision == 2
    with pytest.raises(Conflict) as refused:
        settle(round_, expected_revision=1, value="reports")
    assert refused.value.code == "settled_meanwhile"
    assert refused.value.current is not None
    assert (refused.value.current["revision"], refused.value.current["value"]) == (2, "refutes")
    assert AuditEvent.objects.filter(verb="settle_label").count() == 2


@pytest.mark.parametrize("expected", [1, 7])
def test_a_revision_that_is_not_there_yet_is_refused(round_: Round, expected: int) -> None:
    with pytest.raises(Conflict) as refused:
        settle(round_, expected_revision=expected)
    assert refused.value.current == {"revision": 0}


NOT_FITTING: list[tuple[dict[str, Any], str]] = [
    ({"value": "maybe"}, "unknown_value"),
    ({"value": ["supports"]}, "unknown_value"),
    ({"value": 1}, "unknown_value"),
    ({"value": None}, "value_missing"),
    ({"value": "supports", "missing": "cannot_judge"}, "value_missing"),
    ({"value": None, "missing": "tired"}, "unknown_missing_reason"),
    ({"outcome": "no_agreement"}, "value_not_expected"),
    ({"outcome": "all_wrong"}, "value_not_expected"),
    ({"outcome": "sure"}, "unknown_outcome"),
    ({"method": "dice"}, "unknown_method"),
    ({"reason_code": "mood"}, "unknown_reason_code"),
    ({"rationale": "x" * 20_001}, "rationale_too_long"),
]


@pytest.mark.parametrize(("changes", "code"), NOT_FITTING)
def test_what_does_not_fit_is_refused(round_: Round, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        settle(round_, **changes)
    assert refused.value.code == code
    assert not SettledLabel.objects.exists()
    assert not AuditEvent.objects.filter(verb="settle_label").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "no_agreement", "value": None},
        {"outcome": "all_wrong", "value": None},
        {"value": None, "missing": "cannot_judge"},
    ],
)
def test_no_agreement_all_wrong_and_no_answer_are_outcomes(round_: Round, changes: dict[str, Any]) -> None:
    assert settle(round_, **changes).revision == 1


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("chloe", None), ("carol", None), ("alice", NotPermitted), ("oscar", NotPermitted), ("zoe", NotFound)],
)
def test_who_may_settle(round_: Round, name: str, refusal: type[Refused] | None) -> None:
    by = factories.make_user() if name == "zoe" else factories.member(round_.project, name)
    assert can_settle(by, round_, unit_at(round_, 0)) is (refusal is None)
    if refusal is None:
        settle(round_, by=by)
        return
    with pytest.raises(refusal):
        settle(round_, by=by)
    with pytest.raises(refusal):
        settle_by_majority(round_, by=by)


@pytest.mark.django_db
def test_az_07_a_unit_is_not_settled_before_the_quorum() -> None:
    project = factories.make_project(**PEOPLE)
    early = factories.make_round(project, units=1, overlap=3)
    label_units(early, project, "sr")
    with pytest.raises(Conflict) as refused:
        settle(early)
    assert refused.value.code == "quorum_not_reached"
    assert not can_settle(factories.owner_of(project), early, unit_at(early, 0))


def test_questions_and_units_from_elsewhere_do_not_exist(round_: Round) -> None:
    with pytest.raises(NotFound):
        settle(round_, question="no_such_question")
    foreign = factories.make_round(factories.make_project(), units=1)
    with pytest.raises(NotFound):
        settle(round_, unit=Unit.objects.get(round_units__round=foreign))


def test_an_archived_project_is_not_changed(round_: Round) -> None:
    Project.objects.filter(pk=round_.project_id).update(archived_at="2026-01-01T00:00Z")
    round_.project.refresh_from_db()
    with pytest.raises(Conflict):
        settle(round_)


def test_majority_settles_what_is_clear(round_: Round) -> None:
    by = factories.owner_of(round_.project)
    assert settle_by_majority(round_, by=by) == {"unanimous": 2, "majority": 1}  # sentence_bias twice, stance once
    stance = SettledLabel.objects.get(question="stance")
    assert (stance.unit, stance.value, stance.method) == (unit_at(round_, 1), "supports", "majority")
    assert len(stance.inputs) == 3
    assert settle_by_majority(round_, by=by) == {"unanimous": 0, "majority": 0}
    assert AuditEvent.objects.filter(verb="settle_by_majority").count() == 2


def test_majority_leaves_what_a_person_settled(round_: Round) -> None:
    settle(round_, unit=unit_at(round_, 1), value="refutes")
    settle_by_majority(round_, by=factories.owner_of(round_.project))
    assert [s.value for s in SettledLabel.objects.filter(question="stance")] == ["refutes"]


@pytest.mark.django_db
def test_those_who_cannot_judge_count_against_a_majority() -> None:
    project = factories.make_project(**PEOPLE)
    made = factories.make_round(project, units=1, overlap=3)
    for name, stance in (
        ("alice", "supports"),
        ("bob", {"missing": "cannot_judge"}),
        ("dan", {"missing": "cannot_judge"}),
    ):
        factories.label_next(made, factories.reviewer(project, name), stance=stance)
    settle_by_majority(made, by=factories.owner_of(project))
    assert not SettledLabel.objects.filter(question="stance").exists()


@pytest.mark.django_db
def test_one_label_alone_is_no_majority() -> None:
    project = factories.make_project(**PEOPLE)
    made = factories.make_round(project, units=1, overlap=1)
    label_units(made, project, "s")
    assert settle_by_majority(made, by=factories.owner_of(project)) == {"unanimous": 0, "majority": 0}


@pytest.mark.django_db
def test_units_without_quorum_are_not_settled_by_majority() -> None:
    project = factories.make_project(**PEOPLE)
    made = factories.make_round(project, units=1, overlap=3)
    label_units(made, project, "ss")
    assert settle_by_majority(made, by=factories.owner_of(project)) == {"unanimous": 0, "majority": 0}


@pytest.mark.django_db(transaction=True)
def test_co_03_two_curators_at_the_same_moment() -> None:
    """Two connections save revision 1 at once: one is kept, the other gets a conflict with what stands."""
    project = factories.make_project(**PEOPLE)
    made = factories.make_round(project, units=1, overlap=3)
    label_units(made, project, "srq")
    start, ends = threading.Barrier(2), []

    def save(name: str, value: str) -> None:
        try:
            by = factories.member(project, name)
            unit = unit_at(made, 0)
            start.wait()
            ends.append(settle(made, unit=unit, by=by, value=value))
        except Conflict as conflict:
            ends.append(conflict)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=pair) for pair in (("chloe", "supports"), ("carol", "refutes"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [kept] = [end for end in ends if isinstance(end, SettledLabel)]
    [lost] = [end for end in ends if isinstance(end, Conflict)]
    assert SettledLabel.objects.count() == 1
    assert lost.current is not None
    assert (lost.current["revision"], lost.current["value"]) == (1, kept.value)
    assert AuditEvent.objects.filter(verb="settle_label").count() == 1
