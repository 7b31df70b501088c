"""Who does how much in a round, when it will end, what lies about, and how many more units its figures need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.agreement.forecast import WITHIN, forecasts_of
from claims.agreement.overview import why_hidden
from claims.assignment.workload import limit_reviewer, take_back, workload_of
from claims.errors import NotFound, Refused
from claims.models import Reviewer, Round
from claims.web.page import Here, go, project_page, show


def _round(here: Here, pk: int) -> Round:
    row: Round | None = Round.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    if row is None or row.state == "draft":
        raise Http404
    return row


@project_page("manage_rounds", tab="rounds")
def workload(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """`within` in the address is how near the figures are to be known."""
    row = _round(here, pk)
    within, refusal = _share(request.GET.get("within", "")), None
    try:
        forecasts = forecasts_of(row, within)
    except Refused as error:
        forecasts, refusal = [], error
    return show(
        request,
        "workload",
        here,
        round=row,
        load=workload_of(row, by=here.user),
        forecasts=forecasts,
        hidden=why_hidden(row),
        within=within,
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )


def _share(written: str) -> float:
    try:
        return float(written) if written else WITHIN
    except ValueError:
        return -1.0  # no width: refused with its sentence


@require_POST
@project_page("manage_rounds", tab="rounds")
def change(request: HttpRequest, here: Here, pk: int, verb: str) -> HttpResponse:
    """Take a unit back, or set one person's quota and pause in this round."""
    row = _round(here, pk)
    verbs: dict[str, Callable[[], Any]] = {
        "take-back": lambda: take_back(row, _number(request, "assignment") or 0, by=here.user),
        "limit": lambda: _limit(request, here, row),
    }
    if verb not in verbs:
        raise Http404
    try:
        verbs[verb]()
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("workload", here.slug, row.pk)


def _limit(request: HttpRequest, here: Here, row: Round) -> None:
    reviewer = Reviewer.objects.in_project(here.project).filter(pk=_number(request, "reviewer") or 0).first()
    if reviewer is None:
        raise NotFound
    quota, is_paused = _number(request, "quota"), "is_paused" in request.POST
    limit_reviewer(row, reviewer, quota=quota, is_paused=is_paused, by=here.user)


def _number(request: HttpRequest, name: str) -> int | None:
    written = request.POST.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None
