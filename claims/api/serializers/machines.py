"""Labels by a machine, and what became of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import AnyValue, Id, Line, Shape
from claims.suggesting.machine_labels import MOST_LABELS


class MachineLabel(Shape):
    unit = Id()
    answers = serializers.DictField(
        child=AnyValue(), help_text="{question code: choice code, or a list of codes for a set}."
    )


class NewMachineLabels(Shape):
    model = Line(max_length=200, help_text="Name and version; another name is another machine.")
    labels = serializers.ListField(child=MachineLabel(), min_length=1, max_length=MOST_LABELS)


class Left(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class KeptMachineLabels(serializers.Serializer[Any]):
    kept = serializers.IntegerField(help_text="Units of which something was kept.")
    problems = Left(many=True)
