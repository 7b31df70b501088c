"""Files sent by programs, and how they are read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Text, Word
from claims.importing.datasets import DATASETS
from claims.vocabulary import ARTICLE_FIELDS


class ColumnNames(Shape):
    """Which column or key of the file is which field; "" for none."""

    def get_fields(self) -> dict[str, Any]:
        return {
            field: Line(required=False, allow_blank=True, max_length=500, help_text=f"The file's name for {field}.")
            for field in ARTICLE_FIELDS
        }


class NewFile(Shape):
    filename = Line(max_length=300, help_text="Its ending tells the format: articles.csv.")
    content = Text(required=False, default="", help_text="The file, where it is text in UTF-8.")
    content_base64 = Line(
        required=False, default="", allow_blank=True, help_text="The file's bytes, where it is anything else."
    )
    encoding = Line(required=False, default="", allow_blank=True, max_length=40, help_text="Where it cannot be told.")
    delimiter = Line(
        required=False,
        default="",
        allow_blank=True,
        max_length=1,
        trim_whitespace=False,
        help_text="Of a table: a comma, semicolon, tab or vertical bar.",
    )
    columns = ColumnNames(required=False, default=dict)
    outlet = Line(required=False, default="", allow_blank=True, max_length=200, help_text="Where the file names none.")


class UploadOptions(Shape):
    """What is said of a file in its address; the columns as `column_text=Inhalt`, "" for none."""

    filename = Line(max_length=300)
    dataset = Word(tuple(DATASETS), required=False, default="")
    encoding = Line(required=False, default="", allow_blank=True, max_length=40)
    delimiter = Line(required=False, default="", allow_blank=True, max_length=1)
    outlet = Line(required=False, default="", allow_blank=True, max_length=200)

    def get_fields(self) -> dict[str, Any]:
        columns = {
            f"column_{field}": Line(required=False, allow_blank=True, max_length=500) for field in ARTICLE_FIELDS
        }
        return {**super().get_fields(), **columns}


class RowFault(serializers.Serializer[Any]):
    """What the import would say of a row."""

    line = serializers.IntegerField(allow_null=True)
    row = serializers.IntegerField(allow_null=True, help_text="Its place among the rows shown, from 0; null: beyond.")
    field = serializers.ChoiceField(("", *ARTICLE_FIELDS), help_text="Empty where the row as a whole is at fault.")
    code = serializers.CharField()
    sentence = serializers.CharField()


class FileLook(serializers.Serializer[Any]):
    format = serializers.CharField()
    encoding = serializers.CharField()
    encoding_confidence = serializers.FloatField(help_text="0 to 1; below 1 it is a guess.")
    delimiter = Line(help_text="Empty for what is no CSV.")
    names = serializers.ListField(child=serializers.CharField(), help_text="The columns or keys.")
    columns = serializers.DictField(child=serializers.CharField(), help_text="Field: the column that is taken for it.")
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text="The first ones."
    )
    escape = Line(help_text="What stands before a quotation mark inside a cell; empty: it is doubled.")
    checked = serializers.IntegerField(help_text="How many of the first rows were tried.")
    faults = RowFault(many=True, help_text="Of those that were tried: what the import would leave out, and why.")
