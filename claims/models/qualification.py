"""Attempts at a qualification: sets of units whose answers are known, and how many of them were given rightly."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims.models.base import CreatedAt
from claims.models.project import Reviewer
from claims.models.round import Round


class Attempt(CreatedAt):
    """One reviewer's attempt, marked once when its last unit was answered; later corrections do not change it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="attempts_made", db_index=False)
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="qualification_attempts")
    n = models.PositiveSmallIntegerField()
    units = ArrayField(models.BigIntegerField())  # in the order in which they were answered or skipped
    asked = models.PositiveIntegerField()  # known answers to the set's units
    right = models.PositiveIntegerField()
    has_passed = models.BooleanField()
    read_at = models.DateTimeField(null=True)  # the reviewer has been told why and began the next

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "reviewer", "n"], name="claims_attempt_is_made_once"),
            models.CheckConstraint(condition=models.Q(right__lte=models.F("asked")), name="claims_attempt_adds_up"),
        ]
