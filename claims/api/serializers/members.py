"""Who is in a project, and the invitations that let people in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Whole, Word
from claims.api.serializers.labelling import OwnLabel
from claims.models.project import ROLES
from claims.people.invitations import MAX_LETTERS, MAX_USES


class MemberShape(serializers.Serializer[Any]):
    user = serializers.IntegerField(source="user_id")
    username = serializers.CharField(source="user.username")
    role = serializers.ChoiceField(ROLES)
    created_at = serializers.DateTimeField()


class NewRole(Shape):
    role = Word(ROLES)


class InvitationShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(ROLES)
    email = serializers.CharField(help_text="Empty: for whoever has the link.")
    uses = serializers.IntegerField(help_text="How many people came in by it.")
    max_uses = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class NewInvitation(Shape):
    role = Word(ROLES)
    email = Line(required=False, default="", allow_blank=True, max_length=254)
    days = Whole(min_value=1, max_value=90, default=14)
    max_uses = Whole(min_value=1, max_value=MAX_USES, default=1)


class CreatedInvitation(InvitationShape):
    link = serializers.CharField(
        required=False, help_text="The address to join at. It is shown this once; repeats of the request leave it out."
    )


class NewLetters(Shape):
    role = Word(ROLES)
    emails = serializers.ListField(child=Line(max_length=254), min_length=1, max_length=MAX_LETTERS)
    days = Whole(min_value=1, max_value=90, default=14)


class LettersShape(serializers.Serializer[Any]):
    invitations = InvitationShape(many=True)


class LookedShape(serializers.Serializer[Any]):
    events = OwnLabel(many=True, help_text="The newest about units that all others have answered.")
    besides = serializers.IntegerField(help_text="How many answers there are besides.")
