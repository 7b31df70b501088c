"""Pausing whoever answers too few control items rightly. What is right is what people settled in another round."""

from __future__ import annotations

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims import audit, jobs, notices, webhooks
from claims.adjudication.lists import NO_CHAIN
from claims.models import Job, Membership, Reviewer, Round, WorkReview
from claims.permissions import ALLOWED

LEAST = 5  # answers: fewer say nothing about anybody

# Answers since the reviewer's work was resumed last, against the newest settlement of the same question elsewhere.
TALLY = f"""
SELECT l.reviewer_id, count(*), count(*) FILTER (WHERE l.value = k.value)
FROM claims_roundunit ru
JOIN claims_label l ON l.round_id = ru.round_id AND l.unit_id = ru.unit_id AND l.phase = 'first' AND NOT l.is_void
JOIN claims_labelevent e ON e.id = l.event_id
JOIN claims_reviewer w ON w.id = l.reviewer_id AND w.kind = 'human' AND w.state = 'active'
JOIN LATERAL (SELECT s.outcome, s.value FROM claims_settledlabel s
              WHERE s.unit_id = l.unit_id AND s.question = l.question AND s.round_id <> l.round_id
              ORDER BY s.id DESC LIMIT 1) k ON k.outcome = 'answer' AND k.value IS NOT NULL
WHERE ru.round_id = %(round)s AND ru.is_control AND {NO_CHAIN}
  AND e.created_at > COALESCE((SELECT max(created_at) FROM claims_workreview v
                               WHERE v.reviewer_id = l.reviewer_id AND v.kind = 'resume'), '-infinity')
GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - of our own words
WORDS = _(
    "Some of the units that you are given have a known answer, and fewer of yours agree with it than this round asks "
    "for. That can have many reasons. Your work is paused; a curator looks at it with you, and you may reply here."
)


def run_check_controls(job: Job) -> None:
    """Pause those whose share of right answers lies under the round's floor, and tell them and the curators."""
    with jobs.chunk(job):
        round_ = Round.objects.select_related("project").get(pk=job.args["round"])
        low = _too_low(round_)
        for reviewer in Reviewer.objects.filter(pk__in=low).select_related("user").order_by("pk"):
            _pause(round_, reviewer, *low[reviewer.pk])
        job.counts = {"paused": len(low)}
        jobs.finish(job, "succeeded")


def _too_low(round_: Round) -> dict[int, tuple[int, int]]:
    """Reviewer -> (answers, right ones)."""
    if round_.control_floor is None or round_.state != "open":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(TALLY, {"round": round_.pk})
        return {who: (n, right) for who, n, right in cursor if n >= LEAST and right < round_.control_floor * n}


@transaction.atomic
def _pause(round_: Round, reviewer: Reviewer, n: int, right: int) -> None:
    if not Reviewer.objects.filter(pk=reviewer.pk, state="active").update(state="paused"):
        return  # somebody was quicker
    project = round_.project
    review = WorkReview.objects.create(project=project, reviewer=reviewer, kind="pause", words=str(WORDS))
    audit.record("review_pause", review, by=None, reviewer=reviewer.pk, round=round_.pk, answers=n, right=right)
    webhooks.emit(project, "reviewer.paused", f"review {review.pk}", {"reviewer": reviewer.pk})
    if reviewer.user is not None:
        notices.send_message(
            reviewer.user, kind="paused", subject=_("Your work is paused"), body=WORDS, project=project,
            path=reverse("my-labels", args=[project.slug]) + "#work",
        )  # fmt: skip
    for seat in Membership.objects.filter(project=project, role__in=ALLOWED["review_work"]).select_related("user"):
        notices.send_message(
            seat.user, kind="paused", subject=f"{reviewer.name} was paused: {right} of {n} control items right",
            project=project, path=reverse("reviewer", args=[project.slug, reviewer.pk]),
        )  # fmt: skip
