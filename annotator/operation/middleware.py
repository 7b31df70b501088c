"""What every answer carries, and what is answered while the database is away."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from annotator.database import breaker

Answer = Callable[[HttpRequest], HttpResponse]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OUTAGES = (OperationalError, InterfaceError)
OUTAGE: dict[str, Any] = {
    "type": "about:blank",
    "title": "The database does not answer",
    "status": 503,
    "code": "database_unavailable",
    "detail": "Nothing was changed by this request. Try again in a few seconds.",
    "errors": [],
}
BEHIND = OUTAGE | {
    "title": "The database is behind the program",
    "code": "database_behind",
    "detail": "An upgrade is under way. Whoever runs this site: run manage.py migrate.",
}
MISSING = frozenset({"42703", "42P01"})  # PostgreSQL: undefined column, undefined table
QUIET = frozenset({"/healthz", "/healthz/web", "/metrics"})  # asked every few seconds
log = structlog.get_logger("attest.request")


class RequestLogMiddleware:
    """Gives each request an id and writes one line about it: the route, never the path; nothing about the person."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        identity = vars(request)["request_id"] = uuid.uuid4().hex  # the API repeats it in its problems
        response = self.get_response(request)
        response.headers.setdefault("X-Request-ID", identity)
        if request.path not in QUIET:
            match = request.resolver_match
            log.info(
                "request",
                method=request.method if request.method in METHODS else "other",
                route=match.route if match else "none",
                status=response.status_code,
                milliseconds=round((time.perf_counter() - began) * 1000),
                request_id=identity,
            )
        return response


class ResponseHeadersMiddleware:
    """Headers that no middleware of Django sets. Outermost, so that redirects, static files and errors have them."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


class DatabaseOutageMiddleware:
    """A database that is away or restarting is answered with 503 and Retry-After, never with a traceback."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if breaker.is_open() and request.path not in QUIET:
            return answer_outage(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_behind(exception):
            return answer_outage(request, BEHIND)
        return answer_outage(request) if isinstance(exception, OUTAGES) else None


def is_behind(exception: BaseException | None) -> bool:
    """Whether a column or table is missing that this version of the program reads (FT-16)."""
    return isinstance(exception, ProgrammingError) and getattr(exception.__cause__, "sqlstate", "") in MISSING


def answer_outage(request: HttpRequest, said: dict[str, Any] = OUTAGE) -> HttpResponse:
    """A page for people, problem+json for programs; neither needs the database."""
    if request.path.startswith("/api/") or not request.accepts("text/html"):
        body = json.dumps(said | {"request_id": vars(request).get("request_id", "")})
        response = HttpResponse(body, status=503, content_type="application/problem+json")
    else:
        response = HttpResponse(
            render_to_string("503.html", {"title": said["title"], "is_behind": said is BEHIND}), status=503
        )
    response.headers["Retry-After"] = "5"
    return response
