"""One's own cut of an article."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Shape, Word
from claims.api.serializers.corrections import PIECES, Place
from claims.splitting.desk import MOST_PIECES


class CutStep(Shape):
    step = Word(["add", "remove", "hand_in"])
    pieces = serializers.ListField(child=Place(), default=list, max_length=MOST_PIECES, help_text=PIECES)


class CutShape(serializers.Serializer[Any]):
    claims = serializers.ListField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.IntegerField())),
        help_text="Each as its pieces.",
    )
    ended_at = serializers.DateTimeField(allow_null=True, help_text="When it was handed in.")
