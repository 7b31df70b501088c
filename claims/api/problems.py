"""Refusals as problem+json (RFC 9457): {type, title, status, code, detail, errors[], request_id}, codes stable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from claims.errors import NotFound, Problem, Refused

MEDIA_TYPE = "application/problem+json"
INVALID_REQUEST = "The request has faults; each is listed under errors."

# What REST framework raises, in our words: its exception -> (code, sentence)
FRAMEWORK: dict[type[exceptions.APIException], tuple[str, str]] = {
    exceptions.NotAuthenticated: (
        "not_authenticated",
        "Send a token in the header “Authorization: Bearer att_…”, or sign in.",
    ),
    exceptions.ParseError: ("invalid_request", "The body could not be read. Send JSON in UTF-8."),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        "Bodies are JSON: send the header “Content-Type: application/json”.",
    ),
    exceptions.MethodNotAllowed: (
        "method_not_allowed",
        "This address does not take that method; see the header Allow.",
    ),
}
# What Django raises: its exception -> (status, code, sentence); the first that fits counts
DJANGO: dict[type[Exception], tuple[int, str, str]] = {
    PermissionDenied: (403, "not_permitted", "This is not yours to do."),
    RequestDataTooBig: (413, "too_large", "The body is larger than this address takes."),
    TooManyFilesSent: (400, "invalid_request", "The request holds too many files."),
    SuspiciousOperation: (400, "invalid_request", "The request could not be read."),
}


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The response to an exception of a view, or None for a fault of ours, which goes on to Django."""
    refused = as_refused(error)
    if refused is None:
        return None
    request_id = getattr(context.get("view"), "request_id", "")
    response = Response(problem_body(refused, request_id), status=refused.status, content_type=MEDIA_TYPE)
    if refused.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="attest"'
    return response


def as_refused(error: Exception) -> Refused | None:
    """Any exception that is the client's doing, as a refusal."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, exceptions.ValidationError):
        return _as_invalid(error)
    if isinstance(error, exceptions.APIException):
        code, sentence = FRAMEWORK.get(type(error), ("refused", "The request was refused."))
        return Refused(code, sentence, status=error.status_code)
    if isinstance(error, Http404):
        return NotFound()
    found = (said for kind, said in DJANGO.items() if isinstance(error, kind))
    return next((Refused(code, sentence, status=status) for status, code, sentence in found), None)


def _as_invalid(error: exceptions.ValidationError) -> Refused:
    problems = tuple(_problems(error.get_full_details()))
    code = next((problem.code for problem in problems if problem.code == "unknown_field"), "invalid_request")
    return Refused(code, INVALID_REQUEST, status=400, problems=problems)


def problem_body(refused: Refused, request_id: str) -> dict[str, Any]:
    """The body. A 404 has no request id in it: answers for missing and for foreign things are equal byte for byte."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "code": refused.code,
        "detail": refused.sentence,
        "errors": [
            {"field": problem.field, "code": problem.code, "detail": problem.sentence} for problem in refused.problems
        ],
    }
    if refused.current is not None:
        body["current"] = refused.current
    if refused.status != HTTPStatus.NOT_FOUND:
        body["request_id"] = request_id
    return body


def _problems(details: Any, field: str = "") -> Iterator[Problem]:
    """REST framework's nested details, flat: fields inside fields and lists are joined by dots."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        code = str(details["code"])
        yield Problem(field or "body", "invalid_value" if code == "invalid" else code, str(details["message"]))
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            yield from _problems(inner, _joined(field, "" if name == "non_field_errors" else str(name)))
    elif isinstance(details, Sequence):
        is_leaf = all(isinstance(inner, Mapping) and set(inner) == {"message", "code"} for inner in details)
        for n, inner in enumerate(details):
            yield from _problems(inner, field if is_leaf else _joined(field, str(n)))


def _joined(field: str, name: str) -> str:
    return f"{field}.{name}" if field and name else field or name
