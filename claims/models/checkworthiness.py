"""What an installation learned from its own labels about what is worth checking."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from claims.models.base import CreatedAt, ProjectQuerySet
from claims.models.project import Project


class CheckworthinessModel(CreatedAt):
    """Weights (.npz) with what they were learned from and how good they are on rows they had not seen. Insert-only but
    for `is_active`: at most one a project scores new claims; without one the heuristic does."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    n = models.PositiveIntegerField()
    weights = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    training_sha256 = models.CharField(max_length=64)  # of the rows: text, score, group
    source = models.CharField(max_length=200)  # a file's name, or the project's labels
    figures = models.JSONField(default=dict)
    is_active = models.BooleanField(default=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "n"], name="claims_checkworthiness_number_is_used_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(is_active=True), name="claims_one_checkworthiness_model_scores"
            ),
        ]

    @property
    def name(self) -> str:
        return f"checkworthiness {self.n}"
