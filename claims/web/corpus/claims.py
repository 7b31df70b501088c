"""The claims of a project, and one claim in all the places where it is said."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse

from claims.models import Claim, ClaimOccurrence, EvidenceItem, OccurrenceVersion, Project, SettledLabel
from claims.models.article import CLAIM_ROLES
from claims.models.claim import ATTRIBUTION_PRESENCE
from claims.web.page import Here, number_in, project_page, show, slice_of

FILTERS = ("q", "article", "attribution", "role")


@project_page("browse", tab="claims")
def claims(request: HttpRequest, here: Here) -> HttpResponse:
    """Claims where they stand; the newest version of each, cut by key."""
    rows = chosen_occurrences(request, here.project)
    found = slice_of(request, rows.select_related("claim", "article__outlet"))
    versions = {version.occurrence_id: version for version in newest_of([row.pk for row in found.rows])}
    return show(
        request,
        "claims",
        here,
        slice=found,
        versions=versions,
        asked=request.GET,
        attributions=ATTRIBUTION_PRESENCE,
        roles=CLAIM_ROLES,
        is_filtered=any(request.GET.get(name) for name in FILTERS),
    )


def chosen_occurrences(request: HttpRequest, project: Project) -> QuerySet[ClaimOccurrence]:
    rows = ClaimOccurrence.objects.in_project(project).standing()
    asked = request.GET
    if words := asked.get("q", "").strip():
        rows = rows.filter(claim__text__holds=words[:200])
    if article := number_in(request, "article"):
        rows = rows.filter(article=article)
    for name, column in (("attribution", "attribution"), ("role", "segment_role")):
        if code := asked.get(name, ""):
            newest = OccurrenceVersion.objects.filter(occurrence=OuterRef("pk")).order_by("-n").values(column)[:1]
            rows = rows.annotate(**{f"newest_{name}": Subquery(newest)}).filter(**{f"newest_{name}": code[:32]})
    return rows


def newest_of(occurrences: list[int]) -> QuerySet[OccurrenceVersion]:
    rows = OccurrenceVersion.objects.filter(occurrence__in=occurrences).prefetch_related("hops")
    return rows.order_by("occurrence", "-n").distinct("occurrence")


@project_page("browse", tab="claims")
def claim(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Every place of one claim. What was settled is shown to those who may see results (INV-4)."""
    row = Claim.objects.in_project(here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    occurrences = list(row.occurrences.select_related("article__outlet").in_reading_order())
    versions = {version.occurrence_id: version for version in newest_of([o.pk for o in occurrences])}
    settled = settled_of(row) if here.may["see_agreement"] else []
    return show(
        request,
        "claim",
        here,
        claim=row,
        occurrences=[(occurrence, versions.get(occurrence.pk)) for occurrence in occurrences],
        settled=settled,
        evidence=evidence_of(row) if settled else [],
        wordings=row.versions.order_by("-n"),
    )


def settled_of(claim: Claim) -> list[SettledLabel]:
    """Every revision of what was settled about the claim, the standing one first."""
    rows = SettledLabel.objects.filter(unit__occurrence_version__occurrence__claim=claim)
    return list(rows.select_related("round", "created_by").order_by("round", "question", "-revision"))


def evidence_of(claim: Claim) -> list[EvidenceItem]:
    return list(EvidenceItem.objects.filter(claim=claim).select_related("added_by").order_by("id"))
