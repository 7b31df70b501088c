"""The list of a reviewer as they see it, for owners: read only."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.adjudication.looking import look_as
from claims.models import Reviewer
from claims.web.page import Here, project_page, show
from claims.web.work.my_labels import entry_of


@require_POST
@project_page("manage_people", tab="reviewers")
def look(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """A form asks for it, since it is written down and told: reading alone changes nothing (AZ-15)."""
    people = Reviewer.objects.in_project(here.project).select_related("user", "project")
    who = people.exclude(kind="machine").filter(pk=pk).first()
    if who is None:
        raise Http404
    looked = look_as(who, by=here.user)
    entries = [entry_of(event) for event in looked.events]
    return show(request, "look", here, reviewer=who, entries=entries, besides=looked.besides)
