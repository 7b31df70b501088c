"""The newsroom's desk."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.adjudication.desk.deeds import DEEDS
from claims.api.bodies import Id, Line, Shape, Text, Word
from claims.lifecycle import DESK
from claims.models.desk import RATINGS


class DeskRow(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    claim = serializers.IntegerField(source="claim_id")
    text_of_claim = serializers.CharField(source="claim.text")
    state = serializers.ChoiceField(DESK.states)
    writer = serializers.CharField(source="writer.name", default=None, allow_null=True)
    rating = serializers.CharField()
    moved_at = serializers.DateTimeField(help_text="Into this state.")
    link = serializers.CharField(help_text="Of what is published, or empty.")
    version = serializers.IntegerField(help_text="Also in the header ETag; send it back in If-Match.")


class DeskMoveShape(serializers.Serializer[Any]):
    deed = serializers.CharField()
    left = serializers.CharField(source="source", help_text="The state it left, or empty.")
    reached = serializers.CharField(source="target")
    by = serializers.CharField(source="by.name")
    words = serializers.CharField()
    at = serializers.DateTimeField(source="created_at")


class DeskShape(DeskRow):
    text = serializers.CharField()
    rationale = serializers.CharField()
    assigned_by = serializers.CharField(source="assigned_by.name", default=None, allow_null=True)
    second_editor = serializers.CharField(source="second_editor.name", default=None, allow_null=True)
    signed_by = serializers.CharField(source="signed_by.name", default=None, allow_null=True)
    deeds = serializers.DictField(
        child=serializers.CharField(allow_null=True), help_text="What can be done now; why you cannot, or null."
    )
    moves = DeskMoveShape(many=True)


class NewDeskItem(Shape):
    claim = Id()


class NewDeskMove(Shape):
    deed = Word(list(DEEDS))
    writer = Id(required=False, help_text="To assign: a reviewer's id.")
    rating = Word(RATINGS, required=False)
    text = Text(required=False)
    rationale = Text(required=False)
    link = Line(max_length=2000, required=False)
    words = Text(required=False, help_text="Why; needed to send back and to decline.")
