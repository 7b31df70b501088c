"""Addresses that are told what happens, and what was told them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Word
from claims.models.webhook import DELIVERY_STATES, WEBHOOK_EVENTS


class NewWebhook(Shape):
    url = Line(max_length=2000, help_text="A public address that begins with https://.")
    events = serializers.ListField(child=Word(WEBHOOK_EVENTS), min_length=1, max_length=10)


class WebhookRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    events = serializers.ListField(child=Word(WEBHOOK_EVENTS))
    is_active = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="Why it was given up.")
    created_at = serializers.DateTimeField()


class CreatedWebhook(WebhookRow):
    secret = serializers.CharField(help_text="Shown this once: whsec_ and base64.")


class DeliveryRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    event = serializers.ChoiceField(WEBHOOK_EVENTS)
    payload = serializers.JSONField()
    state = serializers.ChoiceField(DELIVERY_STATES)
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
