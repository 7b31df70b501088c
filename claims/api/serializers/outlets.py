"""Outlets, their figures, and who cites whom."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Shape
from claims.models.credibility import MEASURES


class OutletRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)


class OutletFigureShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    measure = serializers.ChoiceField(tuple(MEASURES))
    outcome = serializers.CharField()
    n = serializers.IntegerField(help_text="Claims observed.")
    value = serializers.FloatField(allow_null=True, help_text="A share, or a mean for distance; null with a reason.")
    low = serializers.FloatField(allow_null=True, help_text="95 % interval.")
    high = serializers.FloatField(allow_null=True)
    raw = serializers.FloatField(allow_null=True, help_text="Before it was drawn towards the other outlets.")
    n_effective = serializers.FloatField(allow_null=True, help_text="What n is worth under unequal chances.")
    reason = serializers.CharField(help_text="Why there is no value; empty where there is one.")


class FrameShape(serializers.Serializer[Any]):
    round = serializers.IntegerField(allow_null=True, help_text="Null: every claim found in the articles.")
    probability = serializers.FloatField(allow_null=True, help_text="Chance of being chosen; null: not known.")
    n = serializers.IntegerField()


class ProfileShape(OutletRow):
    domains = serializers.ListField(child=serializers.CharField())
    figures = OutletFigureShape(many=True)
    frames = serializers.DictField(child=FrameShape(many=True), help_text="Measure -> where its claims come from.")


class EdgeShape(serializers.Serializer[Any]):
    citing = serializers.CharField()
    citing_outlet = serializers.IntegerField(allow_null=True)
    cited = serializers.CharField()
    cited_outlet = serializers.IntegerField(allow_null=True)
    claims = serializers.IntegerField()
    articles = serializers.IntegerField()


class CitationsShape(serializers.Serializer[Any]):
    edges = EdgeShape(many=True)


class MergeOutlet(Shape):
    into = serializers.IntegerField(min_value=1, help_text="The outlet that stays.")
