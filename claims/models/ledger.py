"""What happened, in an order that can be cited: audit events, and the seals that number committed rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt
from claims.models.project import Project


class AuditEvent(CreatedAt):
    """Who did what to what. The database refuses UPDATE and DELETE; holds no names, only ids."""

    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, db_index=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["project", "-id"], name="claims_audit_newest"),
            models.Index(fields=["subject_type", "subject_id"], name="claims_audit_of_subject"),
        ]


class Seal(CreatedAt):
    """A point in the order of events. Row ids commit out of order; seal numbers do not: what is sealed under n was
    committed, and nothing will ever be added below n. "As of n" is what releases cite."""

    n = models.BigIntegerField(primary_key=True)
    n_rows = models.PositiveBigIntegerField()
    digest = models.BinaryField()  # SHA-256 over the previous seal's digest and the label hashes sealed here


class SealedRow(models.Model):
    """Which seal numbers a row of an insert-only table. `kind` is the table's short name."""

    pk = models.CompositePrimaryKey("kind", "row_id")
    kind = models.CharField(max_length=24)
    row_id = models.BigIntegerField()
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="rows")


class IdempotencyRecord(CreatedAt):
    """The answer to a POST that created something, so that a repeat gets the same one (AP-15)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=64)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="claims_idempotency_key_is_used_once")]
        indexes = [models.Index(fields=["created_at"], name="claims_idempotency_by_age")]  # nightly clean-up


class RequestCount(models.Model):
    """How many requests a token, or a person in a browser, made since `since`.

    The table is unlogged: a crash forgets the counts, and counting costs no write to the log.
    """

    key = models.CharField(max_length=60, primary_key=True)
    since = models.DateTimeField()
    n = models.PositiveIntegerField()
