"""What is said in public about an outlet: the way there for those who answer for it, and the page that all can read."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from claims.credibility import publication as acts
from claims.errors import Refused
from claims.models import Publication
from claims.web.outlets.profile import MEASURE_WORDS, outlet_in
from claims.web.page import Here, go, project_page, show


@project_page("see_outlets", tab="outlets")
def publications(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Every version that was prepared, with what each waits for."""
    row = outlet_in(here, pk)
    rows = row.publications.select_related("first_approval_by", "second_approval_by").order_by("-n")
    behind = acts.reviewers_behind(row)
    known: dict[str, Any] = {
        "outlet": row,
        "rows": rows,
        "behind": behind,
        "least": acts.LEAST_REVIEWERS,
        "now": timezone.now(),
    }
    return show(request, "publications", here, **known)


@require_POST
@project_page("manage_outlets", tab="outlets")
def start(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = outlet_in(here, pk)
    row.project = here.project
    written = request.POST.get("days", "")
    if not (written.isascii() and written.isdigit() and len(written) < 4):
        raise Refused("invalid_deadline", "Say in whole days how long the outlet has to reply.")
    acts.start_publication(row, letter=request.POST.get("letter", ""), days=int(written), by=here.user)
    return go("publications", here.slug, pk)


@require_POST
@project_page("manage_outlets", tab="outlets")
def change(request: HttpRequest, here: Here, pk: int, n: int, verb: str) -> HttpResponse:
    """Record the reply, answer it, approve, correct, withdraw."""
    found = Publication.objects.filter(outlet__project=here.project, outlet=pk, n=n)
    row = found.select_related("outlet__project").first()
    if row is None:
        raise Http404
    said = request.POST
    if verb == "reply":
        acts.record_reply(row, reply=said.get("reply", ""), disputed=said.get("disputed", ""), by=here.user)
    elif verb == "respond":
        acts.respond(row, response=said.get("response", ""), by=here.user)
    elif verb == "approve":
        acts.approve(row, by=here.user)
    elif verb == "correct":
        acts.correct(row, notice=said.get("notice", ""), by=here.user)
    elif verb == "withdraw":
        acts.withdraw(row, reason=said.get("reason", ""), by=here.user)
    else:
        raise Http404
    return go("publications", here.slug, pk)


@require_POST
@project_page("manage_people", tab="outlets")
def hold(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = outlet_in(here, pk)
    row.project = here.project
    acts.set_hold(row, is_held=row.held_at is None, by=here.user)
    return go("publications", here.slug, pk)


@require_safe
def public(request: HttpRequest, slug: str, pk: int, n: int | None = None) -> HttpResponse:
    """Anybody reads this, without a login. Withdrawn: 410 and nothing of what it said."""
    found = acts.public_version(slug, pk, n)
    if found is None:
        raise Http404
    is_gone = found.state == "withdrawn"
    versions = () if is_gone else found.outlet.publications.filter(state="published").order_by("-n")
    context = {
        "found": None if is_gone else found,
        "versions": versions,
        "is_newest": n is None,
        "measures": MEASURE_WORDS,
    }
    response = render(request, "claims/public_outlet.html", context, status=410 if is_gone else 200)
    response["Cache-Control"] = "no-store"  # a takedown holds from the next request on
    return response
