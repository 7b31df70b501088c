"""How a project adds up the criteria of an outlet, where it chose to: off until a formula says otherwise."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet
from claims.models.project import Project

# Criterion -> its subject and the weight that is suggested. The nine subjects and their weights, 100 in all, are those
# that NewsGuard publishes, in our own words.
CRITERIA: dict[str, tuple[str, float]] = {
    "no_falsehoods": ("Does not publish falsehoods again and again", 22),
    "responsible_reporting": ("Gathers and presents responsibly", 18),
    "corrections": ("Corrects errors openly", 12.5),
    "news_and_opinion": ("Keeps news and opinion apart", 12.5),
    "fair_headlines": ("Headlines fit the stories", 10),
    "ownership_disclosed": ("Says who owns and finances it", 7.5),
    "advertising_marked": ("Marks advertising", 7.5),
    "responsible_people": ("Says who is in charge", 5),
    "authors_named": ("Names its authors", 5),
}


class ScoreFormula(CreatedAt):
    """One version of a project's composite; insert-only, the newest stands. Switched off is a version too.

    `weights` is {criterion: number}, `camps` {reviewer id: name of the camp}: averages go within a camp first.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    n = models.PositiveIntegerField()
    is_on = models.BooleanField()
    weights = models.JSONField(default=dict)
    camps = models.JSONField(default=dict, blank=True)
    rationale = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "n"], name="claims_score_formula_number_is_used_once"),
            models.CheckConstraint(condition=~models.Q(rationale=""), name="claims_score_formula_says_why"),
        ]
