"""What people say to each other about a unit, once they have judged it."""

from __future__ import annotations

from django.db import models

from claims.models.base import CreatedAt
from claims.models.project import Project, Reviewer
from claims.models.round import Round, Unit


class UnitComment(CreatedAt):
    """One remark in the thread of a unit in a round."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="comments", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["round", "unit", "id"], name="claims_comment_thread")]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="claims_comment_says_something")]
