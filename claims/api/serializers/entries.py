"""Claims without an article, and what others judged of a claim."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Word
from claims.models.matching import CLAIM_RELATIONS
from claims.models.origin import CLAIM_SOURCE_KINDS, VERDICTS

ENTERED_KINDS = ("speech", "message", "post", "image", "video")


class NewClaim(Shape):
    text = Line(max_length=2_000, help_text="What was said, one statement.")
    kind = Word(ENTERED_KINDS, required=False, default="speech")
    speaker = Line(required=False, default="", allow_blank=True, max_length=300)
    said_at = Line(required=False, default="", allow_blank=True, max_length=40, help_text="A date in ISO form.")
    place = Line(required=False, default="", allow_blank=True, max_length=300)
    url = Line(required=False, default="", allow_blank=True, max_length=2_000)
    claim = Id(required=False, default=None, allow_null=True, help_text="The known claim that this is, said once more.")


class SourceShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    claim = serializers.IntegerField(source="claim_id")
    kind = serializers.ChoiceField(CLAIM_SOURCE_KINDS)
    speaker = serializers.CharField()
    said_at = serializers.DateTimeField(allow_null=True)
    place = serializers.CharField()
    url = serializers.CharField()
    attachment = serializers.CharField(source="filename", help_text="Name of the attached file; empty: there is none.")
    created_at = serializers.DateTimeField()


class NewAttachment(Shape):
    filename = Line(max_length=300)


class ExternalVerdictShape(serializers.Serializer[Any]):
    publisher = serializers.CharField()
    label = serializers.CharField(help_text="In the publisher's words.")  # type: ignore[assignment]
    verdict = serializers.ChoiceField(("", *VERDICTS), help_text="On a common scale; empty: no map knows the label.")
    rating = serializers.FloatField(allow_null=True)
    worst = serializers.FloatField(allow_null=True)
    best = serializers.FloatField(allow_null=True)
    url = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)


class SettledBefore(serializers.Serializer[Any]):
    round = serializers.IntegerField(source="round_id")
    question = serializers.CharField()
    outcome = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    created_at = serializers.DateTimeField()


class AlikeShape(serializers.Serializer[Any]):
    claim = serializers.IntegerField(source="claim.pk")
    text = serializers.CharField(source="claim.text")
    relation = serializers.ChoiceField(CLAIM_RELATIONS, help_text="Of the statement to this claim, by wording.")
    score = serializers.FloatField(help_text="0 to 1.")
    settled = SettledBefore(many=True)
    external_verdicts = ExternalVerdictShape(many=True, source="verdicts")
