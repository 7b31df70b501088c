"""Qualifying for rounds: one's own attempts with every known answer explained; for managers, how far people are."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.assignment.qualification import begin_attempt, candidate, candidates, told_answers
from claims.models import Round
from claims.web.page import Here, go, project_page, show
from claims.web.work.my_labels import subject_of


def _round(here: Here, pk: int) -> Round:
    rows = Round.objects.in_project(here.project).select_related("project").exclude(pass_mark=None)
    row: Round | None = rows.exclude(state="draft").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@project_page("label", tab="rounds")
def qualification(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = _round(here, pk)
    own = candidate(row, here.reviewer)
    context: dict[str, Any] = {"round": row, "own": own, "left": (row.attempts or 0) - len(own.attempts)}
    context["told"] = [
        (attempt, [(one, subject_of(one.unit, row)) for one in told_answers(attempt)])
        for attempt in reversed(own.attempts)
    ]
    if here.may["manage_rounds"]:
        context["people"] = candidates(row, by=here.user)
    last = own.attempts[-1] if own.attempts else None
    context["may_begin"] = row.state == "open" and last is not None and last.read_at is None and not own.has_passed
    return show(request, "qualification", here, **context)


@require_POST
@project_page("label", tab="rounds")
def begin(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The answers were looked at: the next attempt is offered."""
    row = _round(here, pk)
    begin_attempt(row, by=here.user)
    return go("round", here.slug, row.pk)
