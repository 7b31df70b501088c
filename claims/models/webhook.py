"""Where other programs want to hear what happens, and what waits to be told them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.project import Project

WEBHOOK_EVENTS = ("label.settled", "job.ended", "release.ready", "reviewer.paused")
DELIVERY_STATES = ("waiting", "sent", "failed")


class Webhook(CreatedAt):
    """An https address of a project's owner. The secret signs; it is shown once."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000)
    secret = models.BinaryField()
    events = ArrayField(models.CharField(max_length=32))
    is_active = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True, default="")  # why it is not active any more
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "url"], name="claims_webhook_address_is_used_once"),
            models.CheckConstraint(
                condition=models.Q(events__contained_by=list(WEBHOOK_EVENTS), events__len__gt=0),
                name="claims_webhook_events_are_known",
            ),
        ]


class WebhookDelivery(CreatedAt):
    """One message to one address. The row is the queue; `key` names what happened, so that it is told once."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.CharField(max_length=32, choices=choices(WEBHOOK_EVENTS))
    key = models.CharField(max_length=80)
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=choices(DELIVERY_STATES), default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    reason = models.CharField(max_length=60, blank=True, default="")  # code of the last failure
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "key"], name="claims_webhook_hears_of_a_thing_once"),
            one_of("event", WEBHOOK_EVENTS, "claims_delivery_event_is_known"),
            one_of("state", DELIVERY_STATES, "claims_delivery_state_is_known"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="claims_delivery_due"),
        ]
