"""The thread about a unit, and where one was overruled."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from claims.errors import NotFound, Refused
from claims.labelling.comments import add_comment, read_thread, thread_unit
from claims.labelling.overruled import overruled_answers
from claims.labelling.voting import first_votes, has_answered, has_voted_again
from claims.web.page import Here, go, project_page, show
from claims.web.said import refusal_said, said
from claims.web.work.label import round_of
from claims.web.work.my_labels import subject_of


@project_page("label", tab="my-labels")
def thread(request: HttpRequest, here: Here, pk: int, unit_id: int) -> HttpResponse:
    round_ = round_of(here, pk)
    unit = thread_unit(round_, unit_id, here.reviewer, here.user)
    refusal = None
    if request.method == "POST":
        try:
            add_comment(round_, unit, here.reviewer, here.user, text=request.POST.get("text", ""))
            return go("label-thread", here.slug, round_.pk, unit.pk)
        except NotFound:
            raise
        except Refused as refused:
            refusal = refusal_said(refused)
    return show(
        request,
        "thread",
        here,
        status=refusal.status if refusal else 200,
        round=round_,
        subject=subject_of(unit, round_),
        votes=first_votes(round_, unit) if round_.has_second_vote else [],
        may_vote=round_.has_second_vote and round_.state == "open" and has_answered(round_, unit, here.reviewer),
        has_voted=has_voted_again(round_, unit, here.reviewer),
        unit=unit,
        remarks=[(said(one.who), one) for one in read_thread(round_, unit, here.reviewer)],
        refusal=refusal,
        typed=request.POST.get("text", ""),
    )


@project_page("label", tab="my-labels")
def overruled(request: HttpRequest, here: Here) -> HttpResponse:
    rows = [(row, subject_of(row.event.unit, row.event.round)) for row in overruled_answers(here.reviewer)]
    return show(request, "overruled", here, rows=rows)
