"""Webhooks in the OpenAPI document: what is sent to other programs, which call no operation for it."""

from __future__ import annotations

from typing import Any

from claims.models.webhook import WEBHOOK_EVENTS

_ID, _TEXT = {"type": "integer"}, {"type": "string"}
_ONE = {"round": _ID, "unit": _ID, "question": _TEXT, "outcome": _TEXT, "settled": _ID, "revision": _ID}
_MANY = {"round": _ID, "unanimous": _ID, "majority": _ID}
# event -> (when, the fields of `data` beside the project; several where the event has several shapes)
MESSAGES: dict[str, tuple[str, *tuple[dict[str, Any], ...]]] = {
    "label.settled": (
        "A question about a unit was settled or settled anew; or, told once, all of a round that was clear, with how "
        "many were unanimous and how many went by majority",
        _ONE,
        _MANY,
    ),
    "job.ended": ("A background job ended", {"job": _ID, "kind": _TEXT, "state": _TEXT, "reason": _TEXT}),
    "release.ready": (
        "A release can be downloaded",
        {"release": {**_ID, "description": "Its number."}, "files": {"type": "array", "items": _TEXT}},
    ),
    "reviewer.paused": ("Somebody's work was paused", {"reviewer": _ID}),
}
HEADERS = {
    "webhook-id": "The same over all attempts to bring one message.",
    "webhook-timestamp": "Seconds since 1970 of this attempt.",
    "webhook-signature": "v1, and the base64 of HMAC-SHA256 over webhook-id.webhook-timestamp.body; the key is the "
    "part of the secret behind whsec_, base64 decoded.",
}
ANSWERS = {
    "2XX": "Taken. Any other status is tried again, for about a day and a half.",
    "410": "Nothing more is sent to this address.",
}


def with_webhooks(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The document with a webhook for each event; a hook of drf-spectacular."""
    headers = [
        {"in": "header", "name": name, "required": True, "schema": _TEXT, "description": said}
        for name, said in HEADERS.items()
    ]
    result["webhooks"] = {
        event: {
            "post": {
                "operationId": f"told_{event.replace('.', '_')}",
                "summary": MESSAGES[event][0],
                "parameters": headers,
                "requestBody": {"required": True, "content": {"application/json": {"schema": message(event)}}},
                "responses": {status: {"description": said} for status, said in ANSWERS.items()},
                "tags": ["Webhooks"],
            }
        }
        for event in WEBHOOK_EVENTS
    }
    return result


def message(event: str) -> dict[str, Any]:
    shapes = [_object({"project": {**_TEXT, "description": "Its slug."}, **fields}) for fields in MESSAGES[event][1:]]
    data = shapes[0] if len(shapes) == 1 else {"oneOf": shapes}
    return _object({"type": {"const": event}, "timestamp": {**_TEXT, "format": "date-time"}, "data": data})


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
