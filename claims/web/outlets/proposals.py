"""Outlets that may be one publisher, for a person to decide; and domains that look alike, as a warning."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from claims.credibility.entities import merge_outlets
from claims.credibility.proposals import keep_apart, propose_merges
from claims.models import Outlet
from claims.web.page import Here, go, project_page, show

REASONS = {
    "same_name": "have the same name",
    "same_alias": "share a name or alias",
    "name_is_domain": "one is called as the other's domain",
    "look_alike": "have domains that look alike",
}


@project_page("manage_outlets", tab="outlets")
def proposals(request: HttpRequest, here: Here) -> HttpResponse:
    if request.method == "POST":
        pair = [_outlet(here, request.POST.get(name, "")) for name in ("kept", "other")]
        if "apart" in request.POST:
            keep_apart(*pair, by=here.user)
        else:
            merge_outlets(*pair, by=here.user)
        return go("outlet-proposals", here.slug)
    return show(request, "outlet_proposals", here, found=propose_merges(here.project), reasons=REASONS)


def _outlet(here: Here, pk: str) -> Outlet:
    number = int(pk) if pk.isascii() and pk.isdecimal() and len(pk) < 19 else 0
    found: Outlet | None = Outlet.objects.in_project(here.project).filter(pk=number).select_related("project").first()
    if found is None:
        raise Http404
    return found
