"""What is said in public about an outlet and what others say of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Text, Truth, Whole, Word
from claims.lifecycle import PUBLICATION

ACTS = ("reply", "respond", "approve", "correct", "withdraw")


class PublicationShape(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Version; counts up for each outlet.")
    state = serializers.ChoiceField(PUBLICATION.states)
    n_reviewers = serializers.IntegerField()
    letter = serializers.CharField()
    reply_until = serializers.DateTimeField()
    reply = serializers.CharField()
    disputed = serializers.CharField()
    response = serializers.CharField()
    corrections = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    approvals = serializers.SerializerMethodField(help_text="Of two different people.")
    published_at = serializers.DateTimeField(allow_null=True)
    snapshot = serializers.DictField(help_text="The figures, frozen when it was begun.")

    def get_approvals(self, row: Any) -> int:
        return sum(pk is not None for pk in (row.first_approval_by_id, row.second_approval_by_id))


class NewPublication(Shape):
    letter = Text(help_text="What the outlet is told and asked.")
    days = Whole(min_value=0, max_value=999, help_text="How long the outlet has to reply.")


class PublicationAct(Shape):
    act = Word(ACTS)
    text = Text(
        required=False, default="", help_text="The reply, our response, the notice or the reason; not for approve."
    )
    disputed = Text(required=False, default="", help_text="With a reply: the points it disputes.")


class Hold(Shape):
    is_held = Truth(help_text="While it is, texts of the outlet's articles are not erased.")


class HoldShape(serializers.Serializer[Any]):
    is_held = serializers.BooleanField()


class NewRatings(Shape):
    rater = Line(max_length=80, help_text="Whose ratings these are.")
    content = Text(help_text="The list as CSV or TSV.")
    rated_on = serializers.DateField(required=False, allow_null=True, default=None)
    licence = Line(required=False, default="", allow_blank=True, max_length=200)


class LineFault(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    sentence = serializers.CharField()


class RatingsReport(serializers.Serializer[Any]):
    read = serializers.IntegerField()
    kept = serializers.IntegerField()
    repeated = serializers.IntegerField()
    unknown_outlets = serializers.IntegerField(help_text="Outlets of the list that the project does not have.")
    strangers = serializers.ListField(child=serializers.CharField(), help_text="The first 50 of them, as written.")
    unmapped = serializers.DictField(child=serializers.IntegerField(), help_text="A value as it stood: how often.")
    errors = LineFault(many=True)  # type: ignore[assignment]  # a field called errors


class RatingShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    outlet = serializers.CharField(source="outlet.name")
    rater = serializers.CharField()
    axis = serializers.CharField()
    raw = serializers.CharField(help_text="As the list has it.")
    mapped = serializers.CharField(help_text="In our words; empty: not mapped.")
    rated_on = serializers.DateField(allow_null=True)
    licence = serializers.CharField()
    url = serializers.CharField()


class PairedOutlet(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class OutletPair(serializers.Serializer[Any]):
    kept = PairedOutlet()
    other = PairedOutlet()
    reason = serializers.CharField(help_text="same_name, same_alias, name_is_domain or look_alike.")
    kept_domains = serializers.ListField(child=serializers.CharField())
    other_domains = serializers.ListField(child=serializers.CharField())


class ProposalsShape(serializers.Serializer[Any]):
    merges = OutletPair(many=True, help_text="May be one publisher.")
    warnings = OutletPair(many=True, help_text="Look alike, which is what an imitation does.")


class TwoOutlets(Shape):
    kept = Id()
    other = Id()
