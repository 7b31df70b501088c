"""Bodies: JSON through the one gate, and shapes that take what they name, in the type they name, and nothing else."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.files.base import File
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser, JSONParser

from claims.api.problems import as_refused
from claims.errors import Refused
from claims.text import HALF_CHARACTER, strict_json

MAX_ID = 2**63 - 1
ID_NAME = r"^[1-9][0-9]{0,17}$"  # of an object's field; never above MAX_ID
NO_NUL = r"^[^\u0000]*$"
_INSIDE = {"$ref": "#/components/schemas/JsonValue"}  # any JSON that the one gate lets through; see the settings
_IN_MEMORY, _PART = 2_500_000, 1 << 16
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSON(JSONParser):
    """JSON as RFC 8259 says: no doubled keys, no NaN, no depth bombs, no more bytes than the view takes."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        limit: int = (parser_context or {})["view"].body_limit
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise Refused("too_large", f"The body is larger than the {limit:,} bytes taken here.", status=413)
        try:
            return strict_json(raw)
        except Refused as refused:
            status = 413 if refused.status == 413 else 400
            raise Refused(refused.code, refused.sentence, status=status, problems=refused.problems) from None


class ReceivedFile(File):  # type: ignore[type-arg]  # takes none when the program runs
    """A file as it was sent; close it. `sha256` tells one from another."""

    sha256 = ""


class PlainBytes(BaseParser):
    """A file's bytes and nothing round them; large ones wait on disk, never in memory."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """A ReceivedFile."""
        limit: int = (parser_context or {})["view"].body_limit
        kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the file it becomes
        size = 0
        while part := stream.read(_PART):
            size += len(part)
            if size > limit:
                kept.close()
                raise Refused("too_large", f"The file has more than the {limit:,} bytes taken here.", status=413)
            kept.write(part)
        kept.seek(0)
        received = ReceivedFile(kept)
        received.sha256, received.size = hashlib.file_digest(kept, "sha256").hexdigest(), size
        kept.seek(0)
        return received


class Shape(serializers.Serializer[Any]):
    """A serializer that refuses what it does not name (AZ-09)."""

    is_partial: ClassVar[bool] = False  # a body may leave out any field, whatever else needs them

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError(
                {
                    name[:60]: serializers.ErrorDetail(f"There is no field {name[:60]!r} here.", code="unknown_field")
                    for name in unknown
                }
            )
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number: 3 or 3.0 (JSON Schema holds them equal), not "3", not true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int and not (type(data) is float and data.is_integer()):
            self.fail("invalid")
        return super().to_internal_value(int(data))


class Id(Whole):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class Truth(serializers.BooleanField):
    """true or false, not "yes" or 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Line(serializers.CharField):
    """A string, not a number; white space stays."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"trim_whitespace": False} | kwargs))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Coded(serializers.RegexField):
    """A string that a pattern describes, not a number that happens to fit it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A number, not a string that reads like one."""

    def to_internal_value(self, data: Any) -> float:
        if type(data) not in (int, float):
            self.fail("invalid")
        return super().to_internal_value(data)


class Share(Number):
    """A number from 0 to 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=1, **kwargs)


class Each(serializers.ListField):
    """A list whose items are judged one by one: each comes out as its values, or as the refusal of that item."""

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        return [self._judged(item) for item in data]

    def _judged(self, item: Any) -> Any:
        try:
            return self.child.run_validation(item)
        except serializers.ValidationError as error:
            return as_refused(error)


@extend_schema_field(str)
class Text(serializers.Field[str, Any, str, Any]):
    """A long string as it comes; control characters are removed and counted further in."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Not a string.", code="invalid")
        if (half := HALF_CHARACTER.search(data)) is not None:
            # It would be taken out, and every place behind it that the sender knows would be another.
            raise serializers.ValidationError(
                f"Character {half.start() + 1:,} is one half of a surrogate pair (U+{ord(half.group()):04X}). "
                "Send whole characters.",
                code="invalid_characters",
            )
        return data

    def to_representation(self, value: str) -> str:
        return value


class Word(serializers.ChoiceField):
    """One word of a closed list; who writes another one reads the list."""

    def __init__(self, choices: Any, **more: Any) -> None:
        super().__init__(choices, **more)
        known = ", ".join(str(word) for word in self.choices if word != "")
        self.error_messages["invalid_choice"] = f"“{{input}}” is none of: {known}."

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:60])
        word: str = super().to_internal_value(data)
        return word


@extend_schema_field({"type": "object", "additionalProperties": _INSIDE, "propertyNames": {"pattern": NO_NUL}})
class Values(serializers.DictField):
    """Any JSON object whose strings the database can hold."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if not is_storable(data):
            raise serializers.ValidationError(
                "Strings cannot hold NUL characters or lone surrogates.", code="invalid_characters"
            )
        return dict(data)


@extend_schema_field({"allOf": [_INSIDE], "not": {"type": "null"}})
class AnyValue(serializers.JSONField):
    """A choice, a list of choices, or a number: any JSON but null whose strings the database can hold."""

    def to_internal_value(self, data: Any) -> Any:
        if not is_storable(data):
            raise serializers.ValidationError("Strings cannot hold NUL characters.", code="invalid_characters")
        return super().to_internal_value(data)


class ById(serializers.DictField):
    """An object whose names are ids of rows: {"7": ...} comes out as {7: ...}."""

    def to_internal_value(self, data: Any) -> dict[int, Any]:
        given = super().to_internal_value(data)
        if wrong := [name for name in given if not re.fullmatch(ID_NAME, name)]:
            raise serializers.ValidationError(f"{wrong[0][:40]!r} is no id.", code="invalid")
        return {int(name): value for name, value in given.items()}


def is_storable(value: Any) -> bool:
    """Whether PostgreSQL can hold every string in a JSON value."""
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    if isinstance(value, Mapping):
        return all(is_storable(name) and is_storable(inner) for name, inner in value.items())
    return all(is_storable(inner) for inner in value) if isinstance(value, list) else True
