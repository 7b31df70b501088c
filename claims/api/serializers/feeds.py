"""Feeds and sitemaps that are looked at again and again."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Whole
from claims.models.remote import FEED_STATES


class NewFeed(Shape):
    url = Line(max_length=2_000, help_text="Of a feed (RSS, Atom, JSON Feed) or a sitemap.")
    outlet = Line(required=False, default="", allow_blank=True, max_length=200, help_text="The publisher's name.")
    every_minutes = Whole(required=False, default=60, min_value=15, max_value=10_080)


class FeedRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    outlet = serializers.CharField()
    every_minutes = serializers.IntegerField()
    state = serializers.ChoiceField(FEED_STATES)
    next_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField(allow_null=True)
    last_code = serializers.CharField(help_text="Why the last look failed; empty: it did not.")
    last_sentence = serializers.CharField()
    failures = serializers.IntegerField(help_text="Since it last answered.")
    created_at = serializers.DateTimeField()
