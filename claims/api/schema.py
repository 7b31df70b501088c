"""The OpenAPI 3.1 document: what each operation takes and answers, said once beside its method."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

from claims.api.bodies import ID_NAME, NO_NUL
from claims.api.lists import MAX_PAGE, PAGE, Listing
from claims.api.problems import MEDIA_TYPE

View = TypeVar("View", bound=Callable[..., Any])
REFUSALS = {
    400: "The request has faults: an unknown parameter or field, a value out of its range, JSON that is none.",
    401: "No token, a bad one, or one in the address.",
    403: "The role or the token's scope does not allow this.",
    404: "Missing, or not yours to know about: the answer is the same.",
    409: "Something else was quicker or the state does not allow it; `current` holds what stands.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    410: "It was here and is taken down, or the link has expired.",
    416: "The range begins behind the end of the file.",
    422: "Understood and refused; each fault is listed.",
    428: "Send the version that you change in the header If-Match.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "The database does not answer; Retry-After says when to try again.",
}
ALWAYS = (400, 401, 403, 404, 429, 503)
WRITING = (409, 413, 415, 422)


class Fault(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemShape(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable: programs decide by it.")
    detail = serializers.CharField(help_text="For a person: what was given, why not, what to do.")
    errors = Fault(many=True, required=False)  # type: ignore[assignment]  # a field called errors
    current = serializers.DictField(required=False, help_text="What stands now (409).")
    request_id = serializers.CharField(required=False)

    class Meta:
        ref_name = "Problem"


class ScopedSchema(AutoSchema):
    """Says beside each operation which scopes of a token open it."""

    def get_description(self) -> str:  # type: ignore[override]
        needed = sorted(getattr(self.view, "scopes", {}).get(self.method, ()))
        if needed == ["session"]:
            return "For people who are signed in; no token opens this."
        return f"A token needs the scope {' or '.join(needed)}." if needed else ""


class ClosedShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Bodies take the fields they name and no other; the document says so too."""

    target_class = "claims.api.bodies.Shape"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> Any:
        mapped = auto_schema._map_serializer  # not typed there
        found: dict[str, Any] = mapped(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]
        if self.target.is_partial:
            found.pop("required", None)
        if not type(self.target).__doc__:  # what it has is its base's, which says nothing of this body
            found.pop("description", None)
        return {**found, "additionalProperties": False}


def without_null(mapped: dict[str, Any]) -> dict[str, Any]:
    """As it was before "null" was added to its types, which happens once more to what an extension gives."""
    types = mapped.get("type")
    bare = [one for one in types if one != "null"] if isinstance(types, list) else []
    return {**mapped, "type": bare[0] if len(bare) == 1 else bare} if bare else mapped


class LineShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Strings that are stored hold no NUL; the document says so where nothing else describes them."""

    target_class = "claims.api.bodies.Line"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        mapped = auto_schema._map_serializer_field  # not typed there
        found: dict[str, Any] = mapped(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]
        return without_null({"pattern": NO_NUL, **found} if direction == "request" else found)


BLANK = {"type": "string", "maxLength": 0}


def with_blank_said_once(result: Any, **_: Any) -> Any:
    """The document without the choice between a string and an empty one where the first may be empty already: `oneOf`
    wants exactly one of them. A hook of drf-spectacular, which adds that choice to whatever has a pattern."""
    if isinstance(result, list):
        return [with_blank_said_once(one) for one in result]
    if not isinstance(result, dict):
        return result
    found = {name: with_blank_said_once(one) for name, one in result.items()}
    match found.get("oneOf"):
        case [{"type": "string", "pattern": pattern} as string, blank] if blank == BLANK and re.search(pattern, ""):
            if not string.get("minLength") and "format" not in string and "enum" not in string:
                del found["oneOf"]
                return found | string
    return found


class ByIdShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Objects whose names are ids."""

    target_class = "claims.api.bodies.ById"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        mapped = auto_schema._map_serializer_field  # not typed there
        found: dict[str, Any] = mapped(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]
        return without_null({**found, "propertyNames": {"pattern": ID_NAME}})


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "claims.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "att_...",
            "description": "A token from the page “Tokens”.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "claims.api.authentication.PageSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of the pages; changes need the header X-CSRFToken as well.",
        }


KEY_SCHEMA = {"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[!-~]{8,64}$"}
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    KEY_SCHEMA,
    OpenApiParameter.HEADER,
    description="A fresh random word for each thing to create. The same request with the same key is done once.",
)
LABEL_KEY = OpenApiParameter(
    "Idempotency-Key",
    KEY_SCHEMA,
    OpenApiParameter.HEADER,
    required=True,
    description="A fresh random word for each label. The same label with the same key is stored once.",
)
VERSION = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    OpenApiParameter.HEADER,
    required=True,
    description="The version that you change, as you read it, in quotation marks.",
)
OWN_ANSWERS = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    OpenApiParameter.HEADER,
    required=True,
    description="Your answers that you correct: the ETag that came when they were stored, which is their seq in "
    "quotation marks. It is submitted.seq of the unit, too.",
)
TAG_READ = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what you change, as you read it.",
)


def operation(
    operation_id: str,
    summary: str,
    *,
    answers: Mapping[Any, Any],
    request: Any = None,
    listing: Listing | None = None,
    parameters: tuple[OpenApiParameter, ...] = (),
    refuses: tuple[int, ...] = (),
    examples: Mapping[str, Any] | None = None,
    tag: str,
) -> Callable[[View], View]:
    """Document one method.

    `answers` is {status or (status, media type): serializer}; `examples` is {"request" or "answer": value}.
    """
    writes = WRITING if request is not None else ()
    responses: dict[Any, Any] = {status: answers[status] for status in answers}
    for status in sorted({*ALWAYS, *writes, *refuses}):
        responses[(status, MEDIA_TYPE)] = OpenApiResponse(ProblemShape, REFUSALS[status])
    document: Callable[[View], View] = extend_schema(
        operation_id=operation_id,
        summary=summary,
        request=request,
        responses=responses,
        parameters=[*parameters, *(list_parameters(listing) if listing else ())],
        examples=[
            OpenApiExample(name.capitalize(), value, request_only=name == "request", response_only=name == "answer")
            for name, value in (examples or {}).items()
        ],
        tags=[tag],
    )
    return document


def filename_parameter(description: str) -> OpenApiParameter:
    """The name of a file, where its bytes are the body."""
    schema = {"type": "string", "minLength": 1, "maxLength": 300, "pattern": NO_NUL}
    return OpenApiParameter("filename", schema, required=True, description=description)


def words_parameter(name: str, description: str, *, chars: int, least: int = 0) -> OpenApiParameter:
    """A parameter of so many characters."""
    schema = {"type": "string", "minLength": least, "maxLength": chars, "pattern": NO_NUL}
    return OpenApiParameter(name, schema, required=bool(least), description=description)


def list_parameters(listing: Listing) -> list[OpenApiParameter]:
    paging = [
        OpenApiParameter(
            "cursor", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}, description="From `next` of the page before."
        ),
        OpenApiParameter(
            "page_size",
            {"type": "integer", "minimum": 0},
            description=f"{PAGE} unless given; 0 gives 1, more than {MAX_PAGE} gives {MAX_PAGE}.",
        ),
        OpenApiParameter("ordering", str, enum=list(listing.orders), description="The first one unless given."),
    ]
    named = [OpenApiParameter(name, one.kind.schema, description=one.help) for name, one in listing.filters.items()]
    return named + paging


@cache
def page_of(shape: type[serializers.Serializer[Any]]) -> Any:
    """The shape of one page of a list; one for all lists of the same rows."""
    return inline_serializer(
        f"{shape.__name__}Page",
        {"results": shape(many=True), "next": serializers.CharField(allow_null=True, help_text="null: the last page.")},
    )
