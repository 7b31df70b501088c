"""The newsroom's desk: one check of one claim on its way to being published, and every move it made."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from claims import lifecycle
from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of, state_field, state_is_known
from claims.models.claim import Claim
from claims.models.project import Project, Reviewer

RATINGS = ("supported", "refuted", "conflicting", "not_enough_evidence")


class DeskItem(CreatedAt):
    """A claim on the desk. The writer proposes a rating and a text; two editors who wrote none of it answer for it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="desk_items", db_index=False)
    state = state_field(lifecycle.DESK)
    writer = models.ForeignKey(Reviewer, null=True, on_delete=models.PROTECT, related_name="written")
    assigned_by = models.ForeignKey(Reviewer, null=True, on_delete=models.PROTECT, related_name="+")
    second_editor = models.ForeignKey(Reviewer, null=True, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(Reviewer, null=True, on_delete=models.PROTECT, related_name="+")
    rating = models.CharField(max_length=24, choices=choices(RATINGS), blank=True, default="")
    text = models.TextField(blank=True, default="")
    rationale = models.TextField(blank=True, default="")
    link = models.CharField(max_length=2000, blank=True, default="")
    moved_at = models.DateTimeField(db_default=models.functions.Now())  # into the state where it is
    version = models.PositiveIntegerField(default=1)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            state_is_known(lifecycle.DESK, "claims_desk_item_state_is_known"),
            one_of("rating", ("", *RATINGS), "claims_desk_item_rating_is_known"),
            models.UniqueConstraint(
                fields=["claim"],
                condition=~Q(state__in=("published", "declined")),
                name="claims_claim_is_on_the_desk_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("triage", "declined")) | Q(writer__isnull=False, assigned_by__isnull=False),
                name="claims_desk_item_has_a_writer",
            ),
            models.CheckConstraint(
                condition=Q(second_editor=None) | ~Q(second_editor=F("writer")) & ~Q(second_editor=F("assigned_by")),
                name="claims_desk_second_editor_is_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("writer")) & ~Q(signed_by=F("second_editor")),
                name="claims_desk_signs_off_who_is_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(second_editor__isnull=False, signed_by__isnull=False)
                & ~Q(rating="")
                & ~Q(text="")
                & ~Q(rationale="")
                & ~Q(link=""),
                name="claims_desk_item_is_published_whole",
            ),
        ]
        indexes = [models.Index(fields=["project", "state", "-id"], name="claims_desk_by_state")]  # the list


class DeskMove(CreatedAt):
    """One deed on the desk: what, by whom, with which words. The database refuses to change it."""

    item = models.ForeignKey(DeskItem, on_delete=models.PROTECT, related_name="moves")
    deed = models.CharField(max_length=16)
    source = models.CharField(max_length=16, blank=True, default="")
    target = models.CharField(max_length=16)
    by = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True, default="")
