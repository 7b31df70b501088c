"""The same claim elsewhere: how two claims relate, who decided it, and the documents that claims go back to."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.claim import ORIGINS, Claim, ClaimOccurrence
from claims.models.project import Project

CLAIM_RELATIONS = (
    "same",
    "more_specific",
    "more_general",
    "conflicts_in_detail",
    "contradicts",
    "related_only",
    "unrelated",
)


class ClaimRelation(CreatedAt):
    """What the system suggests of two claims (`left` has the lower id), and what stands after people decided.

    `more_specific` says that the left claim is the more specific one. `relation` is empty until somebody decides.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    left = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="relations_right", db_index=False)
    right = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="relations_left")
    suggested = models.CharField(max_length=24, choices=choices(CLAIM_RELATIONS))
    score = models.FloatField()
    differences = models.JSONField(default=list, blank=True)
    origin = models.CharField(max_length=16, choices=choices(ORIGINS), default="rule")
    matcher = models.CharField(max_length=60, blank=True, default="")  # name and version
    relation = models.CharField(max_length=24, choices=choices(CLAIM_RELATIONS), blank=True, default="")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="claims_relation_pair_is_related_once"),
            models.CheckConstraint(condition=models.Q(left__lt=models.F("right")), name="claims_relation_is_ordered"),
            one_of("suggested", CLAIM_RELATIONS, "claims_relation_suggested_is_known"),
            one_of("relation", (*CLAIM_RELATIONS, ""), "claims_relation_relation_is_known"),
            one_of("origin", ORIGINS, "claims_relation_origin_is_known"),
            models.CheckConstraint(condition=models.Q(score__range=(0, 1)), name="claims_relation_score_is_a_share"),
        ]
        indexes = [models.Index(fields=["project", "relation", "-score", "id"], name="claims_relation_queue")]


class RelationDecision(CreatedAt):
    """What a person said of a pair, and when. Insert-only: a change of mind is the next number."""

    claim_relation = models.ForeignKey(
        ClaimRelation, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    n = models.PositiveIntegerField()
    relation = models.CharField(max_length=24, choices=choices(CLAIM_RELATIONS))
    note = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim_relation", "n"], name="claims_relation_decision_number_is_used_once"
            ),
            one_of("relation", CLAIM_RELATIONS, "claims_relation_decision_relation_is_known"),
        ]


class SourceDocument(CreatedAt):
    """Something that articles talk about: a report, a decree, a study. Its identity is publisher, title and date
    together: two reports of one organisation are two documents."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    publisher = models.CharField(max_length=300)
    title = models.CharField(max_length=500, blank=True, default="")
    published = models.CharField(max_length=10, blank=True, default="")  # YYYY, YYYY-MM or YYYY-MM-DD, as far as known
    url = models.CharField(max_length=2000, blank=True, default="")
    identity = models.CharField(max_length=64)  # SHA-256 of the three, folded

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "identity"], name="claims_document_is_known_once"),
            models.CheckConstraint(condition=~models.Q(publisher=""), name="claims_document_names_its_publisher"),
        ]


class DocumentCitation(CreatedAt):
    """A claim in an article that goes back to a document."""

    document = models.ForeignKey(SourceDocument, on_delete=models.PROTECT, related_name="citations")
    occurrence = models.ForeignKey(ClaimOccurrence, on_delete=models.PROTECT, related_name="citations", db_index=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "document"], name="claims_occurrence_cites_a_document_once")
        ]
