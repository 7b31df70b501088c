"""The review of reviewers: what was asked of somebody about their work, and what they replied. Insert-only."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.project import Project, Reviewer
from claims.models.round import Round

REVIEW_KINDS = ("message", "requalify", "pause", "resume", "reopen_range", "void_range", "unvoid_range", "reply")
RANGED_KINDS = ("reopen_range", "void_range", "unvoid_range")


class WorkReview(CreatedAt):
    """One act about one reviewer's work, with its reason, or the reviewer's reply to one. The database refuses UPDATE
    and DELETE. A range counts days (UTC), both included, of one round."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=16, choices=choices(REVIEW_KINDS))
    words = models.TextField()
    round = models.ForeignKey(Round, null=True, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    n_units = models.PositiveIntegerField(default=0)  # that the range touched
    replies_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", REVIEW_KINDS, "claims_work_review_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(kind__in=RANGED_KINDS, round__isnull=False, first_day__isnull=False)
                & models.Q(last_day__gte=models.F("first_day"))
                | ~models.Q(kind__in=RANGED_KINDS) & models.Q(round=None, first_day=None, last_day=None),
                name="claims_work_review_range_fits_its_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="reply", replies_to__isnull=False)
                | ~models.Q(kind="reply") & models.Q(replies_to=None),
                name="claims_work_review_reply_is_to_something",
            ),
        ]
