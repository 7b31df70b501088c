"""Codebooks and rounds."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Share, Truth, Whole, Word
from claims.labelling.codebook import PRESETS
from claims.lifecycle import CODEBOOK_VERSION, ROUND
from claims.models.article import CLAIM_ROLES
from claims.models.round import ORDERS, PURPOSES

ROUND_UNITS = ("claim_occurrence", "article", "outlet")


class CodebookRow(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Id of this version of the codebook.")
    codebook = serializers.CharField(source="codebook.slug")
    name = serializers.CharField(source="codebook.name")
    n = serializers.IntegerField()
    state = serializers.ChoiceField(CODEBOOK_VERSION.states)
    sha256 = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)


class CodebookShape(CodebookRow):
    document = serializers.DictField(help_text="The whole codebook: questions, choices, definitions, conditions.")


class NewCodebook(Shape):
    preset = Word(list(PRESETS), help_text="A codebook that comes with Attest.")
    publish = Truth(default=True)


class Selection(Shape):
    articles = serializers.ListField(child=Id(), required=False, allow_null=True, max_length=10_000)
    roles = serializers.ListField(child=Word(CLAIM_ROLES), required=False, allow_null=True, max_length=len(CLAIM_ROLES))
    min_checkworthiness = Share(required=False, allow_null=True)
    limit = Whole(required=False, allow_null=True, min_value=1, max_value=10_000_000)


class RoundRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    purpose = serializers.ChoiceField(PURPOSES)
    state = serializers.ChoiceField(ROUND.states)
    codebook_version = serializers.IntegerField(source="codebook_version_id")
    unit_kind = serializers.ChoiceField(ROUND_UNITS)
    questions = serializers.ListField(child=serializers.CharField(), help_text="Empty: all of the codebook's.")
    overlap = serializers.IntegerField(help_text="Independent labels each unit gets.")
    order = serializers.ChoiceField(ORDERS)
    seed = serializers.IntegerField()
    reservation_minutes = serializers.IntegerField()
    hides_outlet = serializers.BooleanField()
    hides_author = serializers.BooleanField()
    hides_date = serializers.BooleanField()
    flags_evidence_dates = serializers.BooleanField(help_text="Evidence that appeared after the claim is pointed out.")
    blocks_own_outlet = serializers.BooleanField(help_text="What published the claim is no evidence for it.")
    selection = serializers.DictField()
    created_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text="Also in the header ETag; send it back in If-Match.")


class Progress(serializers.Serializer[Any]):
    units = serializers.IntegerField()
    controls = serializers.IntegerField()
    open = serializers.IntegerField()
    reserved = serializers.IntegerField()
    submitted = serializers.IntegerField()
    skipped = serializers.IntegerField()
    expired = serializers.IntegerField()


class RoundShape(RoundRow):
    progress = Progress(allow_null=True, help_text="Slots by state; null for reviewers, who work blind.")


class RoundPlan(Shape):
    """What a round's plan can say; all optional, for a change."""

    name = Line(max_length=120)
    overlap = Whole(min_value=1, max_value=60)
    order = Word(ORDERS)
    purpose = Word(PURPOSES)
    seed = Whole(min_value=0, max_value=2**31 - 1)
    reservation_minutes = Whole(min_value=1, max_value=10_080)
    hides_outlet = Truth()
    hides_author = Truth()
    hides_date = Truth()
    flags_evidence_dates = Truth()
    blocks_own_outlet = Truth()
    selection = Selection()


class NewRound(RoundPlan):
    codebook_version = Id()
    unit_kind = Word(ROUND_UNITS, default="claim_occurrence")
    questions = serializers.ListField(child=Line(max_length=40), default=list, max_length=100)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in set(RoundPlan().fields) - {"name"}:
            fields[name].required = False
        return fields


class NewOverlap(Shape):
    overlap = Whole(min_value=1, max_value=60, help_text="Reviewers per unit from now on.")
