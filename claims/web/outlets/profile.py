"""One outlet: who it is, what its figures are and stand on, and what others say about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.credibility.composite import composite_of
from claims.credibility.corrections import corrections_record
from claims.credibility.entities import (
    add_alias,
    confirm_outlet,
    describe_outlet,
    domains_of,
    in_force,
    merge_outlets,
    part_outlet,
    split_outlet,
)
from claims.credibility.profile import profile_of
from claims.credibility.ratings import ratings_of
from claims.errors import Refused
from claims.models import ExternalRating, Outlet, OutletObservation
from claims.models.credibility import MEASURES
from claims.models.outlet import CONTROLS
from claims.web.page import Here, go, project_page, refused_page, show, slice_of
from claims.web.wording import WordedForm

# What the claims of a figure were looked at for.
MEASURE_WORDS = {
    "verdict": "Whether they hold",
    "voice": "In whose voice",
    "distance": "How far from the first speaker",
    "source": "Which kind of source",
    "language": "How they are worded",
    "stance_headline": "What headlines do with them",
    "stance_body": "What the text does with them",
}


class DescribeForm(WordedForm):
    """What is known about an outlet; `n` is the version that the form was made from."""

    n = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    name = forms.CharField(max_length=200)
    country = forms.CharField(max_length=2, required=False, label="Country (two letters)")
    languages = forms.CharField(max_length=120, required=False, label="Languages (en, de, ...)")
    control = forms.ChoiceField(choices=[(code, code.replace("_", " ")) for code in CONTROLS])
    as_of = forms.DateField(
        required=False, label="As of (YYYY-MM-DD)", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    source = forms.URLField(required=False, max_length=2000, label="Where that is stated", assume_scheme="https")
    ownership = forms.CharField(max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")


def outlet_in(here: Here, pk: int) -> Outlet:
    found: Outlet | None = Outlet.objects.in_project(here.project).filter(pk=pk).select_related("merged_into").first()
    if found is None:
        raise Http404
    return found


@project_page("see_outlets", tab="outlets")
def outlet(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = outlet_in(here, pk)
    row.project = here.project
    version = row.versions.order_by("-n").first()
    merged = Outlet.objects.filter(merged_into=row).order_by("name")
    return show(
        request,
        "outlet",
        here,
        outlet=row,
        version=version,
        stands=in_force(row),
        profile=profile_of(row),
        measures=MEASURE_WORDS,
        composite=composite_of(row),
        placed=ratings_of(row),
        corrections=corrections_record(row),
        domains=domains_of(row),
        aliases=row.aliases.order_by("name"),
        merged=merged,
        is_published=row.publications.filter(state="published").exists(),
        own_domains=row.domains.order_by("domain"),
        form=DescribeForm(initial=_said(row, version)),
        ratings=ExternalRating.objects.filter(outlet=row).order_by("rater", "axis", "-rated_on"),
        versions=row.versions.order_by(F("as_of").desc(nulls_last=True), "-n")[:20],
    )


def _said(row: Outlet, version: Any) -> dict[str, Any]:
    if version is None:
        return {"n": 0, "name": row.name, "control": "unknown"}
    said = {
        name: getattr(version, name) for name in ("n", "name", "country", "control", "ownership", "as_of", "source")
    }
    return said | {"languages": ", ".join(version.languages)}


@require_POST
@project_page("manage_outlets", tab="outlets")
def change(request: HttpRequest, here: Here, pk: int, verb: str) -> HttpResponse:
    """The forms of the page: confirm, describe, alias, merge, part, split."""
    row = outlet_in(here, pk)
    if verb == "confirm":
        confirm_outlet(row, by=here.user)
    elif verb == "alias":
        add_alias(row, request.POST.get("alias", ""), by=here.user)
    elif verb == "merge":
        merge_outlets(row, _named(here, request.POST.get("other", "")), by=here.user)
    elif verb == "part":
        part_outlet(row, by=here.user)
    elif verb == "split":
        made = split_outlet(row, domain=request.POST.get("domain", ""), name=request.POST.get("name", ""), by=here.user)
        return go("outlet", here.slug, made.pk)
    elif verb == "describe":
        return _describe(request, here, row)
    else:
        raise Http404
    return go("outlet", here.slug, row.pk)


def _describe(request: HttpRequest, here: Here, row: Outlet) -> HttpResponse:
    form = DescribeForm(request.POST)
    if not form.is_valid():
        fault = "; ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        return refused_page(request, Refused("invalid_description", fault))
    said = dict(form.cleaned_data)
    said["languages"] = [word.strip() for word in said["languages"].split(",")]
    describe_outlet(row, expected_n=said.pop("n"), by=here.user, **said)
    return go("outlet", here.slug, row.pk)


def _named(here: Here, name: str) -> Outlet:
    rows = Outlet.objects.in_project(here.project).filter(merged_into=None, name__iexact=name.strip())
    found: Outlet | None = rows.first()
    if found is None:
        raise Refused("unknown_outlet", f"This project has no outlet called {name[:60]!r}. Write its name in full.")
    return found


@project_page("see_outlets", tab="outlets")
def trace(request: HttpRequest, here: Here, pk: int, measure: str, outcome: str) -> HttpResponse:
    """The claims behind one figure."""
    row = outlet_in(here, pk)
    if outcome not in MEASURES.get(measure, ()):
        raise Http404
    seen = OutletObservation.objects.filter(outlet=row, measure=measure, outcome=outcome)
    seen = seen.select_related("occurrence__claim", "article", "round")
    found = slice_of(request, seen, key="occurrence_id")
    return show(request, "outlet_trace", here, outlet=row, measure=measure, outcome=outcome, slice=found)
