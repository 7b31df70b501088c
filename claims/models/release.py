"""Releases: numbered, immutable snapshots of a project's labels."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims import lifecycle
from claims.models.base import CreatedAt, ProjectQuerySet, state_field, state_is_known
from claims.models.job import Job
from claims.models.ledger import Seal
from claims.models.project import Project


class Release(CreatedAt):
    """What was known as of a seal, for a filter. Exported again it gives the same bytes."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200, blank=True, default="")
    state = state_field(lifecycle.RELEASE)
    state_reason = models.TextField(blank=True, default="")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT)
    filter = models.JSONField(default=dict)  # {"rounds": [ids]} ...
    formats = models.JSONField(default=list)
    manifest = models.JSONField(null=True)
    errata = models.JSONField(default=list)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    ready_at = models.DateTimeField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="claims_release_number_is_used_once"),
            state_is_known(lifecycle.RELEASE, "claims_release_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(manifest__isnull=False, ready_at__isnull=False),
                name="claims_release_ready_has_a_manifest",
            ),
        ]


class ReleaseFile(models.Model):
    """One file of a release, with its checksum."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="files", db_index=False)
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=20)
    rows = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="claims_release_file_name_is_used_once")
        ]


class FrozenRow(models.Model):
    """What a release holds of a row that may be edited later, as it was when the release was started. Never updated."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="frozen_rows", db_index=False)
    kind = models.CharField(max_length=16)  # project, round, outlet, article or occurrence
    row_id = models.BigIntegerField()
    facts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "kind", "row_id"], name="claims_frozen_row_is_frozen_once")
        ]
