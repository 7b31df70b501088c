"""How alike people cut the articles of a round."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.statistics.cutting import FIGURES


class CutFigureShape(serializers.Serializer[Any]):
    name = serializers.ChoiceField(FIGURES)
    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_null=True, help_text="Why there is no value.")
    low = serializers.FloatField(allow_null=True, source="interval.low")
    high = serializers.FloatField(allow_null=True, source="interval.high")
    interval_reason = serializers.CharField(
        allow_null=True, source="interval.reason", help_text="Why there is no interval."
    )
    articles = serializers.IntegerField(source="n_articles")


class CutPairShape(serializers.Serializer[Any]):
    people = serializers.SerializerMethodField(help_text="Their numbers, the same for all articles.")
    figures = serializers.SerializerMethodField()

    def get_people(self, pair: Any) -> list[int]:
        return [pair[0], pair[1]]

    def get_figures(self, pair: Any) -> list[dict[str, Any]]:
        return list(CutFigureShape(pair[2], many=True).data)


class PersonCutShape(serializers.Serializer[Any]):
    person = serializers.SerializerMethodField(help_text="Their number.")
    pieces = serializers.SerializerMethodField(help_text="The words they cut out of the sentence.")

    def get_person(self, cut: Any) -> int:
        return int(cut[0])

    def get_pieces(self, cut: Any) -> list[str]:
        return list(cut[1])


class UnevenShape(serializers.Serializer[Any]):
    article = serializers.IntegerField(source="article.pk")
    sentence = serializers.CharField()
    cuts = PersonCutShape(many=True)


class RoundCutsShape(serializers.Serializer[Any]):
    is_awaited = serializers.BooleanField(help_text="Somebody may still cut: nothing but the counts is given.")
    articles = serializers.IntegerField(source="n_articles")
    asked = serializers.IntegerField(source="n_asked", help_text="Cuts.")
    given = serializers.IntegerField(source="n_given")
    people = serializers.IntegerField(source="n_people")
    figures = CutFigureShape(many=True)
    pairs = CutPairShape(many=True)
    sentences = serializers.IntegerField(source="n_sentences", help_text="From which anybody cut something.")
    cut_differently = serializers.IntegerField(source="n_uneven")
    differences = UnevenShape(many=True, source="uneven", help_text="At most 200 of them.")
