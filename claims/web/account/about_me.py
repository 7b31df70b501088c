"""What a reviewer says of themselves in a project, and what they are not to judge. Only they read it here; owners also
see the conflicts that owners have set."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from claims.assignment.interests import add_interest, remove_interest, seen_by
from claims.assignment.topics import opted_out, set_opt_outs
from claims.errors import NotFound, Refused
from claims.models import Membership, Outlet, ReviewerTraits, Topic
from claims.people.actions import reviewer_of_member
from claims.people.traits import say_traits
from claims.permissions import ALLOWED, can
from claims.web.page import Here, go, project_page, show

LEANING_WORDS = {
    "left": gettext_lazy("on the left"),
    "centre": gettext_lazy("in the centre"),
    "right": gettext_lazy("on the right"),
}


@project_page("label")
def about_me(request: HttpRequest, here: Here) -> HttpResponse:
    if request.method != "POST":
        return _page(request, here)
    said = {name: request.POST.get(name, "") for name in ("leaning", "region")}
    try:
        kept = say_traits(
            here.reviewer,
            by=here.user,
            languages=request.POST.get("languages", "").replace(",", " ").split(),
            expertise=request.POST.get("expertise", "").split(","),
            **said,
        )
    except Refused as refusal:
        return _page(request, here, refusal)
    messages.success(request, _("Kept.") if kept else _("Nothing about you is kept here any more."))
    return go("about-me", here.slug)


def _page(request: HttpRequest, here: Here, refusal: Refused | None = None) -> HttpResponse:
    traits = ReviewerTraits.objects.filter(reviewer=here.reviewer).first()
    outlets = Outlet.objects.in_project(here.project).filter(merged_into=None).order_by("name")
    if not can("browse", here.user, here.project):  # a round hides outlets: a name can be written all the same
        outlets = outlets.none()
    others = Membership.objects.filter(project=here.project, role__in=ALLOWED["label"]).exclude(user=here.user)
    return show(
        request,
        "about_me",
        here,
        traits=traits,
        refusal=refusal,
        leanings=LEANING_WORDS,
        interests=seen_by(here.user, here.project),
        outlets=outlets[:1_000],
        topics=Topic.objects.in_project(here.project).order_by("name", "code"),
        unread={topic.code for topic in opted_out(here.reviewer)},
        others=others.select_related("user").order_by("user__username") if here.may["manage_people"] else None,
        status=refusal.status if refusal else 200,
    )


def _number(request: HttpRequest, name: str) -> int | None:
    written = request.POST.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


@require_POST
@project_page("label")
def opt_out(request: HttpRequest, here: Here) -> HttpResponse:
    try:
        kept = set_opt_outs(here.reviewer, request.POST.getlist("topic"), by=here.user)
        messages.success(request, _("Kept, for you alone.") if kept else _("Everything may be offered to you now."))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("about-me", here.slug)


@require_POST
@project_page("label")
def declare(request: HttpRequest, here: Here) -> HttpResponse:
    outlet_id, user_id = _number(request, "outlet"), _number(request, "user")
    reviewer = reviewer_of_member(here.project, user_id) if user_id else here.reviewer
    outlet = Outlet.objects.in_project(here.project).filter(pk=outlet_id).first() if outlet_id else None
    if outlet_id and outlet is None:
        raise NotFound
    try:
        add_interest(reviewer, by=here.user, outlet=outlet, entity=request.POST.get("entity", ""))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("about-me", here.slug)


@require_POST
@project_page("label")
def take_back(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    interest = seen_by(here.user, here.project).filter(pk=pk).first()
    if interest is None:
        raise NotFound
    remove_interest(interest, by=here.user)
    return go("about-me", here.slug)
