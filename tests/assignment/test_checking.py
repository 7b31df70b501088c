"""AVeriTeC's blind evidence check: by others, by the evidence alone, and back once where the verdicts differ."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Q
from django.test import Client
from django.utils import timezone

from claims.assignment.actions import close_round, create_round, draw_next, give_back_expired, open_round
from claims.assignment.amendments import amend_round
from claims.assignment.checking.standing import figures_of, is_same, leading, standing_of
from claims.assignment.offers import rounds_with_work
from claims.errors import Conflict, NotFound, Refused
from claims.labelling.actions import revise_label, submit_label
from claims.labelling.checking import checked_evidence
from claims.labelling.evidence import keep_screenshot, visible_copy
from claims.labelling.queries import label_context
from claims.lifecycle import EVIDENCE_CHECK
from claims.models import Assignment, AuditEvent, EvidenceReturn, Label, LabelEvent, Notice, Reviewer, Round
from tests.api.caller import Caller
from tests.assignment.checking import MINUTES, REPORT, bring, judge, make_check
from tests.factories import (
    answers_for,
    label,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
SUPPORTED, REFUTED = "supported", "refuted"


def states(check: Round) -> list[str]:
    check.refresh_from_db()
    found = [one.state for one in standing_of(check)]
    assert set(found) <= set(EVIDENCE_CHECK.states)
    return found


def slots_are_exact(*rounds: Round) -> None:
    """INV-3: as many active places as asked for, in both rounds."""
    for round_ in rounds:
        active = Count("unit__assignments", filter=Q(unit__assignments__state__in=("open", "reserved", "submitted"),
                                                     unit__assignments__round=round_))  # fmt: skip
        for place in round_.round_units.annotate(active=active):
            assert place.active == place.overlap


def test_it_works_the_same_verdict_confirms() -> None:
    evidence, check = make_check()
    assert check.questions == ["verdict"]
    assert states(check) == ["awaiting_evidence"]
    bring(evidence, "alice", SUPPORTED, MINUTES)
    assert states(check) == ["awaiting_check"]
    judge(check, "bob", SUPPORTED)
    assert states(check) == ["confirmed"]
    assert not EvidenceReturn.objects.exists()
    slots_are_exact(evidence, check)


def test_nothing_is_offered_before_the_evidence_is_in_nor_to_who_brought_some() -> None:
    evidence, check = make_check()
    alice, bob = (reviewer(check.project, name) for name in ("alice", "bob"))
    users = {name: member(check.project, name) for name in ("alice", "bob")}
    assert draw_next(check, bob) is None
    assert rounds_with_work([check], users["bob"]) == set()
    bring(evidence, "alice", SUPPORTED, MINUTES)
    assert draw_next(check, alice) is None
    assert rounds_with_work([check], users["alice"]) == set()
    assert rounds_with_work([check], users["bob"]) == {check.pk}
    assert draw_next(check, bob) is not None


def test_who_brought_evidence_to_the_claim_in_another_round_does_not_check_it_either() -> None:
    evidence, check = make_check()
    other = make_round(check.project, codebook=check.codebook_version, overlap=1)
    bring(other, "bob", SUPPORTED, MINUTES)
    bring(evidence, "alice", SUPPORTED, MINUTES)
    assert draw_next(check, reviewer(check.project, "bob")) is None
    assert draw_next(check, reviewer(check.project, "dora")) is not None


def test_a_difference_goes_back_once_and_is_checked_once_more() -> None:
    evidence, check = make_check()
    unit = bring(evidence, "alice", SUPPORTED, MINUTES)
    judge(check, "bob", REFUTED)
    assert states(check) == ["returned"]
    returned = EvidenceReturn.objects.get(round=check, unit=unit)
    assert (returned.evidence_slot, returned.check_slot) == (2, 2)
    slots_are_exact(evidence, check)
    # more evidence: not from who checked, nor from who brought the first
    assert draw_next(evidence, reviewer(check.project, "bob")) is None
    assert rounds_with_work([evidence], member(check.project, "bob")) == set()
    assert draw_next(evidence, reviewer(check.project, "alice")) is None
    assert draw_next(check, reviewer(check.project, "emil")) is None  # not before it is in
    bring(evidence, "dora", REFUTED, REPORT)
    assert states(check) == ["awaiting_second_check"]
    assert draw_next(check, reviewer(check.project, "dora")) is None
    assert [one.url for one in checked_evidence(check, unit)] == [MINUTES["url"], REPORT["url"]]
    judge(check, "emil", REFUTED)
    assert states(check) == ["confirmed_later"]
    assert EvidenceReturn.objects.count() == 1
    slots_are_exact(evidence, check)


def test_what_differs_twice_stays_unresolved_and_is_not_returned_again() -> None:
    evidence, check = make_check()
    bring(evidence, "alice", SUPPORTED, MINUTES)
    judge(check, "bob", REFUTED)
    bring(evidence, "dora", SUPPORTED, MINUTES)
    judge(check, "emil", REFUTED)
    assert states(check) == ["unresolved"]
    assert EvidenceReturn.objects.count() == 1
    assert Assignment.objects.filter(state="open").count() == 0
    slots_are_exact(evidence, check)
    told = Notice.objects.filter(user=owner_of(check.project), kind="reopened").values_list("subject", flat=True)
    assert len(told) == 2
    assert any("went back" in subject for subject in told)
    assert not Notice.objects.filter(user=member(check.project, "alice"), kind="reopened").exists()


def test_a_return_is_one_audit_row_by_nobody_and_the_database_keeps_it() -> None:
    evidence, check = make_check()
    bring(evidence, "alice", SUPPORTED, MINUTES)
    judge(check, "bob", REFUTED)
    row = AuditEvent.objects.get(verb="return_evidence")
    assert (row.actor, row.project) == (None, check.project)
    assert row.details["round"] == check.pk
    with pytest.raises(DatabaseError, match="is insert-only"), transaction.atomic():
        EvidenceReturn.objects.update(evidence_slot=9)


def test_with_several_on_a_side_the_verdict_of_most_counts() -> None:
    evidence, check = make_check(check={"overlap": 3})
    bring(evidence, "alice", SUPPORTED, MINUTES)
    for name, verdict in (("bob", SUPPORTED), ("dora", REFUTED)):
        judge(check, name, verdict)
        assert states(check) == ["awaiting_check"]
    judge(check, "emil", SUPPORTED)
    assert states(check) == ["confirmed"]


def test_a_correction_of_who_brought_it_can_make_a_difference() -> None:
    evidence, check = make_check()
    unit = bring(evidence, "alice", SUPPORTED, MINUTES)
    judge(check, "bob", SUPPORTED)
    revise_label(
        evidence, unit, reviewer(check.project, "alice"), answers=answers_for(evidence, verdict=REFUTED),
        evidence=[MINUTES, REPORT], idempotency_key="second-thoughts", codebook_version_id=check.codebook_version_id,
        expected_seq=1,
    )  # fmt: skip
    run_jobs()
    assert states(check) == ["returned"]


def test_evidence_without_a_verdict_is_not_checked_until_somebody_gives_one(client: Client) -> None:
    """In AVeriTeC every claim leaves its first phase with a verdict; the check compares two."""
    evidence, check = make_check()
    alice, bob = reviewer(check.project, "alice"), reviewer(check.project, "bob")
    drawn = draw_next(evidence, alice)
    assert drawn is not None
    label(evidence, drawn.unit, alice, evidence=[MINUTES])
    run_jobs()
    assert states(check) == ["awaiting_verdict"]
    machine = Reviewer.objects.create(project=check.project, kind="machine", name="model")
    event = LabelEvent.objects.get(reviewer=alice)
    Label.objects.create(
        round=evidence, unit=drawn.unit, reviewer=machine, question="verdict", value=SUPPORTED, event=event
    )
    assert draw_next(check, bob) is None
    client.force_login(owner_of(check.project))
    page = client.get(f"/p/{check.project.slug}/rounds/{check.pk}/check/").content.decode()
    assert "has no verdict to check" in page
    assert "1 claim was worked on and got no verdict" in page
    revise_label(
        evidence, drawn.unit, alice, answers=answers_for(evidence, verdict=SUPPORTED), evidence=[MINUTES],
        idempotency_key="with-a-verdict", codebook_version_id=check.codebook_version_id, expected_seq=1,
    )  # fmt: skip
    assert states(check) == ["awaiting_check"]
    judge(check, "bob", SUPPORTED)
    assert states(check) == ["confirmed"]


def test_more_evidence_without_a_verdict_leaves_the_difference_to_be_settled() -> None:
    evidence, check = make_check()
    bring(evidence, "alice", SUPPORTED, MINUTES)
    judge(check, "bob", REFUTED)
    drawn = draw_next(evidence, reviewer(check.project, "dora"))
    assert drawn is not None
    label(evidence, drawn.unit, reviewer(check.project, "dora"), evidence=[REPORT])
    assert states(check) == ["awaiting_second_check"]
    judge(check, "emil", REFUTED)
    assert states(check) == ["unresolved"]


def test_where_nobody_is_asked_for_evidence_any_more_a_difference_stays() -> None:
    evidence, check = make_check()
    bring(evidence, "alice", SUPPORTED, MINUTES)
    close_round(evidence, by=owner_of(check.project))
    judge(check, "bob", REFUTED)
    assert states(check) == ["unresolved"]
    assert not EvidenceReturn.objects.exists()


def test_the_checker_sees_the_evidence_and_neither_verdict_nor_reading_nor_name(client: Client) -> None:
    evidence, check = make_check(check={"hides_outlet": True})
    unit = bring(evidence, "alice", SUPPORTED, MINUTES, REPORT)
    drawn = draw_next(check, reviewer(check.project, "bob"))
    assert drawn is not None
    context = label_context(check, unit.pk, reviewer(check.project, "bob"))
    assert [(one.url, one.question, one.answer) for one in context.checked] == [
        (MINUTES["url"], MINUTES["question"], MINUTES["answer"]),
        (REPORT["url"], "", ""),
    ]
    client.force_login(member(check.project, "bob"))
    body = client.get(f"/p/{check.project.slug}/rounds/{check.pk}/label/{unit.pk}/").content.decode()
    assert MINUTES["quote"] in body
    assert member(check.project, "alice").username not in body
    answer = Caller(member(check.project, "bob")).get(f"rounds/{check.pk}/units/{unit.pk}/").json()
    assert {key for one in answer["checked"] for key in one} == {
        *("url", "quote", "title", "outlet", "published", "question", "answer", "copy", "screenshot")
    }
    assert [(question["code"], question["required"]) for question in answer["questions"]] == [("verdict", True)]
    assert not any(choice["needs_evidence"] for choice in answer["questions"][0]["choices"])


def test_evidence_that_a_correction_took_out_is_not_shown_nor_that_of_other_rounds() -> None:
    evidence, check = make_check()
    other = make_round(check.project, codebook=check.codebook_version, overlap=1)
    bring(other, "dora", REFUTED, REPORT)
    unit = bring(evidence, "alice", SUPPORTED, MINUTES)
    assert [one.url for one in checked_evidence(check, unit)] == [MINUTES["url"]]
    revise_label(
        evidence, unit, reviewer(check.project, "alice"),
        answers=answers_for(evidence, verdict={"missing": "cannot_judge"}), evidence=[],
        idempotency_key="taken-out-again", codebook_version_id=check.codebook_version_id, expected_seq=1,
    )  # fmt: skip
    assert checked_evidence(check, unit) == []


def test_the_copy_of_a_page_is_read_by_who_checks_it_and_by_no_other_reviewer() -> None:
    evidence, check = make_check()
    picture = SimpleUploadedFile("minutes.png", b"\x89PNG\r\n\x1a\n")
    copy = keep_screenshot(reviewer(check.project, "alice"), picture)
    unit = bring(evidence, "alice", SUPPORTED, MINUTES | {"screenshot": copy.key})
    assert [one.screenshot for one in checked_evidence(check, unit)] == [copy.key]
    bob, dora = (member(check.project, name) for name in ("bob", "dora"))
    with pytest.raises(NotFound):
        visible_copy(copy.key, bob, reviewer(check.project, "bob"))
    draw_next(check, reviewer(check.project, "bob"))
    assert visible_copy(copy.key, bob, reviewer(check.project, "bob")) == copy
    with pytest.raises(NotFound):
        visible_copy(copy.key, dora, reviewer(check.project, "dora"))


def test_a_reservation_that_ran_out_does_not_put_one_person_on_both_sides() -> None:
    """Dora let her check run out, brought the second evidence, and sends the old form of her check."""
    evidence, check = make_check()
    bring(evidence, "alice", SUPPORTED, MINUTES)
    drawn = draw_next(check, reviewer(check.project, "dora"))
    assert drawn is not None
    Assignment.objects.filter(pk=drawn.pk).update(expires_at=timezone.now() - timezone.timedelta(minutes=1))
    give_back_expired()
    judge(check, "bob", REFUTED)
    sent: dict[str, Any] = {"answers": {"verdict": REFUTED}, "codebook_version_id": check.codebook_version_id}
    dora = reviewer(check.project, "dora")
    with pytest.raises(Conflict, match="More evidence"):
        submit_label(check, drawn.unit, dora, idempotency_key="before-it-is-in", **sent)
    bring(evidence, "dora", REFUTED, REPORT)
    with pytest.raises(Conflict, match="does not check it"):
        submit_label(check, drawn.unit, dora, idempotency_key="after-it-is-in", **sent)
    assert Label.objects.filter(round=check, reviewer=dora).count() == 0


def test_figures_compare_first_verdicts_with_the_free_marginal_kappa() -> None:
    """Randolph 2005: with q choices and an observed agreement p, kappa is (p - 1/q) / (1 - 1/q)."""
    evidence, check = make_check(units=4)
    for verdict in (SUPPORTED, SUPPORTED, SUPPORTED, REFUTED):
        bring(evidence, "alice", verdict, MINUTES, REPORT)
    for _ in range(4):
        judge(check, "bob", SUPPORTED)
    check.refresh_from_db()
    figure = figures_of(check, standing_of(check))[0]
    q = check.codebook_version.questions.get(code="verdict").choices.count()
    assert (figure.n, figure.same) == (4, 3)
    assert figure.kappa.value == pytest.approx((0.75 - 1 / q) / (1 - 1 / q))


@pytest.mark.parametrize(
    ("brought", "judged", "same"),
    [
        (["a"], ["a"], True),
        (["a"], ["b"], False),
        (["a", "a", "b"], ["a"], True),
        (["a", "b"], ["a"], False),  # nobody leads
        (["a"], ["a", "b"], False),
        (["a"], [], False),
        ([], [], True),
    ],
)
def test_sides_are_the_same_when_one_answer_leads_on_both(brought: list[str], judged: list[str], same: bool) -> None:
    assert is_same({"q": tuple(brought)}, {"q": tuple(judged)}, ["q"]) is same
    assert leading([]) is None


def test_a_check_is_planned_for_a_round_that_fits() -> None:
    project = make_project()
    book, other = make_codebook(project), make_codebook(project, "factcheck")
    evidence = make_round(project, units=1, codebook=book)
    plan: dict[str, Any] = {"by": owner_of(project), "purpose": "evidence_check"}
    with pytest.raises(Refused, match="codebook version"):
        create_round(project, name="a", codebook_version=other, checks=evidence, **plan)
    with pytest.raises(Refused, match="purpose"):
        create_round(project, name="b", codebook_version=book, checks=evidence, **plan | {"purpose": "main"})
    with pytest.raises(Refused, match="asks, too"):
        create_round(project, name="c", codebook_version=book, checks=evidence, questions=["evidence"], **plan)
    elsewhere = make_round(make_project(), units=1)
    with pytest.raises(Refused, match="of this project"):
        create_round(project, name="d", codebook_version=book, checks=elsewhere, **plan)
    made = create_round(project, name="e", codebook_version=book, **plan)
    with pytest.raises(Conflict, match="whose evidence"):
        open_round(made, by=owner_of(project))
    amended = amend_round(made, changes={"checks": evidence}, expected=1, by=owner_of(project))
    assert (amended.checks, amended.questions) == (evidence, ["verdict"])


def test_page_and_api_show_both_verdicts_to_those_who_see_agreement(client: Client) -> None:
    evidence, check = make_check()
    unit = bring(evidence, "alice", SUPPORTED, MINUTES)
    judge(check, "bob", REFUTED)
    address = f"/p/{check.project.slug}/rounds/{check.pk}/check/"
    client.force_login(owner_of(check.project))
    shown = client.get(address)
    assert shown.status_code == 200
    assert "back for more evidence" in shown.content.decode()
    assert client.get(f"{address}?state=confirmed").context["rows"] == []
    assert client.get(f"/p/{check.project.slug}/rounds/{evidence.pk}/check/").status_code == 404
    found = Caller(owner_of(check.project)).get(f"rounds/{check.pk}/check/").json()
    assert found["results"] == [
        {
            "unit": unit.pk,
            "state": "returned",
            "brought": [{"question": "verdict", "answers": [SUPPORTED]}],
            "judged": [{"question": "verdict", "answers": [REFUTED]}],
            "brought_later": [],
            "judged_later": [],
        }
    ]
    assert found["figures"][0]["same"] == 0
    assert Caller(member(check.project, "bob")).get(f"rounds/{check.pk}/check/").status_code == 403


def test_the_page_of_a_round_leads_to_the_plan_of_its_check(client: Client) -> None:
    project = make_project()
    evidence = make_round(project, units=1)
    client.force_login(owner_of(project))
    page = client.get(f"/p/{project.slug}/rounds/{evidence.pk}/").content.decode()
    address = f"/p/{project.slug}/rounds/new/?preset=evidence_check&checks={evidence.pk}"
    assert address.replace("&", "&amp;") in page
    form = client.get(address).context["form"]
    assert form["checks"].value() == evidence.pk
    filled = {field: form[field].value() for field in form.fields}
    sent = {field: value for field, value in filled.items() if value not in (None, False)}
    assert client.post(f"/p/{project.slug}/rounds/new/", sent).status_code == 303
    assert Round.objects.get(checks=evidence).questions == ["verdict"]


def test_who_checks_may_submit_without_evidence_of_their_own() -> None:
    evidence, check = make_check()
    unit = bring(evidence, "alice", SUPPORTED, MINUTES)
    draw_next(check, reviewer(check.project, "bob"))
    label(check, unit, reviewer(check.project, "bob"), verdict=SUPPORTED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM claims_evidenceitem")
        assert cursor.fetchone()[0] == 1
