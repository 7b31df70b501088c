"""The outlets of a project: found by name or domain, each with how much of it is known."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse

from claims.models import Article, Outlet
from claims.web.page import Here, project_page, show, slice_of


@project_page("see_outlets", tab="outlets")
def outlets(request: HttpRequest, here: Here) -> HttpResponse:
    """Outlets that stand for themselves, newest first, cut by key; the counts are of the rows shown."""
    rows = Outlet.objects.in_project(here.project).filter(merged_into=None)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(
            Q(name__has_words=words[:200]) | Q(domains__domain__startswith=words[:200].lower())
        ).distinct()
    counted = Article.objects.filter(outlet=OuterRef("pk")).order_by().values("outlet").annotate(n=Count("id"))
    rows = rows.annotate(n_articles=Subquery(counted.values("n"))).prefetch_related("domains")
    return show(request, "outlets", here, slice=slice_of(request, rows), asked=request.GET)
