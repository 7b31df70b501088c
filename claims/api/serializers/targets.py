"""Named targets of stance, as they are asked for and shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Truth, Word
from claims.values.naming import TARGET_KINDS


class NewTarget(Shape):
    kind = Word(TARGET_KINDS)
    name = Line(max_length=80, help_text="As readers know it.")
    is_another = Truth(required=False, default=False, help_text="It is not the one with nearly the same name.")


class TargetShape(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="The question that asks about it.")
    kind = serializers.CharField()
    name = serializers.CharField()


class SuggestedShape(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="As most of them spell it.")
    reviewers = serializers.IntegerField(help_text="Who wrote it of themselves.")


class TargetsShape(serializers.Serializer[Any]):
    targets = TargetShape(many=True)
    suggested = SuggestedShape(many=True)
