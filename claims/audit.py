"""One audit row for each privileged act, written in the act's own transaction (INV-13)."""

from __future__ import annotations

from typing import Any

from django.db import models

from claims.models import AuditEvent, Project, User


def record(
    verb: str, subject: models.Model, *, by: User | None, project: Project | None = None, **details: Any
) -> AuditEvent:
    """Write who did what to what. `details` hold ids, codes and numbers, never names or text."""
    return AuditEvent.objects.create(
        project=project if project is not None else getattr(subject, "project", None),
        actor=by,
        verb=verb,
        subject_type=str(subject._meta.model_name),
        subject_id=subject.pk if isinstance(subject.pk, int) else None,
        details=details,
    )
