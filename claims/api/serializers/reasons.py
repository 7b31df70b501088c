"""The second look at reasons."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Shape, Text, Word
from claims.models.judgement import VERDICTS


class SaidShape(serializers.Serializer[Any]):
    question = serializers.CharField(help_text="Its title.")
    answer = serializers.CharField()


class ReasonShape(serializers.Serializer[Any]):
    reason = serializers.IntegerField(help_text="Send it back with your verdict.")
    unit = serializers.IntegerField()
    answers = SaidShape(many=True)
    why = serializers.CharField()


class NextReason(serializers.Serializer[Any]):
    left = serializers.IntegerField(help_text="Reasons that wait for you, this one included.")
    next = ReasonShape(allow_null=True)


class NewJudgement(Shape):
    reason = Id()
    verdict = Word(VERDICTS)
    words = Text(required=False, help_text="In a sentence.")


class VerdictCounts(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField() for name in VERDICTS}


class JudgedShape(ReasonShape):
    verdicts = VerdictCounts()
    is_error = serializers.BooleanField(help_text="Most of two or more say so.")
    words = serializers.ListField(child=serializers.CharField())


class ResultsShape(serializers.Serializer[Any]):
    results = JudgedShape(many=True)
