"""Topics that a project warns of, warnings, and what one does not read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape

MOST = 100


class TopicShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField(help_text="Stays; imports and programs write it.")
    name = serializers.CharField(help_text="What readers see.")


class NewTopic(Shape):
    code = Line(max_length=40, help_text="Small letters, digits and _, beginning with a letter.")
    name = Line(max_length=80, default="", allow_blank=True, help_text="Empty: the code in words.")


class TopicName(Shape):
    name = Line(max_length=80)


class TopicCodes(Shape):
    topics = serializers.ListField(child=Line(max_length=40), max_length=MOST, help_text="Exactly these; may be empty.")


class TopicsShape(serializers.Serializer[Any]):
    topics = TopicShape(many=True)
