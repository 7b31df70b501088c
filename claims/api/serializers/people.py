"""Projects and tokens."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Coded, Line, Shape, Whole, Word
from claims.models.project import GOALS
from claims.people.actions import MOST_A_DAY, SCOPES


class ProjectShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    goal = serializers.ChoiceField(GOALS)
    language = serializers.CharField()
    role = serializers.CharField(source="asker_role", help_text="What you are in it.")
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)
    daily_cap = serializers.IntegerField(allow_null=True, help_text="Units for one person and day (UTC); null: no cap.")


class ProjectPlan(Shape):
    daily_cap = Whole(min_value=1, max_value=MOST_A_DAY, allow_null=True)


class NewProject(Shape):
    name = Line(max_length=120)
    slug = Coded(r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60, help_text="Its place in addresses.")
    goal = Word(GOALS)
    language = Coded(r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?$", default="en", max_length=12)


class TokenShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the token begins, to recognise it by.")
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPES))
    project = serializers.CharField(
        source="project.slug", default=None, allow_null=True, help_text="The only project it opens; null: all of yours."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewToken(Shape):
    name = Line(max_length=60)
    scopes = serializers.ListField(child=Word(SCOPES), min_length=1, max_length=len(SCOPES))
    only_in = Coded(
        r"^[-a-zA-Z0-9_]+$",
        required=False,
        allow_null=True,
        default=None,
        max_length=60,
        help_text="A project's slug; null: all of yours.",
    )
    days = Whole(min_value=1, max_value=366, default=90)


class CreatedToken(TokenShape):
    token = serializers.CharField(
        required=False, help_text="The token itself. It is shown this once; repeats of the request leave it out."
    )
