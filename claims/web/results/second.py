"""A second curator settles a drawn dispute without seeing what was decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from claims.adjudication.disputes import dispute_detail
from claims.adjudication.second import settle_second, waiting_for_second
from claims.errors import Refused
from claims.models import Round, SettledLabel
from claims.models.score import REASONS
from claims.web.page import Here, project_page, show
from claims.web.results.disputes import (
    ANOTHER_CHAIN,
    NO_SUCH_ANSWER,
    REASON_WORDS,
    blocks_near,
    decision_in,
    list_offers,
    subject_of,
    units,
)


@project_page("settle", tab="disputes")
def second(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The oldest that waits for this curator; a post decides the one that the form names."""
    round_ = Round.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    if round_ is None:
        raise Http404
    waiting = waiting_for_second(round_, here.user)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            _decide(request, here, waiting)
        except Refused as error:
            refusal = error
        else:
            messages.success(request, "Kept. What was settled stays as it is.")
            return HttpResponseRedirect(reverse("settle-second", args=[here.slug, round_.pk]), status=303)
    return _page(request, here, round_, waiting, refusal)


def _decide(request: HttpRequest, here: Here, waiting: list[SettledLabel]) -> None:
    first = next((one for one in waiting if str(one.pk) == request.POST.get("first")), None)
    if first is None:
        raise Refused("not_waiting", "This no longer waits for you. Here is what does.")
    said = decision_in(request)
    settle_second(
        first,
        outcome=said["outcome"],
        value=said.get("value"),
        missing=said.get("missing"),
        reason_code=said["reason_code"],
        rationale=said["rationale"],
        by=here.user,
    )


def _page(
    request: HttpRequest, here: Here, round_: Round, waiting: list[SettledLabel], refusal: Refused | None
) -> HttpResponse:
    status = refusal.status if refusal else 200
    if not waiting:
        return show(request, "settle_second_none", here, status=status, refusal=refusal, round=round_)
    first = waiting[0]
    unit = units().get(pk=first.unit_id)
    detail = dispute_detail(unit, round_, first.question, is_blind=True)
    return show(
        request,
        "settle",
        here,
        status=status,
        refusal=refusal,
        second=first,
        n_waiting=len(waiting),
        round=round_,
        unit=unit,
        detail=detail,
        n_voices=sum(len(group.voices) for group in detail.groups),
        choices=detail.question.choices.order_by("n"),
        lists=list_offers(detail),
        ticked=request.POST.getlist("choice"),
        another_chain=ANOTHER_CHAIN,
        no_such_answer=NO_SUCH_ANSWER,
        has_no_value=request.POST.get("decision", "") in dict(NO_SUCH_ANSWER),
        reasons={code: REASON_WORDS[code] for code in REASONS},
        subject=subject_of(unit),
        hops=unit.occurrence_version.hops.order_by("n") if unit.occurrence_version else (),
        blocks=blocks_near(unit),
        sent=request.POST,
    )
