"""What operators and their machines ask: /healthz, /metrics, /.well-known/security.txt."""

from __future__ import annotations

import hmac
import sys
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotator.operation.health import health
from annotator.operation.metrics import CONTENT_TYPE, exposition
from annotator.operation.middleware import BEHIND, OUTAGES, answer_outage, is_behind


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Every part with its state; 200 when all are well, else 503."""
    found = health()
    return _report(found, set(found.values()) == {"ok"})


@require_safe
@never_cache
def healthz_web(request: HttpRequest) -> HttpResponse:
    """What a load balancer asks a web process: whether it reaches the database. A missing worker is not its fault."""
    found = health()["database"]
    return _report({"database": found}, found == "ok")


def _report(found: dict[str, str], well: bool) -> HttpResponse:
    response = JsonResponse(found, status=200 if well else 503)
    vars(response)["_has_been_logged"] = True  # asked every few seconds: Django would log each as an error
    return response


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus, to whoever has METRICS_TOKEN; to anybody else there is nothing here."""
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116. It expires half a year from the day it is read."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {(midnight + timedelta(days=182)).isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: en",
        f"Canonical: {request.build_absolute_uri('/.well-known/security.txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that was not read: 413 with the limit where it is too large, else 400; with the cure where known."""
    status, why = 400, ""
    if isinstance(exception, RequestDataTooBig):
        most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1_000_000
        status = 413
        why = f"What was typed or pasted is more than {most} MB; nothing was saved. Send it as a file."
    elif isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        why = (
            f"A form takes at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields and "
            f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES} files at once; nothing was saved. Send fewer, or one .zip."
        )
    elif isinstance(exception, DisallowedHost):
        why = "This server does not answer to the name in the address. Whoever runs it adds the name to ALLOWED_HOSTS."
    return render(request, "400.html", {"status": status, "why": why}, status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """The last answer: 503 where the database went away outside a view (in a session, say), else the page for 500."""
    fault = sys.exc_info()[1]
    if is_behind(fault):
        return answer_outage(request, BEHIND)
    if isinstance(fault, OUTAGES):
        return answer_outage(request)
    return defaults.server_error(request)
