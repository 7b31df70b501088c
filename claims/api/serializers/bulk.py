"""Many things in one request, and what became of each."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Each, Id, Line, Shape, Whole
from claims.api.schema import Fault
from claims.api.serializers.labelling import NewLabel, NextUnit, ReceiptShape
from claims.api.serializers.sources import JobShape, NewArticle
from claims.errors import Refused

MOST_ARTICLES, MOST_LABELS = 500, 50


class BulkArticle(NewArticle):
    author = Line(required=False, default="", allow_blank=True, max_length=300)
    published_at = Line(
        required=False, default="", allow_blank=True, max_length=100, help_text="2026-03-14, or a time."
    )
    language = Line(required=False, default="", allow_blank=True, max_length=35, help_text="Code, such as en.")
    content_warnings = Line(
        required=False, default="", allow_blank=True, max_length=1000, help_text="Codes of the project's topics."
    )


class BulkArticles(Shape):
    articles = Each(child=BulkArticle(), min_length=1, max_length=MOST_ARTICLES, help_text="Each is judged by itself.")


class BulkLabel(NewLabel):
    unit = Id(help_text="One that you hold.")


class BulkLabels(Shape):
    labels = Each(child=BulkLabel(), min_length=1, max_length=MOST_LABELS, help_text="Each is judged by itself.")


class Said(serializers.Serializer[Any]):
    """What became of one item."""

    n = serializers.IntegerField(help_text="Its place in the request, from 0.")
    taken = serializers.BooleanField()
    code = serializers.CharField(help_text="Why it was not taken: stable, programs decide by it.")
    detail = serializers.CharField(help_text="The same for a person.")
    errors = Fault(many=True)  # type: ignore[assignment]  # a field called errors
    current = serializers.DictField(allow_null=True, help_text="What stands now, where something was quicker.")


class SaidOfArticle(Said):
    line = serializers.IntegerField(allow_null=True, help_text="Its line in the job, as the job's errors name it.")


class SaidOfLabel(Said):
    receipt = ReceiptShape(allow_null=True)


class ArticlesTaken(serializers.Serializer[Any]):
    job = JobShape()
    results = SaidOfArticle(many=True)


class LabelsTaken(serializers.Serializer[Any]):
    taken = serializers.IntegerField(help_text="How many are stored.")
    results = SaidOfLabel(many=True)


class NewDraw(Shape):
    count = Whole(min_value=1, max_value=MOST_LABELS, help_text="How many you want to hold at once.")


class DrawnUnits(serializers.Serializer[Any]):
    units = NextUnit(many=True)


def said_of(n: int, one: object) -> dict[str, Any]:
    """An item's row, from its refusal or from anything else."""
    if not isinstance(one, Refused):
        return {"n": n, "taken": True, "code": "", "detail": "", "errors": [], "current": None}
    faults = [{"field": fault.field, "code": fault.code, "detail": fault.sentence} for fault in one.problems]
    return {
        "n": n,
        "taken": False,
        "code": one.code,
        "detail": one.sentence,
        "errors": faults,
        "current": one.current,
    }
