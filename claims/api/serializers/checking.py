"""The blind evidence check: how each unit stands, and how far both sides agree."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.lifecycle import EVIDENCE_CHECK


class SideShape(serializers.Serializer[Any]):
    question = serializers.CharField()
    answers = serializers.ListField(child=serializers.JSONField(), help_text="One a person, without names.")


class CheckedShape(serializers.Serializer[Any]):
    unit = serializers.IntegerField()
    state = serializers.ChoiceField(EVIDENCE_CHECK.states)
    brought = SideShape(many=True, help_text="By those who brought evidence.")
    judged = SideShape(many=True, help_text="By those who checked it.")
    brought_later = SideShape(many=True, help_text="After the unit went back.")
    judged_later = SideShape(many=True)


class CheckFigure(serializers.Serializer[Any]):
    question = serializers.CharField()
    n = serializers.IntegerField(help_text="Units whose first check is in.")
    same = serializers.IntegerField()
    kappa = serializers.FloatField(source="kappa.value", allow_null=True, help_text="Free-marginal (Randolph 2005).")
    low = serializers.FloatField(source="kappa.low", allow_null=True)
    high = serializers.FloatField(source="kappa.high", allow_null=True)


class CheckShape(serializers.Serializer[Any]):
    checks = serializers.IntegerField(help_text="The round whose evidence is checked.")
    figures = CheckFigure(many=True)
    results = CheckedShape(many=True)
    next = serializers.CharField(allow_null=True)
