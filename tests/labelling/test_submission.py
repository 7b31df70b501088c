"""Answers are kept once, chained, projected; repeats and stale forms are told apart."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from claims.assignment.actions import draw_next
from claims.errors import Conflict, NotFound, Refused
from claims.labelling.actions import revise_label, save_draft, skip_unit, submit_label
from claims.labelling.chain import verify_labels
from claims.labelling.events import Receipt
from claims.models import (
    Assignment,
    ClaimOccurrence,
    Draft,
    EvidenceItem,
    Job,
    Label,
    LabelEvent,
    LabelText,
    PendingFold,
    Reviewer,
    Round,
    Unit,
)
from tests.factories import answers_for, label_next, make_project, make_round, owner_of, reviewer

pytestmark = pytest.mark.django_db


class Desk:
    """Alice at an open round, holding a unit."""

    def __init__(self, units: int = 2, **plan: Any) -> None:
        self.project = make_project(alice="reviewer", bob="reviewer")
        self.round: Round = make_round(self.project, units=units, **plan)
        self.alice: Reviewer = reviewer(self.project, "alice")
        drawn = draw_next(self.round, self.alice)
        assert drawn is not None
        self.unit: Unit = drawn.unit

    def submit(self, key: str = "alice-key-1", **given: Any) -> Receipt:
        wanted = {"answers": answers_for(self.round), "codebook_version_id": self.round.codebook_version_id} | given
        return submit_label(self.round, self.unit, self.alice, idempotency_key=key, **wanted)

    def revise(self, expected_seq: int, key: str = "alice-key-2", **given: Any) -> Receipt:
        wanted = {"answers": answers_for(self.round), "codebook_version_id": self.round.codebook_version_id} | given
        return revise_label(self.round, self.unit, self.alice, idempotency_key=key, expected_seq=expected_seq, **wanted)


def test_a_submit_is_one_event_its_labels_and_a_nudge_to_the_scorer() -> None:
    desk = Desk()
    receipt = desk.submit()
    event = LabelEvent.objects.get()
    assert (receipt.seq, receipt.unit, receipt.repeated) == (1, desk.unit.pk, False)
    assert receipt.saved_at == event.created_at
    labels = {label.question: label.value for label in Label.objects.all()}
    assert labels == {code: answer["value"] for code, answer in event.answers.items()}
    assert Assignment.objects.get(reviewer=desk.alice).state == "submitted"
    assert PendingFold.objects.get().event_id == event.pk
    assert Job.objects.filter(kind="fold_round", state="queued").count() == 1
    assert list(verify_labels(desk.project)) == []


def test_the_same_key_again_gives_the_same_receipt() -> None:
    desk = Desk()
    first, second = desk.submit(), desk.submit()
    assert second == Receipt(first.seq, first.unit, first.saved_at, repeated=True)
    assert LabelEvent.objects.count() == 1


def test_the_same_key_with_other_answers_is_refused() -> None:
    desk = Desk()
    desk.submit(answers=answers_for(desk.round))
    other = answers_for(desk.round) | {"stance": {"missing": "cannot_judge"}}
    with pytest.raises(Refused) as refused:
        desk.submit(answers=other)
    assert refused.value.code == "idempotency_key_reused"


@pytest.mark.django_db(transaction=True)
def test_co_02_twenty_identical_submits_at_once_are_one_event_with_one_number() -> None:
    desk = Desk()
    answers, barrier, receipts, faults = answers_for(desk.round), threading.Barrier(20), [], []

    def send() -> None:
        try:
            barrier.wait()
            receipts.append(desk.submit(answers=answers).seq)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert receipts == [1] * 20
    assert LabelEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_submit_different_answers_keep_one_and_tell_the_other() -> None:
    desk = Desk()
    barrier, outcomes = threading.Barrier(2), []

    def send(key: str, answers: dict[str, Any]) -> None:
        barrier.wait()
        try:
            outcomes.append(desk.submit(key, answers=answers).seq)
        except Conflict as conflict:
            outcomes.append(conflict.code)
        finally:
            connection.close()

    other = answers_for(desk.round) | {"stance": {"missing": "cannot_judge"}}
    threads = [
        threading.Thread(target=send, args=("tab-one-key", answers_for(desk.round))),
        threading.Thread(target=send, args=("tab-two-key", other)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [1, "already_submitted"]
    assert LabelEvent.objects.count() == 1


def test_co_15_a_second_form_gets_what_is_stored() -> None:
    desk = Desk()
    desk.submit()
    with pytest.raises(Conflict) as conflict:
        desk.submit("another-key")
    assert conflict.value.code == "already_submitted"
    assert conflict.value.current is not None
    assert conflict.value.current["seq"] == 1


def test_a_correction_is_a_new_event_and_the_first_one_stays() -> None:
    desk = Desk()
    desk.submit()
    answers = answers_for(desk.round) | {"stance": {"missing": "cannot_judge"}}
    assert desk.revise(1, answers=answers).seq == 2
    assert list(LabelEvent.objects.order_by("seq").values_list("kind", flat=True)) == ["submitted", "revised"]
    label = Label.objects.get(question="stance")
    assert (label.value, label.missing, label.event.seq) == (None, "cannot_judge", 2)
    assert list(verify_labels(desk.project)) == []


EVIDENCE = {
    "url": "https://example.org/minutes",
    "quote": "14 bolts",
    "relation": "supports",
    "published": "2026-03-14",
}


@pytest.mark.parametrize("given", [{}, {"notes": {"note": "Line 2."}}, {"evidence": [EVIDENCE]}])
def test_a_correction_that_changes_nothing_is_not_stored(given: dict[str, Any]) -> None:
    desk = Desk()
    first = desk.submit(**given)
    save_draft(desk.round, desk.unit, desk.alice, payload={"notes": {"note": "typed and taken back"}}, client_seq=1)
    again = desk.revise(1, **given)
    assert again == Receipt(first.seq, first.unit, first.saved_at, unchanged=True)
    assert (LabelEvent.objects.count(), EvidenceItem.objects.count()) == (1, len(given.get("evidence", [])))
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"notes": {"note": "Line 3."}},
        {"notes": {"note": "Line 2."}, "evidence": [EVIDENCE | {"published": "2026-03-15"}]},
        {"notes": {"note": "Line 2."}, "evidence": [EVIDENCE | {"relation": "neither"}]},
        {"notes": {"note": "Line 2."}, "evidence": [EVIDENCE, EVIDENCE]},
        {"notes": {"note": "Line 2."}},
    ],
)
def test_a_correction_of_a_word_or_a_piece_of_evidence_is_stored(given: dict[str, Any]) -> None:
    desk = Desk()
    desk.submit(notes={"note": "Line 2."}, evidence=[EVIDENCE])
    assert (desk.revise(1, **given).seq, LabelEvent.objects.count()) == (2, 2)


def test_a_correction_of_what_was_corrected_elsewhere_is_a_conflict() -> None:
    desk = Desk()
    desk.submit()
    desk.revise(1, notes={"note": "Read again."})
    with pytest.raises(Conflict) as conflict:
        desk.revise(1, "third-key")
    assert conflict.value.code == "stale_label"
    assert conflict.value.current is not None
    assert conflict.value.current["seq"] == 2


def test_answers_that_are_no_longer_asked_leave_the_projection() -> None:
    desk = Desk()
    desk.submit()
    conditional = {label.question for label in Label.objects.all()}
    shorter = {code: {"missing": "cannot_judge"} for code in list(answers_for(desk.round))[:1]}
    try:
        desk.revise(1, answers=answers_for(desk.round, **shorter))
    except Refused as refused:
        pytest.fail(f"the first question answered as missing should be taken: {refused.sentence}")
    assert set(Label.objects.values_list("question", flat=True)) <= conditional


def test_co_04_an_answer_to_another_codebook_version_is_not_stored() -> None:
    desk = Desk()
    with pytest.raises(Conflict) as conflict:
        desk.submit(codebook_version_id=desk.round.codebook_version_id + 1)
    assert conflict.value.code == "codebook_changed"
    assert not LabelEvent.objects.exists()


def test_co_05_a_label_on_a_dropped_claim_is_refused() -> None:
    desk = Desk()
    version = desk.unit.occurrence_version
    assert version is not None
    ClaimOccurrence.objects.filter(pk=version.occurrence_id).update(state="dropped")
    with pytest.raises(Conflict) as conflict:
        desk.submit()
    assert conflict.value.code == "claim_retracted"


def test_co_19_an_archived_project_takes_no_labels_and_keeps_the_old_ones() -> None:
    desk = Desk()
    desk.submit()
    from django.utils import timezone

    type(desk.project).objects.filter(pk=desk.project.pk).update(archived_at=timezone.now())
    with pytest.raises(Conflict) as conflict:
        desk.revise(1)
    assert conflict.value.code == "project_archived"
    assert LabelEvent.objects.count() == 1


def test_a_unit_that_was_never_drawn_does_not_exist_for_the_reviewer() -> None:
    desk = Desk()
    bob = reviewer(desk.project, "bob")
    with pytest.raises(NotFound):
        submit_label(
            desk.round,
            desk.unit,
            bob,
            answers=answers_for(desk.round),
            idempotency_key="bob-key-1",
            codebook_version_id=desk.round.codebook_version_id,
        )


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"stance": "loves_it"}, "unknown_choice"),
        ({}, "required"),
        ({"no_such_question": "yes"}, "unknown_question"),
        ({"stance": {"missing": "tired"}}, "unknown_missing_reason"),
        ({"stance": {"missing": "cannot_judge", "value": "supports"}}, "unknown_missing_reason"),
        ({"stance": ["supports"]}, "invalid_answer"),
    ],
)
def test_invalid_answers_are_refused_question_by_question(answers: dict[str, Any], code: str) -> None:
    desk = Desk()
    given = answers_for(desk.round) | answers if answers else {}
    with pytest.raises(Refused) as refused:
        desk.submit(answers=given)
    assert refused.value.code == "invalid_answers"
    assert code in {problem.code for problem in refused.value.problems}
    assert not LabelEvent.objects.exists()
    assert Assignment.objects.get(reviewer=desk.alice).state == "reserved"


def test_free_text_is_kept_apart_and_can_be_erased_without_breaking_the_chain() -> None:
    desk = Desk()
    desk.submit(notes={"note": "The mayor\u2019s office says otherwise."})
    text = LabelText.objects.get()
    assert text.content["note"].startswith("The mayor")
    assert "mayor" not in str(LabelEvent.objects.values().get())
    from django.utils import timezone

    LabelText.objects.update(content={}, erased_at=timezone.now())
    assert list(verify_labels(desk.project)) == []


def test_pr_09_a_changed_row_is_named_by_verify_labels() -> None:
    desk = Desk()
    desk.submit(notes={"note": "as it was"})
    label_next(desk.round, desk.alice)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # what a superuser can do
        cursor.execute('UPDATE claims_labelevent SET answers = \'{"stance": {"value": "refutes"}}\' WHERE seq = 1')
        cursor.execute("SET LOCAL session_replication_role = origin")
    faults = list(verify_labels(desk.project))
    assert [(fault.reviewer, fault.seq) for fault in faults] == [(desk.alice.pk, 1)]
    LabelText.objects.update(content={"note": "as it was not"})
    assert len(list(verify_labels(desk.project))) == 2


@pytest.mark.parametrize("statement", ["UPDATE claims_labelevent SET seconds = 1", "DELETE FROM claims_labelevent"])
def test_inv_6_the_database_refuses_to_change_label_events(statement: str) -> None:
    desk = Desk()
    desk.submit()
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_evidence_is_kept_as_rows_and_named_in_the_event() -> None:
    desk = Desk()
    item = {"url": "https://tidal.example/report", "quote": "14 bolts were broken", "relation": "supports"}
    answers = answers_for(desk.round) | {"verdict": "supported"}
    desk.submit(answers=answers, evidence=[item], notes={"note": "The report says so."})
    stored = EvidenceItem.objects.get()
    assert (stored.relation, stored.added_by) == ("supports", desk.alice)
    event = LabelEvent.objects.get()
    assert {"value": [{"id": stored.pk, "relation": "supports"}]} in event.answers.values()


@pytest.mark.parametrize("relation", [None, "neither", "refutes"])
def test_supported_without_matching_evidence_is_refused(relation: str | None) -> None:
    desk = Desk()
    evidence = [{"url": "https://tidal.example/a", "relation": relation}] if relation else []
    with pytest.raises(Refused) as refused:
        desk.submit(answers=answers_for(desk.round) | {"verdict": "supported"}, evidence=evidence)
    assert "evidence_missing" in {problem.code for problem in refused.value.problems}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "ftp://a.example/"])
def test_xs_03_evidence_addresses_are_web_addresses(url: str) -> None:
    desk = Desk()
    with pytest.raises(Refused) as refused:
        desk.submit(evidence=[{"url": url, "relation": "supports"}])
    assert "url_not_allowed" in {problem.code for problem in refused.value.problems}


def test_co_21_an_older_draft_that_arrives_late_is_ignored() -> None:
    desk = Desk()
    assert save_draft(desk.round, desk.unit, desk.alice, payload={"answers": {"stance": "b"}}, client_seq=2)
    assert not save_draft(desk.round, desk.unit, desk.alice, payload={"answers": {"stance": "a"}}, client_seq=1)
    assert Draft.objects.get().payload == {"answers": {"stance": "b"}}


def test_a_draft_goes_with_its_submit_and_belongs_to_its_holder() -> None:
    desk = Desk()
    save_draft(desk.round, desk.unit, desk.alice, payload={}, client_seq=1)
    with pytest.raises(NotFound):
        save_draft(desk.round, desk.unit, reviewer(desk.project, "bob"), payload={}, client_seq=1)
    desk.submit()
    assert not Draft.objects.exists()


def test_skipping_gives_the_unit_to_others_and_not_to_the_same_person_again() -> None:
    desk = Desk(units=1, overlap=1)
    skip_unit(desk.round, desk.unit, desk.alice, reason="I know the mayor", idempotency_key="skip-key-1")
    assert draw_next(desk.round, desk.alice) is None
    taken = draw_next(desk.round, reviewer(desk.project, "bob"))
    assert taken is not None
    assert taken.unit == desk.unit
    assert not Label.objects.exists()
    assert list(verify_labels(desk.project)) == []


def test_skipping_needs_a_reason_and_a_unit_one_holds() -> None:
    desk = Desk()
    with pytest.raises(Refused, match="why you skip"):
        skip_unit(desk.round, desk.unit, desk.alice, reason=" ", idempotency_key="skip-key-1")
    desk.submit()
    with pytest.raises(Conflict, match="do not hold this unit"):
        skip_unit(desk.round, desk.unit, desk.alice, reason="late", idempotency_key="skip-key-2")


def test_ft_04_a_submit_is_stored_while_the_broker_is_down(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app
    from kombu.exceptions import OperationalError

    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", away)
    desk = Desk()
    assert desk.submit().seq == 1
    assert Job.objects.filter(kind="fold_round", state="queued").exists()


def test_a_submit_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    desk = Desk()
    answers = answers_for(desk.round)
    with django_assert_max_num_queries(6):  # with savepoint and release, inside the test's transaction
        desk.submit(answers=answers)
    with django_assert_max_num_queries(7):
        draw_next(desk.round, desk.alice)


def test_the_owner_may_label_too() -> None:
    desk = Desk()
    from claims.people.actions import reviewer_for

    assert label_next(desk.round, reviewer_for(owner_of(desk.project), desk.project)) == desk.unit
