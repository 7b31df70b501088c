"""Two to five outlets side by side on one story."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from claims.credibility.compare import MOST, compare
from claims.errors import Refused
from claims.models import Outlet
from claims.web.page import MAX_ID, Here, project_page, show


@project_page("see_outlets", tab="outlets")
def comparison(request: HttpRequest, here: Here) -> HttpResponse:
    written = [word for word in request.GET.getlist("outlet") if word.isascii() and word.isdigit() and len(word) < 20]
    numbers = list(dict.fromkeys(int(word) for word in written if int(word) <= MAX_ID))[: MOST + 1]
    rows = Outlet.objects.in_project(here.project).filter(merged_into=None)
    known = {outlet.pk: outlet for outlet in rows.filter(pk__in=numbers)}
    chosen = [known[number] for number in numbers if number in known]
    words = request.GET.get("q", "")
    context: dict[str, Any] = {
        "offered": rows.order_by("name")[:200],
        "chosen": chosen,
        "numbers": numbers,
        "asked": words,
    }
    if not (words or numbers):
        return show(request, "compare", here, **context)
    try:
        found = compare(here.project, chosen, words)
    except Refused as refusal:
        return show(request, "compare", here, refusal=refusal, status=422, **context)
    return show(request, "compare", here, rows=found, **context)
