"""Counting, scoring and recounting on the real database, from labels that were really submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from claims import jobs
from claims.agreement.actions import enqueue_lost_folds, enqueue_recounts, recount_round, score_round
from claims.agreement.folding import fold_units, plan_round, take_pending
from claims.errors import NotFound, NotPermitted
from claims.models import (
    AgreementScore,
    AuditEvent,
    Job,
    Label,
    PatternCount,
    PendingFold,
    Project,
    Reviewer,
    Round,
    RoundUnit,
    UnitPattern,
)
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.tables import table_from_matrix
from tests import factories
from tests.agreement.builders import counting_state, label_all, touch

pytestmark = pytest.mark.django_db

STANCES = {"supports": 0, "refutes": 1, "questions": 2, "reports": 3, "unrelated": 4}
ALICE = ["supports", "supports", "refutes", "reports"]
BOB = ["supports", "supports", "supports", "questions"]


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", oscar="observer")


def score(round_: Round, coefficient: str, **place: str) -> AgreementScore:
    where = {"question": "stance", "view": "full", "phase": "first", "stratum": "all"} | place
    return AgreementScore.objects.get(round=round_, coefficient=coefficient, **where)


def test_it_works(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    assert not PendingFold.objects.exists()
    matrix = [[STANCES[one], STANCES[other]] for one, other in zip(ALICE, BOB, strict=True)]
    expected = score_labels(table_from_matrix(matrix, 5), "krippendorff_alpha", Scale(5))
    alpha = score(round_, "krippendorff_alpha_nominal")
    assert alpha.value == pytest.approx(expected.value)
    assert (alpha.n_units, alpha.n_pairable, alpha.n_labels, alpha.n_reviewers) == (4, 4, 8, 2)
    assert alpha.as_of == Label.objects.order_by("-event_id")[0].event_id
    assert score(round_, "percent_agreement").value == pytest.approx(0.5)
    assert UnitPattern.objects.filter(round=round_, question="stance", is_split=True).count() == 2
    assert set(Job.objects.filter(kind="fold_round").values_list("state", flat=True)) == {"succeeded"}


def test_the_collapsed_view_is_scored_beside_the_full_scale(project: Project) -> None:
    """Questioning a claim counts as reporting it there, so the fourth unit is agreement."""
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    assert score(round_, "percent_agreement", view="collapsed").value == pytest.approx(0.75)


def test_claims_of_one_article_have_no_interval(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    alpha = score(round_, "krippendorff_alpha_nominal")
    assert (alpha.low, alpha.high, alpha.interval) == (None, None, "too_few_articles")


def test_intervals_resample_articles(project: Project) -> None:
    for _ in range(3):
        factories.make_claims(project, 2)
    round_ = factories.make_round(project)
    stances = ["supports", "refutes"] * 3
    label_all(round_, project, alice=stances, bob=[*stances[:2], "supports", "refutes", "refutes", "refutes"])
    alpha = score(round_, "krippendorff_alpha_nominal")
    assert alpha.interval == "jackknife_t by article, 3"
    assert alpha.low is not None
    assert alpha.low < (alpha.value or 0) <= (alpha.high or 0)


UNDEFINED: list[tuple[dict[str, list[str]], str]] = [
    ({"alice": ["supports", "refutes"]}, "no_pairable_units"),
    ({"alice": ["supports"], "bob": ["supports"]}, "no_variation"),
    ({}, "no_labels"),
]


@pytest.mark.parametrize(("answers", "reason"), UNDEFINED)
def test_undefined_is_null_with_a_reason(project: Project, answers: dict[str, list[str]], reason: str) -> None:
    round_ = factories.make_round(project, units=2)
    label_all(round_, project, **answers)
    score_round(round_)
    alpha = score(round_, "krippendorff_alpha_nominal")
    assert (alpha.value, alpha.reason) == (None, reason)


def test_missing_answers_void_labels_machines_and_control_items_do_not_count(project: Project) -> None:
    round_ = factories.make_round(project, units=4, overlap=3)
    machine = Reviewer.objects.create(project=project, kind="machine", name="Model 1")
    label_all(round_, project, alice=ALICE, bob=BOB)
    labels = Label.objects.filter(round=round_, question="stance").order_by("unit", "reviewer")
    first, second, third, fourth = (labels[n] for n in (0, 2, 4, 6))
    Label.objects.filter(pk=first.pk).update(value=None, missing="cannot_judge")
    Label.objects.filter(pk=second.pk).update(is_void=True)
    Label.objects.filter(pk=third.pk).update(reviewer=machine)
    RoundUnit.objects.filter(round=round_, unit=fourth.unit_id).update(is_control=True)
    touch(round_, [label.unit_id for label in (first, second, third, fourth)])
    factories.run_jobs()
    counts = counting_state(round_)[0]
    assert {unit: sum(pattern) for (unit, question, _), pattern in counts.items() if question == "stance"} == {
        label.unit_id: 1 for label in (first, second, third)
    }


def test_a_revised_answer_moves_the_unit(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    label_all(round_, project, alice=["supports"], bob=["supports"])
    own = Label.objects.get(round=round_, question="stance", reviewer__user__username__startswith="alice")
    Label.objects.filter(pk=own.pk).update(value="refutes")
    touch(round_, [own.unit_id])
    factories.run_jobs()
    pattern = UnitPattern.objects.get(round=round_, question="stance")
    assert (pattern.counts, pattern.is_split) == ([1, 1, 0, 0, 0], True)
    counted = PatternCount.objects.filter(round=round_, question="stance", stratum="all", article=None)
    assert list(counted.values_list("counts", "n_units")) == [([1, 1, 0, 0, 0], 1)]


def test_a_unit_whose_labels_all_go_leaves_no_trace(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    label_all(round_, project, alice=["supports"])
    Label.objects.filter(round=round_).update(is_void=True)
    touch(round_, list(Label.objects.values_list("unit_id", flat=True)))
    factories.run_jobs()
    assert counting_state(round_) == ({}, {})
    assert score(round_, "krippendorff_alpha_nominal").reason == "no_labels"


def test_phases_are_never_mixed(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    label_all(round_, project, alice=["supports"], bob=["refutes"])
    for label in Label.objects.filter(round=round_, question="stance"):
        Label.objects.create(
            round=round_, unit_id=label.unit_id, question="stance", reviewer=label.reviewer, event=label.event,
            phase="after_discussion", value="refutes",
        )  # fmt: skip
    touch(round_, [Label.objects.first().unit_id])  # type: ignore[union-attr]
    factories.run_jobs()
    assert score(round_, "percent_agreement").value == 0
    assert score(round_, "percent_agreement", phase="after_discussion").value == 1


def test_ft_03_same_message_twice_gives_the_same_rows(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    state, scores = counting_state(round_), list(AgreementScore.objects.order_by("pk").values_list("value", "as_of"))
    job = Job.objects.filter(kind="fold_round").latest("pk")
    jobs.run(job.pk, dict.fromkeys(["fold_round"], lambda _: pytest.fail("an ended job is not run again")))
    jobs.enqueue("fold_round", args={"round": round_.pk})
    factories.run_jobs()
    touch(round_, list(RoundUnit.objects.filter(round=round_).values_list("unit_id", flat=True)) * 2)
    factories.run_jobs()
    assert counting_state(round_) == state
    assert list(AgreementScore.objects.order_by("pk").values_list("value", "as_of")) == scores


def test_a_fold_that_dies_folds_nothing_and_the_next_one_all(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    for _ in ALICE:
        factories.label_next(round_, factories.reviewer(project, "alice"))
    waiting = PendingFold.objects.count()

    class WorkerDied(BaseException):
        pass

    def fold_and_die() -> None:
        with transaction.atomic():
            units, _ = take_pending(round_)
            fold_units(round_, plan_round(round_), units)
            raise WorkerDied

    with pytest.raises(WorkerDied):
        fold_and_die()
    assert PendingFold.objects.count() == waiting == 4
    assert counting_state(round_) == ({}, {})
    factories.run_jobs()
    assert len(counting_state(round_)[0]) == 8  # two required questions


def test_a_late_score_changes_nothing(project: Project) -> None:
    round_ = factories.make_round(project, units=2)
    label_all(round_, project, alice=["supports", "refutes"], bob=["supports", "refutes"])
    AgreementScore.objects.update(as_of=10**12)
    score_round(round_, as_of=5)
    assert set(AgreementScore.objects.values_list("as_of", flat=True)) == {10**12}


def test_co_13_a_hundred_triggers_are_one_job(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    before = Job.objects.filter(kind="fold_round").count()
    for _ in range(100):
        jobs.enqueue_once("fold_round", key=str(round_.pk), args={"round": round_.pk})
    assert Job.objects.filter(kind="fold_round").count() == before + 1
    factories.run_jobs()
    final = score(round_, "krippendorff_alpha_nominal").value
    assert recount_round(round_) == []
    assert score(round_, "krippendorff_alpha_nominal").value == final


def test_recount_finds_nothing_where_nothing_is_wrong(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    state = counting_state(round_)
    assert recount_round(round_) == []
    assert counting_state(round_) == state


def test_labels_that_wait_to_be_folded_are_behind_not_wrong(project: Project) -> None:
    round_ = factories.make_round(project, units=2)
    factories.label_next(round_, factories.reviewer(project, "alice"))
    assert recount_round(round_) == []
    factories.run_jobs()
    assert recount_round(round_) == []


def test_recount_puts_right_what_was_damaged_and_tells(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE, bob=BOB)
    state = counting_state(round_)
    damaged = UnitPattern.objects.filter(round=round_, question="stance").order_by("unit")[0]
    UnitPattern.objects.filter(pk=damaged.pk).update(counts=[0, 2, 0, 0, 0])
    PatternCount.objects.filter(round=round_, question="sentence_bias").update(n_units=7)
    jobs.enqueue("recount_round", args={"round": round_.pk})
    factories.run_jobs()
    job = Job.objects.get(kind="recount_round")
    assert (job.state, job.reason) == ("partial", "recount_differed")
    assert counting_state(round_) == state
    assert recount_round(round_) == []


def test_recount_by_a_person_is_audited_once(project: Project) -> None:
    round_ = factories.make_round(project, units=1)
    recount_round(round_, by=factories.owner_of(project))
    [event] = AuditEvent.objects.filter(verb="recount_round")
    assert event.details == {"differences": 0}


@pytest.mark.parametrize(("name", "refusal"), [("alice", NotPermitted), ("oscar", NotPermitted), ("", NotFound)])
def test_who_may_not_recount(project: Project, name: str, refusal: type[Exception]) -> None:
    round_ = factories.make_round(project, units=1)
    by: Any = factories.member(project, name) if name else factories.make_user()
    with pytest.raises(refusal):
        recount_round(round_, by=by)


def test_nightly_recounts_rounds_that_can_change(project: Project) -> None:
    running = factories.make_round(project, units=1)
    closed = factories.make_round(project)
    Round.objects.filter(pk=closed.pk).update(state="closed")
    enqueue_recounts()
    enqueue_recounts()
    assert [job.args for job in Job.objects.filter(kind="recount_round")] == [{"round": running.pk}]


def test_what_a_dead_fold_left_is_folded_without_another_label(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_all(round_, project, alice=ALICE)
    touch(round_, list(RoundUnit.objects.filter(round=round_).values_list("unit_id", flat=True)))
    dead = Job.objects.filter(kind="fold_round", state="queued")
    dead.update(state="failed", reason="worker_lost", ended_at=Now(), project=project)
    enqueue_lost_folds()
    assert not Job.objects.filter(kind="fold_round", state="queued").exists()  # it rests for a minute
    Job.objects.filter(kind="fold_round", state="failed").update(ended_at=Now() - timedelta(minutes=2))
    enqueue_lost_folds()
    enqueue_lost_folds()
    assert Job.objects.filter(kind="fold_round", state="queued").count() == 1
    factories.run_jobs()
    assert not PendingFold.objects.exists()
    enqueue_lost_folds()
    assert not Job.objects.filter(kind="fold_round", state="queued").exists()
