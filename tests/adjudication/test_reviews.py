"""Acts on a reviewer's work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from claims.adjudication.reviews import reply_to_review, review_work
from claims.agreement.actions import recount_round
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.labelling.chain import verify_labels
from claims.models import (
    Assignment,
    AuditEvent,
    Label,
    LabelEvent,
    Notice,
    PatternCount,
    Project,
    Reviewer,
    Round,
    WorkReview,
)
from claims.permissions import can_label
from tests import factories
from tests.agreement.builders import label_all

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", clio="curator", olga="observer")


@pytest.fixture
def round_(project: Project) -> Round:
    round_ = factories.make_round(project, units=2)
    label_all(round_, project, alice=["supports"] * 2, bob=["supports"] * 2)
    return round_


@pytest.fixture
def bob(project: Project) -> Reviewer:
    return factories.reviewer(project, "bob")


def act(who: Reviewer, kind: str, **more: object) -> WorkReview:
    return review_work(who, kind, **({"words": "Because.", "by": factories.owner_of(who.project)} | more))  # type: ignore[arg-type]


def test_it_works(project: Project, round_: Round, bob: Reviewer) -> None:
    """Pausing is told with its reason, kept, audited, and ends with resuming."""
    review = act(bob, "pause", words="Please read the guideline on “reports” again.")
    bob.refresh_from_db()
    assert (bob.state, can_label(bob, round_)) == ("paused", False)
    notice = Notice.objects.get(user=bob.user, kind="paused")
    assert (notice.subject, notice.body) == ("Your work is paused", review.words)
    assert AuditEvent.objects.get(verb="review_pause").details == {"reviewer": bob.pk, "units": 0}
    with pytest.raises(Conflict):
        act(bob, "pause")
    act(bob, "resume")
    bob.refresh_from_db()
    assert can_label(bob, round_)


def test_voided_answers_are_kept_and_count_no_more_and_their_places_are_free(round_: Round, bob: Reviewer) -> None:
    review = act(bob, "void_range", round_=round_, first_day=TODAY, last_day=TODAY)
    factories.run_jobs()
    assert review.n_units == 2
    own = Label.objects.filter(round=round_, reviewer=bob)
    assert set(own.values_list("is_void", flat=True)) == {True}
    counts = PatternCount.objects.filter(round=round_, question="stance", stratum="all", article=None)
    assert [(row.counts[0], row.n_units) for row in counts] == [(1, 2)]
    assert recount_round(round_) == []
    states = Assignment.objects.filter(round=round_).order_by("unit", "pk").values_list("state", flat=True)
    assert sorted(states) == ["open", "open", "submitted", "submitted", "voided", "voided"]
    assert LabelEvent.objects.filter(reviewer=bob, kind="voided").count() == 2


def test_what_was_taken_out_counts_again_in_its_place_and_in_the_chain(round_: Round, bob: Reviewer) -> None:
    days = {"round_": round_, "first_day": TODAY, "last_day": TODAY}
    act(bob, "void_range", **days)
    factories.run_jobs()
    review = act(bob, "unvoid_range", words="The guideline was unclear; you were right.", **days)
    factories.run_jobs()
    assert review.n_units == 2
    assert not Label.objects.filter(round=round_, is_void=True).exists()
    counts = PatternCount.objects.filter(round=round_, question="stance", stratum="all", article=None)
    assert [(row.counts[0], row.n_units) for row in counts] == [(2, 2)]
    assert recount_round(round_) == []
    states = Assignment.objects.filter(round=round_).values_list("state", flat=True)
    assert sorted(states) == ["submitted"] * 4 + ["withdrawn"] * 2
    kinds = LabelEvent.objects.filter(reviewer=bob).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["submitted"] * 2 + ["voided"] * 2 + ["revised"] * 2
    assert list(verify_labels(round_.project)) == []
    assert Notice.objects.filter(user=bob.user, subject="Some of your answers count again").count() == 1
    with pytest.raises(Refused, match="was taken out of this round"):
        act(bob, "unvoid_range", **days)


def test_who_answered_meanwhile_keeps_the_place(project: Project, round_: Round, bob: Reviewer) -> None:
    days = {"round_": round_, "first_day": TODAY, "last_day": TODAY}
    act(bob, "void_range", **days)
    factories.label_next(round_, factories.reviewer(project, "clio"), stance="supports")
    act(bob, "unvoid_range", **days)
    factories.run_jobs()
    counts = PatternCount.objects.filter(round=round_, question="stance", stratum="all", article=None)
    assert sorted((row.counts[0], row.n_units) for row in counts) == [(2, 1), (3, 1)]
    assert recount_round(round_) == []


def test_asking_to_look_again_changes_nothing(round_: Round, bob: Reviewer) -> None:
    review = act(bob, "reopen_range", round_=round_, first_day=TODAY, last_day=TODAY)
    assert review.n_units == 2
    assert Assignment.objects.filter(round=round_, state="submitted").count() == 4
    assert Notice.objects.filter(user=bob.user, kind="reopened").count() == 1


def test_a_reviewer_replies_once_and_who_acted_is_told(bob: Reviewer) -> None:
    review = act(bob, "message")
    assert bob.user is not None
    reply = reply_to_review(review, "I followed example 3.", by=bob.user)
    assert (reply.replies_to, reply.words) == (review, "I followed example 3.")
    assert Notice.objects.filter(user=review.created_by, subject__contains="replied").exists()
    with pytest.raises(Conflict):
        reply_to_review(review, "And another thing.", by=bob.user)


def test_nobody_replies_for_somebody_else(project: Project, bob: Reviewer) -> None:
    with pytest.raises(NotFound):
        reply_to_review(act(bob, "message"), "Mine.", by=factories.member(project, "alice"))


def test_nobody_acts_on_their_own_work(project: Project) -> None:
    clio = factories.reviewer(project, "clio")
    with pytest.raises(NotPermitted, match="own work"):
        review_work(clio, "pause", words="x", by=factories.member(project, "clio"))


@pytest.mark.parametrize("name", ["alice", "olga"])
def test_only_owners_and_curators_act(project: Project, bob: Reviewer, name: str) -> None:
    with pytest.raises(NotPermitted):
        review_work(bob, "pause", words="x", by=factories.member(project, name))


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("message", {"words": "  "}, "words_missing"),
        ("explode", {}, "unknown_kind"),
        ("reply", {}, "unknown_kind"),
        ("void_range", {}, "range_missing"),
        ("void_range", {"first_day": TODAY, "last_day": TODAY - timedelta(1)}, "range_missing"),
        ("reopen_range", {"first_day": TODAY - timedelta(9), "last_day": TODAY - timedelta(9)}, "range_empty"),
    ],
)
def test_what_is_refused(round_: Round, bob: Reviewer, kind: str, more: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        act(bob, kind, round_=round_, **more)
    assert refused.value.code == code
    assert not WorkReview.objects.exists()


def test_a_round_of_another_project_is_not_found(bob: Reviewer) -> None:
    foreign = factories.make_round(factories.make_project("Other"), units=1)
    with pytest.raises(NotFound):
        act(bob, "void_range", round_=foreign, first_day=TODAY, last_day=TODAY)


def test_what_was_said_is_never_changed(bob: Reviewer) -> None:
    review = act(bob, "message")
    for change in (review.delete, lambda: WorkReview.objects.update(words="Nothing.")):
        with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
            change()
