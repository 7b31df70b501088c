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
    "DESCRIPTION": "Articles in; claims, labels, agreement and releases out. Refusals are problem+json.",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # a change names what it has to hold, as any other body does
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": [],  # word lists stay where they are used; the hook would name them by number
    "APPEND_COMPONENTS": {"schemas": {"JsonValue": JSON_VALUE}},
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}},
}
