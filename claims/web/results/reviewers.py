"""How good each reviewer's work is: the same figures for everybody, shown only where there is enough to say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from claims.adjudication.reviewer_quality import reviewer_table
from claims.web.page import Here, project_page, show
from claims.web.results.agreement import begun_rounds, chosen_round


@project_page("see_reviewers", tab="reviewers")
def reviewers(request: HttpRequest, here: Here) -> HttpResponse:
    rounds = begun_rounds(here)
    round_ = chosen_round(request, rounds) if request.GET.get("round") else None
    rows = reviewer_table(round_ or here.project)
    return show(request, "reviewers", here, rounds=rounds, round=round_, rows=rows)
