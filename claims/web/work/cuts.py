"""A round in which articles are cut into claims: the way to one's own cut, and what the cuts of all have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.errors import NotFound
from claims.models import Round, Unit
from claims.splitting.cut_rounds import round_cuts
from claims.splitting.freezing import lock_claims
from claims.statistics.cutting import FIGURES, CutFigure
from claims.statistics.score import INTERVAL_REASONS
from claims.web.page import Here, go, project_page, show

TITLES = {
    "f1_exact": "Same words, F1",
    "f1_loose": "Half the words or more, F1",
    "boundary": "Boundary similarity",
    "alpha_u": "Alpha-U (1995/2004)",
}
NO_VALUE = {"nothing_cut": "Nobody cut anything out."}
WHY_NOT = {
    **INTERVAL_REASONS,
    "too_few_units": "Two articles are needed to estimate a spread.",
    "no_spread": "Leaving out any article gives the same figure, so its spread cannot be estimated.",
    "hangs_on_one_unit": "Without a single one of the articles the figure would be undefined.",
}


def is_cut(round_: Round) -> bool:
    return round_.purpose == "splitting"


def cut_address(here: Here, unit: Unit) -> str:
    """Where the article of this unit is cut."""
    if unit.article_id is None:
        raise NotFound
    return reverse("cut", args=[here.slug, unit.article_id])


def _round(here: Here, pk: int) -> Round:
    row: Round | None = Round.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    if row is None or row.state == "draft" or not is_cut(row):
        raise Http404
    return row


@project_page("correct_claims", tab="rounds")
def cuts(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """How far people cut alike, what they cut differently, and the way on: correct, lock, label."""
    row = _round(here, pk)
    found = round_cuts(row, by=here.user)
    return show(
        request,
        "cuts",
        here,
        round=row,
        found=found,
        rows=[_row(figure) for figure in found.figures],
        titles=[TITLES[name] for name in FIGURES],
        pairs=[(one, other, [_row(figure) for figure in figures]) for one, other, figures in found.pairs],
        n_locked=sum(article.claims_locked_at is not None for article in found.articles),
    )


def _row(figure: CutFigure) -> dict[str, Any]:
    return {
        "title": TITLES[figure.name],
        "value": figure.value,
        "low": figure.interval.low,
        "high": figure.interval.high,
        "n": figure.n_articles,
        "why": NO_VALUE.get(figure.reason or "") or WHY_NOT.get(figure.interval.reason or "", ""),
    }


@require_POST
@project_page("correct_claims", tab="rounds")
def lock(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Lock the claims of the round's articles: the units of the labelling stay as they are from here on."""
    row = _round(here, pk)
    found = round_cuts(row, by=here.user)
    n = lock_claims(here.project, articles=[article.pk for article in found.articles], by=here.user)
    messages.success(request, f"The claims of {n:,} article{'' if n == 1 else 's'} are locked.")
    return go("round-cuts", here.slug, row.pk)
