"""Attempts at a qualification, and known answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.adjudication.known import MOST
from claims.api.bodies import AnyValue, Id, Line, Shape, Text


class ToldShape(serializers.Serializer[Any]):
    unit = serializers.IntegerField(source="unit.pk")
    question = serializers.CharField(help_text="Its title.")
    mine = serializers.CharField(help_text="What the reviewer answered, in words.")
    is_right = serializers.BooleanField(allow_null=True, help_text="null while `known` is not told.")
    known = serializers.CharField(help_text="Empty while one may still be asked about the unit elsewhere.")
    why = serializers.CharField()


class AttemptShape(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    asked = serializers.IntegerField(help_text="Known answers to the units of the attempt.")
    right = serializers.IntegerField()
    has_passed = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ToldAttemptShape(AttemptShape):
    answers = ToldShape(many=True)


class CandidateShape(serializers.Serializer[Any]):
    reviewer = serializers.IntegerField(source="reviewer.pk")
    name = serializers.CharField(source="reviewer.name")
    has_passed = serializers.BooleanField()
    done = serializers.IntegerField(help_text="Units of the attempt under way.")
    attempts = AttemptShape(many=True)


class QualificationShape(serializers.Serializer[Any]):
    round = serializers.IntegerField()
    set_size = serializers.IntegerField()
    pass_mark = serializers.FloatField()
    most_attempts = serializers.IntegerField()
    has_passed = serializers.BooleanField()
    done = serializers.IntegerField(help_text="Units of the attempt under way.")
    attempts = ToldAttemptShape(many=True)
    people = CandidateShape(many=True, allow_null=True, help_text="Everybody, for those who manage rounds; else null.")


class KnownAnswer(Shape):
    unit = Id(required=False, help_text="A unit of the round; or give its claim.")
    claim = Id(required=False, help_text="A claim where it stands, as the list of claims has it.")
    question = Line(max_length=40)
    value = AnyValue(help_text="A choice, a list of choices or a number, as the question asks.")
    explanation = Text(help_text="Read by those who answered otherwise in a qualification.")


class KnownAnswers(Shape):
    answers = serializers.ListField(child=KnownAnswer(), min_length=1, max_length=MOST)


class KnownShape(serializers.Serializer[Any]):
    unit = serializers.IntegerField(source="unit_id")
    question = serializers.CharField()
    value = AnyValue()
    explanation = serializers.CharField(source="rationale")
    revision = serializers.IntegerField()


class KnownListShape(serializers.Serializer[Any]):
    results = KnownShape(many=True)
