"""The same claim elsewhere, and the documents that claims go back to."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Whole, Word
from claims.matching.actions import NOTE_CHARS
from claims.models.matching import CLAIM_RELATIONS


class DifferenceRow(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="number, name, date, negation ...")
    left = serializers.CharField(allow_blank=True)
    right = serializers.CharField(allow_blank=True)


class RelationRow(serializers.Serializer[Any]):
    """`more_specific` says that the left claim is the more specific one."""

    id = serializers.IntegerField()
    left = serializers.IntegerField(source="left_id", help_text="Claim with the lower id.")
    right = serializers.IntegerField(source="right_id")
    left_text = serializers.CharField(source="left.text")
    right_text = serializers.CharField(source="right.text")
    suggested = serializers.ChoiceField(CLAIM_RELATIONS)
    score = serializers.FloatField()
    differences = DifferenceRow(many=True)
    relation = serializers.ChoiceField(("", *CLAIM_RELATIONS), help_text="What people decided; empty: nobody yet.")
    n = serializers.IntegerField(source="last", help_text="The last decision; send it as `expected`.")


class NewRelation(Shape):
    other = Id(help_text="The claim that this one relates to.")
    relation = Word(CLAIM_RELATIONS, help_text="As read from the claim of the address.")
    note = Line(max_length=NOTE_CHARS, required=False)


class RelationChoice(Shape):
    relation = Word(CLAIM_RELATIONS)
    expected = Whole(min_value=0, max_value=2**31 - 1, help_text="The last decision you saw; 0: none.")
    note = Line(max_length=NOTE_CHARS, required=False)


class DocumentRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    publisher = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    published = serializers.CharField(allow_blank=True, help_text="YYYY, YYYY-MM or YYYY-MM-DD, as far as known.")
    url = serializers.CharField(allow_blank=True)
    claims = serializers.ListField(child=serializers.IntegerField(), help_text="Claims that go back to it.")


class NewCitation(Shape):
    occurrence = Id(help_text="The claim's place in an article.")
    publisher = Line(max_length=300)
    title = Line(max_length=500, required=False)
    published = Line(max_length=10, required=False)
    url = Line(max_length=2000, required=False)
