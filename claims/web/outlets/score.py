"""The composite of a project: switched on and off with weights and a reason, and what it rests on for one outlet."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from claims.credibility.composite import composite_of
from claims.credibility.criteria import agreement_on_criteria, newest_formula, observations_of, settled_of
from claims.credibility.formulas import set_formula
from claims.errors import Refused
from claims.models import Outlet, Reviewer, ScoreFormula
from claims.models.formula import CRITERIA
from claims.permissions import check_can
from claims.web.outlets.profile import outlet_in
from claims.web.page import Here, go, project_page, refused_page, show

MOST = 200  # outlets on the page


@require_http_methods(["GET", "HEAD", "POST"])
@project_page("see_outlets", tab="outlets")
def score(request: HttpRequest, here: Here) -> HttpResponse:
    if request.method == "POST":
        return _change(request, here)
    formula = newest_formula(here.project)
    weights = formula.weights if formula else {code: weight for code, (_, weight) in CRITERIA.items()}
    camps = formula.camps if formula else {}
    agreed = {row.criterion: row for row in agreement_on_criteria(here.project)}
    rows = [(code, title, weights.get(code, 0), agreed[code]) for code, (title, _) in CRITERIA.items()]
    people = Reviewer.objects.in_project(here.project).filter(kind="human").order_by("name")
    context: dict[str, Any] = {
        "formula": formula,
        "criteria": rows,
        "reviewers": [(person, camps.get(str(person.pk), "")) for person in people],
        "versions": ScoreFormula.objects.in_project(here.project).order_by("-n")[:20],
        "outlets": _scored(here) if formula and formula.is_on else [],
    }
    return show(request, "score", here, **context)


def _scored(here: Here) -> list[tuple[Outlet, Any]]:
    rows = Outlet.objects.in_project(here.project).filter(merged_into=None, versions__unit__round_units__isnull=False)
    found = []
    for outlet in rows.distinct().order_by("name")[:MOST]:
        outlet.project = here.project
        found.append((outlet, composite_of(outlet)))
    return found


def _change(request: HttpRequest, here: Here) -> HttpResponse:
    check_can("manage_outlets", here.user, here.project)
    said = request.POST
    try:
        weights = {code: float(said.get(f"weight-{code}", "0") or 0) for code in CRITERIA}
        expected = int(said.get("n", "0"))
    except ValueError:
        return refused_page(request, Refused("invalid_weight", "Weights are numbers, as 12.5."))
    people = Reviewer.objects.in_project(here.project).filter(kind="human").values_list("pk", flat=True)
    set_formula(
        here.project,
        expected_n=expected,
        is_on=said.get("is_on") == "yes",
        weights=weights,
        camps={pk: said.get(f"camp-{pk}", "") for pk in people},
        rationale=said.get("rationale", ""),
        by=here.user,
    )
    return go("outlet-score", here.slug)


@project_page("see_outlets", tab="outlets")
def criterion(request: HttpRequest, here: Here, pk: int, code: str) -> HttpResponse:
    """What people observed for one criterion of one outlet, with the addresses and days."""
    row = outlet_in(here, pk)
    if code not in CRITERIA:
        raise Http404
    observed = observations_of(row).get(code, [])
    settled = settled_of(row).get(code, "")
    return show(
        request, "criterion", here, outlet=row, code=code, title=CRITERIA[code][0], observed=observed, settled=settled
    )
