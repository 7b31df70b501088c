"""What curators ask of somebody about their work, and what that person replies."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.adjudication.reviews import SUBJECTS, WORDS_CHARS
from claims.api.bodies import Id, Line, Shape, Word
from claims.models.review import REVIEW_KINDS


class ReplyShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    words = serializers.CharField()
    created_at = serializers.DateTimeField()


class ReviewShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reviewer = serializers.IntegerField(source="reviewer_id")
    kind = serializers.ChoiceField([kind for kind in REVIEW_KINDS if kind != "reply"])
    words = serializers.CharField(help_text="The reason, as the reviewer reads it.")
    round = serializers.IntegerField(source="round_id", allow_null=True)
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    n_units = serializers.IntegerField(help_text="Units that a range touched.")
    created_at = serializers.DateTimeField()
    replies = ReplyShape(many=True, help_text="None, or the one that the reviewer has the right to.")


class NewReview(Shape):
    kind = Word(list(SUBJECTS), help_text="A range kind needs `round`, `first_day` and `last_day`.")
    words = Line(max_length=WORDS_CHARS)
    round = Id(required=False, allow_null=True, default=None)
    first_day = serializers.DateField(required=False, allow_null=True, default=None, help_text="UTC, included.")
    last_day = serializers.DateField(required=False, allow_null=True, default=None, help_text="UTC, included.")


class NewReply(Shape):
    words = Line(max_length=WORDS_CHARS)
