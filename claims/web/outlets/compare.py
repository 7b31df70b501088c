"""Two to five outlets side by side on one story."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from claims.credibility.compare import MOST, compare, outlets_saying
from claims.errors import Refused
from claims.models import Claim, Outlet
from claims.web.page import MAX_ID, Here, number_in, project_page, show


@project_page("see_outlets", tab="outlets")
def comparison(request: HttpRequest, here: Here) -> HttpResponse:
    written = [word for word in request.GET.getlist("outlet") if word.isascii() and word.isdigit() and len(word) < 20]
    numbers = list(dict.fromkeys(int(word) for word in written if int(word) <= MAX_ID))[: MOST + 1]
    rows = Outlet.objects.in_project(here.project).filter(merged_into=None)
    known = {outlet.pk: outlet for outlet in rows.filter(pk__in=numbers)}
    chosen = [known[number] for number in numbers if number in known]
    words, claim = request.GET.get("q", ""), story_claim(request, here)
    if claim is not None and not numbers:
        chosen = outlets_saying(claim)
    context: dict[str, Any] = {
        "offered": rows.order_by("name")[:200],
        "chosen": chosen,
        "numbers": [outlet.pk for outlet in chosen] or numbers,
        "asked": words,
        "claim": claim,
    }
    if not (words or numbers or claim):
        return show(request, "compare", here, **context)
    try:
        found = compare(here.project, chosen, words, claim.pk if claim else None)
    except Refused as refusal:
        return show(request, "compare", here, refusal=refusal, status=422, **context)
    return show(request, "compare", here, rows=found, **context)


def story_claim(request: HttpRequest, here: Here) -> Claim | None:
    """The claim that the address names as the story."""
    asked = number_in(request, "claim")
    if asked is None:
        return None
    claim: Claim | None = Claim.objects.in_project(here.project).filter(pk=asked).first()
    if claim is None:
        raise Http404
    return claim
