"""What a person was told, and what of it goes out by mail."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Shape, Word
from claims.models.notice import DELIVERIES
from claims.notices import KINDS


class NoticeShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(list(KINDS))
    subject = serializers.CharField()
    body = serializers.CharField()
    project = serializers.CharField(source="project.slug", default=None, allow_null=True)
    path = serializers.CharField(help_text="Where to look; an address of the pages.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class WhatIsRead(Shape):
    notice = Id(required=False, allow_null=True, default=None, help_text="null: all of them.")


class ReadShape(serializers.Serializer[Any]):
    marked = serializers.IntegerField()


class MailShape(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {kind: serializers.ChoiceField(DELIVERIES, help_text=words) for kind, (words, _) in KINDS.items()}


class MailPlan(Shape):
    def get_fields(self) -> dict[str, Any]:
        return {kind: Word(DELIVERIES, required=False, help_text=words) for kind, (words, _) in KINDS.items()}
