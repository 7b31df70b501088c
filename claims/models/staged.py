"""Files that wait for somebody to say how they are read, and what was said of such files before."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet
from claims.models.project import Project


class StagedImport(CreatedAt):
    """Uploaded files of one person, looked at and not yet imported. Goes with the import, or after a day."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    files = models.JSONField()  # [{name (in the storage), filename, format, size}]
    facts = models.JSONField(default=dict)  # what was typed beside the files: text, title, outlet, url
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "created_by"], name="claims_staged_own")]


class ColumnMapping(models.Model):
    """How a table with these columns was read the last time in the project."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    header_sha256 = models.CharField(max_length=64)  # of the names, in any order
    columns = models.JSONField()  # {our field: the file's name, or "" for none}
    used_at = models.DateTimeField()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "header_sha256"], name="claims_mapping_is_known_once"),
        ]
