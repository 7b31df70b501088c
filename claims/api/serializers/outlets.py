"""Outlets, their figures, and who cites whom."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import MAX_ID, ById, Id, Line, Number, Shape, Truth, Whole
from claims.models.credibility import MEASURES


class OutletRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)


class OutletFigureShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    measure = serializers.ChoiceField(tuple(MEASURES))
    outcome = serializers.CharField()
    n = serializers.IntegerField(help_text="Claims observed.")
    value = serializers.FloatField(allow_null=True, help_text="A share, or a mean for distance; null with a reason.")
    low = serializers.FloatField(allow_null=True, help_text="95 % interval.")
    high = serializers.FloatField(allow_null=True)
    raw = serializers.FloatField(allow_null=True, help_text="Before it was drawn towards the other outlets.")
    n_effective = serializers.FloatField(allow_null=True, help_text="What n is worth under unequal chances.")
    reason = serializers.CharField(help_text="Why there is no value; empty where there is one.")


class FrameShape(serializers.Serializer[Any]):
    round = serializers.IntegerField(allow_null=True, help_text="Null: every claim found in the articles.")
    probability = serializers.FloatField(allow_null=True, help_text="Chance of being chosen; null: not known.")
    n = serializers.IntegerField()


class ProfileShape(OutletRow):
    domains = serializers.ListField(child=serializers.CharField())
    figures = OutletFigureShape(many=True)
    frames = serializers.DictField(child=FrameShape(many=True), help_text="Measure -> where its claims come from.")


class FormulaShape(serializers.Serializer[Any]):
    version = serializers.IntegerField(source="n", help_text="0: there was never one.")
    is_on = Truth()
    weights = serializers.DictField(child=serializers.FloatField(), help_text="Criterion -> weight.")
    rationale = serializers.CharField()


class OwnFormulaShape(FormulaShape):
    camps = serializers.DictField(
        child=serializers.CharField(), help_text="Reviewer -> camp; empty for those who may not change it."
    )


class SetFormula(Shape):
    expected_version = Whole(min_value=0, max_value=MAX_ID, help_text="The version that was read; 0 for the first.")
    is_on = Truth()
    weights = serializers.DictField(child=Number(), help_text="Criterion -> weight, 0 to 100.")
    rationale = Line(max_length=4000, help_text="Why these weights, or why it is switched off.")
    camps = ById(
        child=Line(allow_blank=True, max_length=40),
        required=False,
        allow_null=True,
        default=None,
        help_text="Id of a reviewer -> camp: answers are averaged within camps and then across. null: as they stand.",
    )


class ObservationShape(serializers.Serializer[Any]):
    answer = serializers.CharField()
    url = serializers.CharField(help_text="Where it is seen; empty where nothing was named.")
    seen_on = serializers.DateField(allow_null=True)
    counts = serializers.BooleanField(help_text="Whether it is a pass or a fail with an address and a day.")
    round = serializers.IntegerField()
    unit = serializers.IntegerField()


class ComponentShape(serializers.Serializer[Any]):
    criterion = serializers.CharField()
    weight = serializers.FloatField()
    state = serializers.CharField(help_text="met, failed, divided, not_applicable or insufficient_evidence.")
    share = serializers.FloatField(allow_null=True, help_text="0 failed to 1 met; null: left out.")
    basis = serializers.CharField(help_text="settled or reviewers.")
    reviewers = serializers.IntegerField()
    agreement = serializers.FloatField(allow_null=True, help_text="Share of pairs of people with the same answer.")
    camps = serializers.DictField(child=serializers.FloatField(), help_text="Camp -> share, averaged across.")
    observations = ObservationShape(many=True)


class PlaceShape(serializers.Serializer[Any]):
    axis = serializers.CharField()
    title = serializers.CharField()
    scale = serializers.ListField(child=serializers.CharField(), help_text="In order; values count from 0.")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Choice -> reviewers.")
    reviewers = serializers.IntegerField(help_text="Who chose a place that counts.")
    value = serializers.FloatField(allow_null=True, help_text="The mean; with camps, of the camps' means.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    camps = serializers.DictField(child=serializers.FloatField(), help_text="Camp -> mean.")
    frames = serializers.DictField(child=serializers.IntegerField(), help_text="Country's frame -> reviewers.")
    frame = serializers.CharField(help_text="In whose politics; left or right has one row for each.")
    country = serializers.CharField(help_text="Of own_country, where the outlet's description names it.")


class PlacesShape(serializers.Serializer[Any]):
    axes = PlaceShape(many=True)


class CompositeShape(serializers.Serializer[Any]):
    formula = FormulaShape(allow_null=True, help_text="Null: the project has no composite switched on.")
    value = serializers.FloatField(allow_null=True, help_text="0 to 100.")
    low = serializers.FloatField(allow_null=True, help_text="If everything that is not known were failed.")
    high = serializers.FloatField(allow_null=True, help_text="If everything that is not known were met.")
    coverage = serializers.FloatField(allow_null=True, help_text="Share of the weight that applies and is known.")
    reason = serializers.CharField(help_text="Why there is no value; empty where there is one.")
    components = ComponentShape(many=True)


class EdgeShape(serializers.Serializer[Any]):
    citing = serializers.CharField()
    citing_outlet = serializers.IntegerField(allow_null=True)
    cited = serializers.CharField()
    cited_outlet = serializers.IntegerField(allow_null=True)
    claims = serializers.IntegerField()
    articles = serializers.IntegerField(help_text="That name the cited or lead to it.")
    links = serializers.IntegerField(help_text="Of these, the articles that lead to it by a link in their text.")


class CitationsShape(serializers.Serializer[Any]):
    edges = EdgeShape(many=True)


class ComparedSayingShape(serializers.Serializer[Any]):
    words = serializers.CharField(help_text="Where they are not those of `text`.")
    article = serializers.IntegerField()
    voice = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field called source
        help_text="Whom it names first; empty in its own voice."
    )
    stance = serializers.CharField(help_text="Empty where nothing was settled.")


class ComparedRow(serializers.Serializer[Any]):
    claim = serializers.IntegerField()
    text = serializers.CharField()
    sayings = serializers.ListField(
        child=ComparedSayingShape(allow_null=True),
        help_text="In the order of `outlets`; null: this outlet leaves it out.",
    )


class ComparisonShape(serializers.Serializer[Any]):
    outlets = serializers.ListField(child=serializers.IntegerField())
    rows = ComparedRow(many=True)


class MergeOutlet(Shape):
    into = Id(help_text="The outlet that stays.")
