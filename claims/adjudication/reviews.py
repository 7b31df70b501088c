"""The writes of the review of work: each with a reason, audited, told to the reviewer, who may reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.urls import reverse

from claims import audit, jobs, notices, webhooks
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.models import (
    Assignment,
    Label,
    LabelEvent,
    PendingFold,
    Project,
    Reviewer,
    Round,
    RoundReviewer,
    User,
    WorkReview,
)
from claims.models.review import RANGED_KINDS, REVIEW_KINDS
from claims.models.round import ACTIVE
from claims.permissions import check_can, check_not_archived
from claims.text import clean_text

WORDS_CHARS = 5_000
VOID_REASON = "review of work"
STATES = {"pause": ("active", "paused"), "resume": ("paused", "active")}
SUBJECTS = {
    "message": "A message about your work",
    "requalify": "You are asked to qualify again",
    "pause": "Your work is paused",
    "resume": "Your work is resumed",
    "reopen_range": "You are asked to look at some of your answers again",
    "void_range": "Some of your answers no longer count",
    "unvoid_range": "Some of your answers count again",
}


def review_work(
    reviewer: Reviewer,
    kind: str,
    *,
    words: str,
    by: User,
    round_: Round | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> WorkReview:
    """Act on somebody's work. `words` is the reason, which the reviewer reads.

    reopen_range asks them to look at what they submitted in the round on these days; nothing is changed. void_range
    takes it out of scores and releases; the answers stay in the record, and in an open round the places are free again.
    unvoid_range takes that back: what was voided in the range counts again, beside what others answered meanwhile.
    """
    project = reviewer.project
    check_can("review_work", by, project)
    check_not_archived(project)
    reason = _check_words(words)
    if kind not in REVIEW_KINDS or kind == "reply":
        raise Refused("unknown_kind", f"{kind!r} is not something to do here; known: {', '.join(SUBJECTS)}.")
    if reviewer.user_id == by.pk:
        raise NotPermitted("own_work", "Nobody acts on their own work. Ask another curator.")
    if kind in RANGED_KINDS:
        _check_range(project, round_, first_day, last_day)
    else:
        round_ = first_day = last_day = None
    with transaction.atomic():
        n_units = _do(reviewer, kind, round_, (first_day, last_day))
        review = WorkReview.objects.create(
            project=project, reviewer=reviewer, kind=kind, words=reason, round=round_, first_day=first_day,
            last_day=last_day, n_units=n_units, created_by=by,
        )  # fmt: skip
        audit.record(f"review_{kind}", review, by=by, reviewer=reviewer.pk, units=n_units)
        _tell(reviewer, review)
        if kind == "pause":
            webhooks.emit(project, "reviewer.paused", f"review {review.pk}", {"reviewer": reviewer.pk})
    return review


def reply_to_review(review: WorkReview, words: str, *, by: User) -> WorkReview:
    """The reviewer answers for themselves, once for each act; who acted is told."""
    reviewer = review.reviewer
    if reviewer.user_id != by.pk or review.kind == "reply":
        raise NotFound
    check_can("label", by, review.project)
    said = _check_words(words)
    with transaction.atomic():
        list(WorkReview.objects.select_for_update(no_key=True).filter(pk=review.pk).values_list("pk"))
        if review.replies.exists():
            raise Conflict("replied_already", "You have replied to this. Wait for an answer, or write to the curators.")
        reply = WorkReview.objects.create(
            project=review.project, reviewer=reviewer, kind="reply", words=said, replies_to=review, created_by=by
        )
        audit.record("reply_to_review", reply, by=by, review=review.pk)
        if review.created_by is not None:
            notices.send_message(
                review.created_by, kind="reopened", subject=f"{reviewer.name} replied about their work",
                project=review.project, path=reverse("reviewer", args=[review.project.slug, reviewer.pk]),
            )  # fmt: skip
    return reply


def _check_words(words: str) -> str:
    found = clean_text(words, limit=WORDS_CHARS, code="words_too_long").text.strip()
    if not found:
        raise Refused("words_missing", "Give a reason: the reviewer reads it and may reply.")
    return found


def _check_range(project: Project, round_: Round | None, first_day: date | None, last_day: date | None) -> None:
    if round_ is None or first_day is None or last_day is None or last_day < first_day:
        raise Refused("range_missing", "Choose a round and two days, the first not after the last.")
    if round_.project_id != project.pk:
        raise NotFound


def _do(reviewer: Reviewer, kind: str, round_: Round | None, days: Sequence[date | None]) -> int:
    if kind in STATES:
        before, after = STATES[kind]
        if not Reviewer.objects.filter(pk=reviewer.pk, state=before).update(state=after):
            raise Conflict("state_changed", f"{reviewer.name} is not {before} now. Look at the card again.")
    if round_ is None:
        return 0
    if kind == "void_range":
        return _void(reviewer, round_, days)
    if kind == "unvoid_range":
        return _unvoid(reviewer, round_, days)
    n = submitted_in(reviewer, round_, days).count()
    if not n:
        raise Refused("range_empty", f"{reviewer.name} submitted nothing in this round on these days.")
    return n


def submitted_in(reviewer: Reviewer, round_: Round, days: Sequence[date | None]) -> QuerySet[Assignment]:
    return _ended_in(reviewer, round_, days).filter(state="submitted")


def voided_in(reviewer: Reviewer, round_: Round, days: Sequence[date | None]) -> QuerySet[Assignment]:
    """What a review of work voided, and only that: answers about words that changed stay void."""
    return _ended_in(reviewer, round_, days).filter(state="voided", reason=VOID_REASON)


def _ended_in(reviewer: Reviewer, round_: Round, days: Sequence[date | None]) -> QuerySet[Assignment]:
    first, last = days
    return Assignment.objects.filter(
        round=round_, reviewer=reviewer, ended_at__date__gte=first, ended_at__date__lte=last
    )


def _void(reviewer: Reviewer, round_: Round, days: Sequence[date | None]) -> int:
    """Locked in the order of all who touch a round: round, slots, walk."""
    locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
    slots = list(submitted_in(reviewer, locked, days).select_for_update(no_key=True).order_by("pk"))
    if not slots:
        raise Refused("range_empty", f"{reviewer.name} submitted nothing in this round on these days.")
    list(RoundReviewer.objects.select_for_update(no_key=True).filter(round=locked, reviewer=reviewer).values_list("pk"))
    units = [slot.unit_id for slot in slots]
    Assignment.objects.filter(pk__in=[slot.pk for slot in slots]).update(state="voided", reason=VOID_REASON)
    Label.objects.filter(round=locked, reviewer=reviewer, unit__in=units).update(is_void=True)
    RoundReviewer.objects.filter(round=locked, reviewer=reviewer).update(done=F("done") - len(slots))
    if locked.state in ("open", "paused"):
        Assignment.objects.bulk_create(
            Assignment(round=locked, unit_id=slot.unit_id, slot=slot.slot, position=slot.position) for slot in slots
        )
    _follow(reviewer, locked, slots)
    return len(slots)


def _unvoid(reviewer: Reviewer, round_: Round, days: Sequence[date | None]) -> int:
    """Places that were freed and wait still are taken back; where somebody else holds or filled one, the answers stand
    in a place of their own."""
    locked = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
    slots = list(voided_in(reviewer, locked, days).select_for_update(no_key=True).order_by("pk"))
    if not slots:
        raise Refused(
            "range_empty", f"Nothing that {reviewer.name} submitted on these days was taken out of this round."
        )
    units = [slot.unit_id for slot in slots]
    _place_again(locked, slots)
    list(RoundReviewer.objects.select_for_update(no_key=True).filter(round=locked, reviewer=reviewer).values_list("pk"))
    Label.objects.filter(round=locked, reviewer=reviewer, unit__in=units).update(is_void=False)
    RoundReviewer.objects.filter(round=locked, reviewer=reviewer).update(done=F("done") + len(slots))
    _follow(reviewer, locked, slots)
    return len(slots)


def _place_again(round_: Round, slots: Sequence[Assignment]) -> None:
    others = (
        Assignment.objects.filter(round=round_, unit__in=[slot.unit_id for slot in slots])
        .select_for_update(no_key=True)
        .order_by("pk")
    )
    highest: Counter[int] = Counter()
    active: dict[tuple[int, int], Assignment] = {}
    for other in others:
        highest[other.unit_id] = max(highest[other.unit_id], other.slot)
        if other.state in ACTIVE:
            active[other.unit_id, other.slot] = other
    for slot in slots:
        held = active.get((slot.unit_id, slot.slot))
        if held is not None and held.state == "open":
            held.state, held.reason = "withdrawn", VOID_REASON
            held.save(update_fields=["state", "reason"])
        elif held is not None:
            highest[slot.unit_id] += 1
            slot.slot = highest[slot.unit_id]
        slot.state, slot.reason = "submitted", ""
        slot.save(update_fields=["state", "reason", "slot"])


def _follow(reviewer: Reviewer, round_: Round, slots: Sequence[Assignment]) -> None:
    """Figures and the reviewer's chain say it too."""
    newest = LabelEvent.objects.filter(reviewer=reviewer).aggregate(last=Max("id"))["last"] or 0
    PendingFold.objects.bulk_create(PendingFold(round=round_, unit_id=slot.unit_id, event_id=newest) for slot in slots)
    jobs.enqueue_once("fold_round", key=str(round_.pk), args={"round": round_.pk}, project=round_.project)
    asked = {"round": round_.pk, "assignments": [slot.pk for slot in slots]}
    jobs.enqueue("chain_corrections", project=round_.project, args=asked)


def _tell(reviewer: Reviewer, review: WorkReview) -> None:
    if reviewer.user is not None:
        notices.send_message(
            reviewer.user,
            kind="paused" if review.kind in STATES else "reopened",
            subject=SUBJECTS[review.kind],
            body=review.words,
            project=review.project,
            path=reverse("my-labels", args=[review.project.slug]) + "#work",
        )
