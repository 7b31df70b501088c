"""What a model suggests of an article, and the decision about it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Shape, Word
from claims.models.suggestion import SUGGESTION_KINDS, SUGGESTION_STATES


class SuggestionRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(SUGGESTION_KINDS)
    occurrence = serializers.IntegerField(source="occurrence_id", allow_null=True, help_text="The claim it is about.")
    content = serializers.JSONField(help_text="Pieces as [[start, end], ...] in code points, wording, hops.")
    located = serializers.CharField(help_text="How its quote was found: exact, loose or near.")
    model = serializers.CharField()
    prompt_sha256 = serializers.CharField()
    state = serializers.ChoiceField(SUGGESTION_STATES)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class Decision(Shape):
    decision = Word(("accept", "reject"))
