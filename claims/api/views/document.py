"""The API's own description: the OpenAPI document, a page to read it, and the answer to unknown addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView

from claims.api.problems import MEDIA_TYPE, problem_body
from claims.errors import NotFound


class Schema(SpectacularJSONAPIView):
    """The OpenAPI 3.1 document, open to all: it describes, it holds nothing."""

    authentication_classes = ()
    permission_classes = ()


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """All operations on one page, read from the OpenAPI document; a script lets who is signed in try them."""
    return render(request, "claims/api_docs.html", {"groups": operations()})


@cache
def operations() -> list[tuple[str, list[dict[str, Any]]]]:
    """Operations by tag, as the page shows them. The document cannot change while the process lives."""
    found = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in found["paths"].items():
        for method, one in methods.items():
            groups.setdefault(one["tags"][0], []).append(
                {
                    "id": one["operationId"],
                    "method": method.upper(),
                    "address": address,
                    "summary": one.get("summary", ""),
                    "description": one.get("description", ""),
                    "parameters": one.get("parameters", []),
                    "request": _example(one.get("requestBody", {})),
                    "has_body": "requestBody" in one,
                    "answers": list(_answers(one["responses"])),
                }
            )
    return list(groups.items())


def _answers(responses: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for status, one in responses.items():
        yield {"status": status, "description": one.get("description", ""), "example": _example(one)}


def _example(message: dict[str, Any]) -> str:
    """The first example of a body, as JSON, or nothing."""
    for media in message.get("content", {}).values():
        for example in media.get("examples", {}).values():
            return json.dumps(example["value"], indent=2, ensure_ascii=False)
    return ""


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Every other address, for every method: the bytes that a foreign object is answered with."""
    return JsonResponse(
        problem_body(NotFound(), ""),
        status=404,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
        json_dumps_params={"separators": (",", ":"), "ensure_ascii": False},
    )
