"""The dossier of an outlet: a page to look at, a PDF to file and a folder to keep."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from claims import audit
from claims.credibility.composite import composite_of
from claims.credibility.corrections import corrections_record
from claims.credibility.dossier import pack
from claims.credibility.entities import domains_of
from claims.credibility.profile import profile_of
from claims.credibility.ratings import ratings_of
from claims.exporting.writers.zipped import GrowingZip
from claims.models import ExternalRating, OutletObservation
from claims.web.outlets.profile import outlet_in
from claims.web.page import Here, project_page, show

MOST = 500  # claims on the page; the folder has all


@project_page("see_outlets", tab="outlets")
def dossier(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = outlet_in(here, pk)
    row.project = here.project
    seen = OutletObservation.objects.filter(outlet=row, measure="verdict")
    counted = seen.select_related("occurrence__claim", "article", "round").order_by("outcome", "occurrence")[:MOST]
    return show(
        request,
        "dossier",
        here,
        outlet=row,
        versions=row.versions.order_by("n"),
        domains=domains_of(row),
        profile=profile_of(row),
        composite=composite_of(row),
        placed=ratings_of(row),
        corrections=corrections_record(row),
        counted=counted,
        total=seen.count(),
        most=MOST,
        ratings=ExternalRating.objects.filter(outlet=row).order_by("rater", "axis", "-rated_on"),
        publications=row.publications.order_by("n"),
    )


@require_POST
@project_page("see_outlets", tab="outlets")
def folder(request: HttpRequest, here: Here, pk: int) -> HttpResponseBase:
    """All of it as a zip; who took it is written down."""
    row = outlet_in(here, pk)
    row.project = here.project
    audit.record("download_dossier", row, by=here.user)
    response = StreamingHttpResponse(pack(row, GrowingZip()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="dossier-{row.pk}.zip"'
    return response


@require_POST
@project_page("see_outlets", tab="outlets")
def pdf(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """To be read and filed."""
    row = outlet_in(here, pk)
    row.project = here.project
    audit.record("download_dossier", row, by=here.user)
    from claims.credibility.printed import print_dossier  # reportlab: a third of a second, for this alone

    response = HttpResponse(print_dossier(row), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="dossier-{row.pk}.pdf"'
    return response
