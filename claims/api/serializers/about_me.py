"""What reviewers say of themselves, and conflicts of interest."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Word
from claims.models.project import LEANINGS
from claims.people.traits import MOST_WORDS


class TraitsShape(serializers.Serializer[Any]):
    leaning = serializers.CharField(help_text=f"One of {', '.join(LEANINGS)}; empty: not said.")
    languages = serializers.ListField(child=serializers.CharField())
    region = serializers.CharField()
    expertise = serializers.ListField(child=serializers.CharField())


class NewTraits(Shape):
    leaning = Word(("", *LEANINGS), default="")
    languages = serializers.ListField(child=Line(max_length=12), default=list, max_length=MOST_WORDS)
    region = Line(max_length=60, default="", allow_blank=True)
    expertise = serializers.ListField(child=Line(max_length=60), default=list, max_length=MOST_WORDS)


class InterestShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    user = serializers.IntegerField(
        source="reviewer.user_id", allow_null=True, help_text="Whom it keeps from such units; null: who has left."
    )
    outlet = serializers.IntegerField(source="outlet_id", allow_null=True)
    entity = serializers.CharField(help_text="A person or body; empty where it is an outlet.")
    is_declared = serializers.BooleanField(help_text="By the reviewer; otherwise an owner set it.")
    created_at = serializers.DateTimeField()


class NewInterest(Shape):
    user = Id(
        required=False,
        allow_null=True,
        default=None,
        help_text="For owners: a member who labels, as list_members names them; null: yourself.",
    )
    outlet = Id(required=False, allow_null=True, default=None)
    entity = Line(max_length=120, default="", allow_blank=True)
