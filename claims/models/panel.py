"""What reviewers say about themselves so that panels can be made of them, and what they are not to judge."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, one_of
from claims.models.outlet import Outlet
from claims.models.project import LEANINGS, Project, Reviewer


class ReviewerTraits(models.Model):
    """Said by the reviewer, for one project, of their own accord: nobody else reads it, and the row goes when they
    take it back. Languages are primary subtags, as "en"."""

    reviewer = models.OneToOneField(Reviewer, on_delete=models.CASCADE, primary_key=True, related_name="traits")
    leaning = models.CharField(max_length=16, blank=True, default="", choices=[("", ""), *((x, x) for x in LEANINGS)])
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    region = models.CharField(max_length=60, blank=True, default="")
    expertise = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        constraints = [one_of("leaning", ("", *LEANINGS), "claims_reviewer_leaning_is_known")]


class Interest(CreatedAt):
    """A conflict of interest: units from this outlet, or that name this person or body, are not for the reviewer.

    What a reviewer declared is theirs alone to see; what was set for them is seen by those who set such things too.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="interests")
    outlet = models.ForeignKey(Outlet, null=True, on_delete=models.CASCADE, related_name="+")
    entity = models.CharField(max_length=120, blank=True, default="")
    is_declared = models.BooleanField()  # by the reviewer; otherwise set by an owner
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outlet__isnull=False, entity="") | models.Q(outlet=None) & ~models.Q(entity=""),
                name="claims_interest_is_in_one_thing",
            ),
            models.UniqueConstraint(
                fields=["reviewer", "outlet", "entity", "is_declared"],
                nulls_distinct=False,
                name="claims_interest_is_said_once",
            ),
        ]
