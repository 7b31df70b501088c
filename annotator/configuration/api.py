"""REST framework and the OpenAPI document."""

from __future__ import annotations

from typing import Any

__all__ = ["REST_FRAMEWORK", "SPECTACULAR_SETTINGS"]

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],  # deny by default; each view says more
}
DESCRIPTION = """\
Articles in; claims, labels, agreement and releases out.

**Who asks.** Send a token in `Authorization: Bearer att_...`. It has scopes, ends on a day, and may be held to one
project.

**Refusals** are `application/problem+json` (RFC 9457): decide by `code`, which is stable, and show `detail`. `errors`
lists faults by field. Each answer has the header `X-Request-Id`, and refusals repeat it as `request_id`, but for 404:
what is missing and what is not yours to know about are answered alike, byte for byte.

**Repeats.** A POST that creates takes an `Idempotency-Key`: the same request with the same key is done once, and the
same key with another request is refused with 422.

**Changes.** A PATCH or PUT that could overwrite what somebody else did wants the `ETag` that you read, in `If-Match`.
Without it the answer is 428; when something newer stands, 409 with it under `current`.

**Lists** are read page by page: follow `next` until it is null. Filters are named here; any other parameter is refused.

**Limits.** `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` count the requests of a minute; 429 says in
`Retry-After` how long to wait.

**Addresses** end with a slash.
"""
_INSIDE = {"$ref": "#/components/schemas/JsonValue"}
# Any JSON that the one gate lets through: no NUL, no whole number outside 64 bits. It holds itself, so it has a name.
JSON_VALUE: dict[str, Any] = {
    "type": ["string", "number", "boolean", "null", "array", "object"],
    "pattern": r"^[^\u0000]*$",
    "minimum": -(2**63),
    "maximum": 2**63 - 1,
    "items": _INSIDE,
    "additionalProperties": _INSIDE,
    "propertyNames": {"pattern": r"^[^\u0000]*$"},
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Attest",
    "VERSION": "1",
    "DESCRIPTION": DESCRIPTION,
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # a change names what it has to hold, as any other body does
    "SORT_OPERATIONS": False,
    # word lists stay where they are used; drf-spectacular's own hook would name them by number
    "POSTPROCESSING_HOOKS": ["claims.api.schema.with_blank_said_once", "claims.api.told.with_webhooks"],
    "APPEND_COMPONENTS": {"schemas": {"JsonValue": JSON_VALUE}},
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}},
}
