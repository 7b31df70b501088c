"""Claims that came without an article, and what others judged of a claim."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.claim import Claim
from claims.models.project import Project

CLAIM_SOURCE_KINDS = ("speech", "message", "post", "image", "video", "dataset", "review")
VERDICTS = (
    "true",
    "mostly true",
    "partly true/misleading",
    "mostly false",
    "false",
    "complicated/hard to categorise",
    "other",
)


class ClaimSource(CreatedAt):
    """Where a claim was said when it stands in no article. An attachment is only ever downloaded."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="sources")
    kind = models.CharField(max_length=16, choices=choices(CLAIM_SOURCE_KINDS))
    text_sha256 = models.CharField(max_length=64)
    speaker = models.CharField(max_length=300, blank=True, default="")
    said_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=300, blank=True, default="")
    url = models.CharField(max_length=2000, blank=True, default="")
    file = models.FileField(max_length=200, blank=True, default="")
    filename = models.CharField(max_length=300, blank=True, default="")
    extra = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", CLAIM_SOURCE_KINDS, "claims_claim_source_kind_is_known"),
            models.UniqueConstraint(
                fields=["project", "text_sha256"],
                condition=models.Q(kind__in=("dataset", "review")),
                name="claims_claim_source_of_datasets_is_kept_once",
            ),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="claims_claim_source_newest")]


class ExternalVerdict(CreatedAt):
    """What a fact-checker or a dataset said of a claim: theirs, dated, never a verdict of this project."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="external_verdicts", db_index=False)
    publisher = models.CharField(max_length=200)
    label = models.CharField(max_length=300)  # in the publisher's words
    verdict = models.CharField(max_length=40, blank=True, default="")  # of VERDICTS; empty: no map knows the label
    rating = models.FloatField(null=True)
    worst = models.FloatField(null=True)
    best = models.FloatField(null=True)
    url = models.CharField(max_length=2000, blank=True, default="")
    published_at = models.DateTimeField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("verdict", ("", *VERDICTS), "claims_external_verdict_is_known"),
            models.UniqueConstraint(
                fields=["claim", "publisher", "label", "url"], name="claims_external_verdict_is_kept_once"
            ),
        ]
