"""The topics that a project warns of, and the warnings on one article or claim."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.assignment.topics import add_topic, remove_topic, rename_topic, set_warnings
from claims.errors import Refused
from claims.models import Article, Claim, ClaimOccurrence, ContentWarning, Topic
from claims.web.page import Here, go, project_page, show

USUAL = ("violence", "sexual_violence", "self_harm", "abuse_of_children", "racism", "death", "torture")


@project_page("set_warnings")
def topics(request: HttpRequest, here: Here) -> HttpResponse:
    if request.method != "POST":
        return _page(request, here)
    try:
        add_topic(here.project, code=request.POST.get("code", ""), name=request.POST.get("name", ""), by=here.user)
    except Refused as refusal:
        return _page(request, here, refusal)
    return go("topics", here.slug)


def _page(request: HttpRequest, here: Here, refusal: Refused | None = None) -> HttpResponse:
    rows = Topic.objects.in_project(here.project).annotate(n=Count("warnings")).order_by("name", "code")
    status = refusal.status if refusal else 200
    return show(request, "topics", here, topics=rows, usual=USUAL, refusal=refusal, status=status)


@require_POST
@project_page("set_warnings")
def change(request: HttpRequest, here: Here, pk: int, verb: str) -> HttpResponse:
    topic = Topic.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    if topic is None or verb not in ("rename", "remove"):
        raise Http404
    try:
        if verb == "rename":
            rename_topic(topic, request.POST.get("name", ""), by=here.user)
        else:
            remove_topic(topic, by=here.user)
    except Refused as refusal:
        return _page(request, here, refusal)
    return go("topics", here.slug)


@require_POST
@project_page("set_warnings", tab="articles")
def warn_article(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    return _warn(request, here, Article.objects.in_project(here.project).filter(pk=pk).first(), "article")


@require_POST
@project_page("set_warnings", tab="claims")
def warn_claim(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    return _warn(request, here, Claim.objects.in_project(here.project).filter(pk=pk).first(), "claim")


def _warn(request: HttpRequest, here: Here, subject: Article | Claim | None, page: str) -> HttpResponse:
    if subject is None:
        raise Http404
    try:
        kept = set_warnings(subject, request.POST.getlist("topic"), by=here.user)
        messages.success(request, "The warnings are kept." if kept else "It carries no warning now.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go(page, here.slug, subject.pk)


def warnings_for(here: Here, subject: Article | Claim) -> dict[str, Any]:
    """What the page of an article or a claim warns of: its own topics, and those of the claims or articles whose words
    stand there. For those who may change it, the project's list and the `own` codes."""
    name = "article" if isinstance(subject, Article) else "claim"
    other = "claim" if name == "article" else "article"
    beside = ClaimOccurrence.objects.filter(**{name: subject}).values(other)
    rows = ContentWarning.objects.in_project(here.project)
    found: dict[str, Any] = {"warnings": rows.filter(Q(**{name: subject}) | Q(**{f"{other}__in": beside})).names()}
    if not here.may["set_warnings"]:
        return found
    own = set(rows.filter(**{name: subject}).values_list("topic__code", flat=True))
    listed = Topic.objects.in_project(here.project).order_by("name", "code")
    return found | {"topics": listed, "own": own, "warn_url": reverse(f"{name}-warn", args=[here.slug, subject.pk])}
