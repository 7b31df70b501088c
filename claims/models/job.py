"""Background work: the row is the queue, the message is a nudge."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from claims import lifecycle
from claims.models.base import CreatedAt, state_field, state_is_known
from claims.models.project import Project

SENT_AGAIN = timedelta(seconds=5)  # after the last message about a job that nobody took


class JobQuerySet(models.QuerySet["Job"]):
    def in_project(self, project: Project) -> Self:
        return self.filter(project=project)

    def due(self) -> Self:
        """Queued and due, or running with a lease that ran out (its worker died)."""
        return self.filter(
            models.Q(state="queued", due_at__lte=Now()) | models.Q(state="running", lease_until__lt=Now())
        )

    def waiting(self) -> Self:
        """A worker should take it now: queued, or left lying by a worker that died. The sweep puts off by a few
        seconds what it sends again, so what never failed counts though it is not due for as long."""
        put_off = models.Q(attempts=0, created_at__lt=Now() - SENT_AGAIN, due_at__lte=Now() + SENT_AGAIN)
        queued = (models.Q(due_at__lte=Now()) | put_off) & models.Q(state="queued")
        return self.filter(queued | models.Q(state="running", lease_until__lt=Now()))

    def stalled(self, after: timedelta = timedelta(seconds=30)) -> Self:
        """Waiting for longer than a healthy worker lets anything wait."""
        return self.filter(state="queued", due_at__lt=Now() - after)


class Job(CreatedAt):
    """One piece of background work. `counts` and `cursor` are committed with each chunk, so a killed worker's
    successor goes on where it stopped. `token` fences: only the holder of the newest one may write."""

    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=40)
    args = models.JSONField(default=dict)
    file = models.FileField(max_length=200, blank=True, default="")
    state = state_field(lifecycle.JOB)
    reason = models.CharField(max_length=60, blank=True, default="")  # stable code
    sentence = models.TextField(blank=True, default="")  # the reason, for a person
    counts = models.JSONField(default=dict)  # total, read, imported, duplicate, failed ...
    cursor = models.JSONField(default=dict)  # where the next chunk starts
    attempts = models.PositiveIntegerField(default=0)  # since the last progress
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=32, blank=True, default="")
    cancel_requested_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    coalesce_key = models.CharField(max_length=120, null=True)  # at most one queued job per kind and key
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            state_is_known(lifecycle.JOB, "claims_job_state_is_known"),
            models.UniqueConstraint(
                fields=["kind", "coalesce_key"],
                condition=models.Q(state="queued", coalesce_key__isnull=False),
                name="claims_job_waits_once_per_key",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False) & ~models.Q(token=""),
                name="claims_job_running_has_a_holder",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(reason=""), name="claims_job_failed_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=("queued", "running")), name="claims_job_waiting"
            ),  # the sweep
            models.Index(fields=["project", "-id"], name="claims_job_newest"),  # job list
        ]


class JobError(models.Model):
    """One line, row or member that was refused, for the page and the CSV of errors."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="errors", db_index=False)
    member = models.CharField(max_length=300, blank=True, default="")
    line = models.PositiveBigIntegerField(null=True)
    code = models.CharField(max_length=40)
    sentence = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "member", "line", "code"], nulls_distinct=False, name="claims_job_error_is_said_once"
            )
        ]


class Heartbeat(models.Model):
    """When each worker and beat was last seen, by the database's clock."""

    name = models.CharField(max_length=120, primary_key=True)
    component = models.CharField(max_length=16)
    seen_at = models.DateTimeField()
