"""A reviewer's own history: what they answered, with the way to correct it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.adjudication.reviews import SUBJECTS, reply_to_review
from claims.labelling.answers import round_spec
from claims.labelling.queries import own_events
from claims.models import LabelEvent, Round, Unit, WorkReview
from claims.web.page import Here, project_page, show, slice_of
from claims.web.work.answer_form import Given, ask

MOST_REVIEWS = 50


@dataclass(frozen=True)
class Entry:
    """One event with its answers in words."""

    event: LabelEvent
    subject: str
    answers: list[tuple[str, str]]


@project_page("label", tab="my-labels")
def my_labels(request: HttpRequest, here: Here) -> HttpResponse:
    found = slice_of(request, own_events(here.reviewer), key="seq")
    reviews = WorkReview.objects.in_project(here.project).filter(reviewer=here.reviewer).exclude(kind="reply")
    return show(
        request,
        "my_labels",
        here,
        slice=found,
        entries=[entry_of(event) for event in found.rows],
        reviews=reviews.select_related("round").prefetch_related("replies").order_by("-pk")[:MOST_REVIEWS],
        subjects=SUBJECTS,
    )


@require_POST
@project_page("label", tab="my-labels")
def reply(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The reviewer's right to answer what was said about their work."""
    review = WorkReview.objects.in_project(here.project).filter(pk=pk, reviewer__user=here.user).first()
    if review is None:
        raise Http404
    reply_to_review(review, request.POST.get("words", ""), by=here.user)
    messages.success(request, "Your reply is kept beside it, and the curators are told.")
    return HttpResponseRedirect(reverse("my-labels", args=[here.slug]) + "#work", status=303)


def entry_of(event: LabelEvent) -> Entry:
    text = getattr(event, "text", None)
    given = Given.from_stored({"answers": event.answers, "notes": text.content if text else {}})
    asked = ask(round_spec(event.round), given)
    answers = [(one.spec.title, one.answer_words) for one in asked if one.answer_words]
    return Entry(event, subject_of(event.unit, event.round), answers)


def subject_of(unit: Unit, round_: Round) -> str:
    """What was judged, in one line."""
    if unit.occurrence_version is not None:
        return unit.occurrence_version.wording or unit.occurrence_version.verbatim
    if unit.outlet_version is not None:
        if round_.hides_outlet and round_.state != "closed":
            return "An outlet, not named"
        return unit.outlet_version.name
    return unit.article.headline if unit.article else ""
