"""Correcting claims: what was done to an article in order, independent cuts of it, and whom a change concerns."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.article import Article
from claims.models.base import CreatedAt, choices, one_of
from claims.models.project import Project, Reviewer
from claims.models.round import Round, Unit

CORRECTION_STATES = ("done", "undone", "replaced")


class Correction(CreatedAt):
    """One step in an article, with what stood before and after it: undo and redo walk along these rows.

    `changes` is [{"occurrence": id, "before": snapshot | null, "after": snapshot}]; a snapshot is {"version": id,
    "state": word, "reason": text}. A step that was undone is `replaced` once another is done in its place.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="corrections", db_index=False)
    n = models.PositiveIntegerField()
    verb = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=choices(CORRECTION_STATES), default="done")
    changes = models.JSONField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "n"], name="claims_correction_number_is_used_once"),
            one_of("state", CORRECTION_STATES, "claims_correction_state_is_known"),
        ]


class ReopenedUnit(CreatedAt):
    """A reviewer whose answer or held unit ended because the claim was changed; told on the labelling page."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="reopened", db_index=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit_before = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.CASCADE, related_name="+"
    )  # null: nothing takes its place

    class Meta:
        indexes = [models.Index(fields=["reviewer", "round", "unit"], name="claims_reopened_for")]


class ArticleCut(CreatedAt):
    """One person's own cut of an article, made without seeing that of others: a list of [[start, end], ...]."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="cuts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    claims = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)  # handed in: it is compared from then on and not changed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "user"], name="claims_article_is_cut_once_by_a_person")
        ]
