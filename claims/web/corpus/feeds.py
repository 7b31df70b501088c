"""Feeds that are looked at on a schedule."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims import jobs
from claims.errors import Refused
from claims.models import WatchedFeed
from claims.web.page import Here, go, project_page, show
from claims.web.wording import WordedForm

PACES = {15: "every 15 minutes", 60: "every hour", 360: "every 6 hours", 1440: "every day", 10_080: "every week"}


class FeedForm(WordedForm):
    url = forms.CharField(max_length=2000)
    outlet = forms.CharField(max_length=200, required=False)
    every_minutes = forms.TypedChoiceField(choices=list(PACES.items()), coerce=int, initial=60)


@project_page("import", tab="articles")
def feeds(request: HttpRequest, here: Here) -> HttpResponse:
    form = FeedForm(request.POST or None)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        from claims.importing.feeds import watch_feed

        try:
            watch_feed(here.project, by=here.user, **form.cleaned_data)
        except Refused as error:
            refusal = error
        else:
            return go("feeds", here.slug)
    rows = WatchedFeed.objects.in_project(here.project).order_by("-id")
    status = refusal.status if refusal else 422 if form.errors else 200
    alive = jobs.is_alive("worker") if rows else True
    return show(
        request, "feeds", here, form=form, refusal=refusal, rows=rows, paces=PACES, is_worker_alive=alive, status=status
    )


@require_POST
@project_page("import", tab="articles")
def change(request: HttpRequest, here: Here, pk: int, verb: str) -> HttpResponse:
    from claims.importing.feeds import pause_feed, remove_feed, resume_feed

    feed = WatchedFeed.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    verbs = {"pause": pause_feed, "resume": resume_feed, "remove": remove_feed}
    if feed is None or verb not in verbs:
        raise Http404
    try:
        verbs[verb](feed, by=here.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("feeds", here.slug)
