"""A project's consent text and one's own answer to it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Whole
from claims.people.consent import MAX_TEXT


class ConsentShape(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="The version that holds; 0: no consent is asked for.")
    text = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    has_accepted = serializers.BooleanField(help_text="You accepted this version.")


class NewConsentText(Shape):
    text = Line(
        max_length=MAX_TEXT,
        allow_blank=True,
        help_text="Everybody is asked anew before their next unit; empty: nobody is asked any more.",
    )


class Acceptance(Shape):
    n = Whole(min_value=1, max_value=32_767, help_text="The version that you read.")
