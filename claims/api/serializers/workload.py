"""Who does how much in a round, and how many more units its figures need."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Shape, Truth, Whole


class HeldShape(serializers.Serializer[Any]):
    assignment = serializers.IntegerField()
    unit = serializers.IntegerField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    is_stalled = serializers.BooleanField(help_text="Nothing drawn and no draft saved for half an hour.")


class LoadShape(serializers.Serializer[Any]):
    reviewer = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.CharField()
    done = serializers.IntegerField()
    left = serializers.IntegerField(allow_null=True, help_text="Of the quota; null without one.")
    quota = serializers.IntegerField(allow_null=True)
    is_paused = serializers.BooleanField()
    per_day = serializers.FloatField(help_text="Over the last seven days.")
    seconds = serializers.FloatField(allow_null=True, help_text="Median time for a unit over the last seven days.")
    last_at = serializers.DateTimeField(allow_null=True)
    held = HeldShape(allow_null=True)


class ForecastShape(serializers.Serializer[Any]):
    question = serializers.CharField()
    coefficient = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n_units = serializers.IntegerField()
    more = serializers.IntegerField(
        allow_null=True,
        help_text="Units to add until the interval reaches no further than `within`.",
    )


class WorkloadShape(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    left = serializers.IntegerField()
    per_day = serializers.FloatField()
    ends_at = serializers.DateTimeField(allow_null=True)
    people = LoadShape(many=True)
    forecasts = ForecastShape(many=True)


class NewLimits(Shape):
    quota = Whole(min_value=1, max_value=1_000_000, allow_null=True, default=None, required=False)
    is_paused = Truth(default=False)
