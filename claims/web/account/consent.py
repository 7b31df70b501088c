"""What a project tells its reviewers: read and accepted by each, written by owners."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from claims.errors import Refused
from claims.models import Consent, Reviewer, Round
from claims.people.consent import MAX_TEXT, accept_consent, consent_text, publish_consent, withdraw_consent
from claims.web.page import Here, go, project_page, show


@project_page("see_project")
def consent(request: HttpRequest, here: Here) -> HttpResponse:
    """The text that holds, and the reviewer's own answer to it; for owners also the form that changes it."""
    asked = request.POST.get("round") or request.GET.get("round", "")
    round_ = (
        Round.objects.in_project(here.project).filter(pk=int(asked), state="open").first() if _is_id(asked) else None
    )
    if request.method == "POST":
        return _answer(request, here, round_)
    text = consent_text(here.project)
    return _page(here, request, draft=text.text if text else "", round=round_)


def _is_id(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 19


def _page(here: Here, request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    reviewer = here.reviewer
    own = Consent.objects.filter(reviewer=reviewer).select_related("text").order_by("-id")
    people = Reviewer.objects.in_project(here.project).filter(kind="human", state="active")
    counted = {"accepted": people.filter(consented_to=here.project.consent_n).count(), "people": people.count()}
    return show(
        request,
        "consent",
        here,
        status=status,
        text=consent_text(here.project),
        own=own[:20],
        has_accepted=here.project.consent_n and reviewer.consented_to == here.project.consent_n,
        counted=counted if here.may["manage_people"] else None,
        max_text=MAX_TEXT,
        **context,
    )


def _answer(request: HttpRequest, here: Here, round_: Round | None) -> HttpResponse:
    try:
        if "withdraw" in request.POST:
            withdraw_consent(here.reviewer, by=here.user)
            messages.success(request, _("Withdrawn. You are given no more units here; what you answered stays."))
        else:
            version = request.POST.get("version", "")
            accept_consent(here.reviewer, n=int(version) if _is_id(version) else 0, by=here.user)
            messages.success(request, _("Accepted. You can label now."))
            if round_ is not None:
                return HttpResponseRedirect(reverse("round", args=[here.slug, round_.pk]), status=303)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("consent", here.slug)


@project_page("manage_people")
def publish(request: HttpRequest, here: Here) -> HttpResponse:
    if request.method != "POST":
        return go("consent", here.slug)
    text = request.POST.get("text", "")
    try:
        made = publish_consent(here.project, text=text, by=here.user)
    except Refused as refusal:
        return _page(here, request, status=422, draft=text, fault=refusal.sentence)
    said = (
        f"Version {made.n} holds. Everybody is asked before their next unit." if made else "Nobody is asked any more."
    )
    messages.success(request, said)
    return go("consent", here.slug)
