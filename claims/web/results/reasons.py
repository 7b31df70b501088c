"""A second look at the reasons of a closed round: one after the other, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from claims.adjudication.reasons import (
    check_can_judge,
    judge_reason,
    judged_reasons,
    reason_of,
    reasons_in,
    reasons_waiting,
)
from claims.errors import Conflict, NotFound, Refused
from claims.models import Round
from claims.models.judgement import VERDICTS
from claims.web.page import Here, go, project_page, show
from claims.web.work.my_labels import subject_of

VERDICT_WORDS = {
    "valid": "Valid: the reason carries the answer",
    "error": "An error: a slip, or against the text",
    "guideline_gap": "The guideline does not say",
    "legitimate_disagreement": "Careful people may differ here",
}


@project_page("label", tab="rounds")
def reasons(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = Round.objects.in_project(here.project).select_related("project").exclude(state="draft").filter(pk=pk).first()
    if row is None:
        raise Http404
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            _judge(request, here, row)
            return go("reasons", here.slug, row.pk)
        except NotFound:
            raise
        except Refused as error:
            refusal = error
    return show(request, "reasons", here, status=refusal.status if refusal else 200, **_shown(here, row, refusal))


def _judge(request: HttpRequest, here: Here, row: Round) -> None:
    written = request.POST.get("event", "")
    event = int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0
    said = {"verdict": request.POST.get("verdict", ""), "words": request.POST.get("words", "")}
    judge_reason(row, event, by=here.user, **said)
    messages.success(request, "Kept.")


def _shown(here: Here, row: Round, refusal: Refused | None) -> dict[str, Any]:
    context: dict[str, Any] = {"round": row, "refusal": refusal, "verdicts": VERDICT_WORDS, "verdict_codes": VERDICTS}
    try:
        check_can_judge(here.user, row)
    except Conflict as conflict:
        return context | {"closed": conflict.sentence, "back": reverse("round", args=[here.slug, row.pk])}
    waiting = reasons_waiting(row, here.reviewer, here.user)
    reason = reason_of(row, waiting[0]) if waiting else None
    context |= {"reason": reason, "left": len(waiting), "n": reasons_in(row)}
    context["subject"] = subject_of(reason.event.unit, row) if reason else ""
    if here.may["see_agreement"]:
        context["judged"] = [(one, subject_of(one.reason.event.unit, row)) for one in judged_reasons(row, by=here.user)]
    return context
