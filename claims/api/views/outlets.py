"""Outlets: found, confirmed, merged and parted, with the figures that follow from settled claims."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from claims import audit
from claims.api.authentication import READ, WRITE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.lists import WHOLE, WORDS, Filter, Listing, Order
from claims.api.schema import operation, page_of
from claims.api.serializers.outlets import (
    CitationsShape,
    ComparisonShape,
    CompositeShape,
    MergeOutlet,
    OutletRow,
    OwnFormulaShape,
    PlacesShape,
    ProfileShape,
    SetFormula,
)
from claims.credibility.citations import citations
from claims.credibility.compare import MOST, compare, outlets_saying
from claims.credibility.composite import composite_of
from claims.credibility.criteria import newest_formula
from claims.credibility.dossier import pack
from claims.credibility.entities import confirm_outlet, domains_of, merge_outlets, part_outlet
from claims.credibility.formulas import set_formula
from claims.credibility.profile import profile_of
from claims.credibility.ratings import ratings_of
from claims.errors import NotFound
from claims.exporting.writers.zipped import GrowingZip
from claims.models import Claim, Outlet
from claims.permissions import can

Row = TypeVar("Row", bound=Model)
OUTLETS = Listing(
    {"q": Filter(WORDS, lambda words: Q(name__has_words=words), "Words of the name.")}, {"-id": Order(("-id",))}
)


class Outlets(Endpoint):
    scopes = READING
    query = OUTLETS.parameters

    @operation(
        "list_outlets", "List a project's outlets", answers={200: page_of(OutletRow)}, listing=OUTLETS, tag="Outlets"
    )
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "see_outlets")
        rows = Outlet.objects.in_project(found)
        return Response(OUTLETS.page(request, rows, lambda row: OutletRow(row).data))


class OutletEndpoint(Endpoint):
    def outlet(self, pk: int, deed: str) -> Outlet:
        row: Outlet = self.find(Outlet.objects.select_related("project"), pk, deed)
        return row


class OneOutlet(OutletEndpoint):
    scopes = READING

    @operation(
        "get_outlet",
        "Read an outlet with its figures, each with its interval or the reason why there is none",
        answers={200: ProfileShape},
        tag="Outlets",
    )
    def get(self, request: Request, pk: int) -> Response:
        row = self.outlet(pk, "see_outlets")
        profile = profile_of(row)
        frames = {
            measure: [
                {"round": frame.round.pk if frame.round else None, "probability": frame.probability, "n": frame.n}
                for frame in frames
            ]
            for measure, frames in profile.frames.items()
        }
        said = {"domains": domains_of(row), "figures": profile.figures, "frames": frames}
        return Response(ProfileShape({**OutletRow(row).data, "merged_into_id": row.merged_into_id, **said}).data)


NO_FORMULA = {"n": 0, "is_on": False, "weights": {}, "rationale": "", "camps": {}}
NO_COMPOSITE = {
    "formula": None,
    "value": None,
    "low": None,
    "high": None,
    "coverage": None,
    "reason": "switched_off",
    "components": (),
}


class OutletScore(OutletEndpoint):
    scopes = READING

    @operation(
        "get_outlet_score",
        "Read an outlet's composite with everything that it is added up from",
        answers={200: CompositeShape},
        tag="Outlets",
    )
    def get(self, request: Request, pk: int) -> Response:
        found = composite_of(self.outlet(pk, "see_outlets"))
        return Response(CompositeShape(found or NO_COMPOSITE).data)


class Comparison(Endpoint):
    scopes = READING
    query = frozenset({"q", "claim", "outlets"})

    @operation(
        "compare_outlets",
        "Compare two to five outlets on a story: in whose voice each says what, and what it leaves out",
        answers={200: ComparisonShape},
        refuses=(422,),
        tag="Outlets",
        parameters=(
            OpenApiParameter("q", str, description="The story: words of its headlines or claims."),
            OpenApiParameter("claim", WHOLE.schema, description="Or the story: every article that says this claim."),
            OpenApiParameter(
                "outlets",
                str,
                pattern=r"^[0-9]{1,18}(,[0-9]{1,18})*$",
                description='"3,8"; with a claim and without this: those that say it.',
            ),
        ),
    )
    def get(self, request: Request, project: str) -> Response:
        found, given = self.find_project(project, "see_outlets"), request._request.GET
        claim = self._row(Claim.objects.in_project(found), "claim", given.get("claim"))
        rows = Outlet.objects.in_project(found).filter(merged_into=None)
        numbers = [number for number in given.get("outlets", "").split(",") if number]
        asked = [self._row(rows, "outlets", number) for number in numbers][: MOST + 1]
        outlets = [outlet for outlet in asked if outlet is not None]
        if claim is not None and not outlets:
            outlets = outlets_saying(claim)
        compared = compare(found, outlets, WORDS.read("q", given.get("q", "")), claim.pk if claim else None)
        return Response(ComparisonShape({"outlets": [outlet.pk for outlet in outlets], "rows": compared}).data)

    @staticmethod
    def _row(rows: QuerySet[Row], name: str, written: str | None) -> Row | None:
        """The row that an id in the address, in the parameter of this name, names; none was asked for, or NotFound."""
        if not written:
            return None
        row = rows.filter(pk=WHOLE.read(name, written)).first()
        if row is None:
            raise NotFound
        return row


class Places(OutletEndpoint):
    scopes = READING

    @operation(
        "get_outlet_places",
        "Read where reviewers place an outlet on each axis, within each camp and across",
        answers={200: PlacesShape},
        tag="Outlets",
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(PlacesShape({"axes": ratings_of(self.outlet(pk, "see_outlets"))}).data)


class DossierFolder(OutletEndpoint):
    scopes = READING

    @operation(
        "download_dossier",
        "Download all that is known about an outlet as one .zip; who took it is written down",
        answers={(200, "application/zip"): OpenApiTypes.BINARY},
        tag="Outlets",
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        row = self.outlet(pk, "see_outlets")
        audit.record("download_dossier", row, by=self.user)
        response = StreamingHttpResponse(pack(row, GrowingZip()), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="dossier-{row.pk}.zip"'
        return response


class DossierPdf(OutletEndpoint):
    scopes = READING

    @operation(
        "download_dossier_pdf",
        "Download the dossier of an outlet as a PDF; who took it is written down",
        answers={(200, "application/pdf"): OpenApiTypes.BINARY},
        tag="Outlets",
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        row = self.outlet(pk, "see_outlets")
        audit.record("download_dossier", row, by=self.user)
        from claims.credibility.printed import print_dossier  # reportlab: a third of a second, for this alone

        response = HttpResponse(print_dossier(row), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="dossier-{row.pk}.pdf"'
        return response


class Formula(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)

    @operation(
        "get_score_formula", "Read the project's composite formula", answers={200: OwnFormulaShape}, tag="Outlets"
    )
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "see_outlets")
        said = dict(OwnFormulaShape(newest_formula(found) or NO_FORMULA).data)
        return Response(said if can("manage_outlets", self.user, found) else said | {"camps": {}})

    @operation(
        "set_score_formula",
        "Switch the project's composite on or off, with weights and a reason",
        request=SetFormula,
        answers={200: OwnFormulaShape},
        refuses=(409,),
        tag="Outlets",
    )
    def post(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_outlets")
        said = self.body(SetFormula)
        camps = said["camps"]
        if camps is None:
            standing = newest_formula(found)
            camps = {int(pk): camp for pk, camp in standing.camps.items()} if standing else {}
        made = set_formula(
            found,
            expected_n=said["expected_version"],
            is_on=said["is_on"],
            weights=said["weights"],
            camps=camps,
            rationale=said["rationale"],
            by=self.user,
        )
        return Response(OwnFormulaShape(made).data)


class ConfirmOutlet(OutletEndpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "confirm_outlet", "Vouch that the articles are this outlet's own", answers={200: OutletRow}, tag="Outlets"
    )
    def post(self, request: Request, pk: int) -> Response:
        row = self.outlet(pk, "manage_outlets")
        confirm_outlet(row, by=self.user)
        return Response(OutletRow(row).data)


class MergeInto(OutletEndpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "merge_outlet",
        "Merge an outlet into another; it can be parted again",
        request=MergeOutlet,
        answers={200: OutletRow},
        refuses=(409,),
        tag="Outlets",
    )
    def post(self, request: Request, pk: int) -> Response:
        row = self.outlet(pk, "manage_outlets")
        kept = Outlet.objects.filter(project=row.project, pk=self.body(MergeOutlet)["into"]).first()
        if kept is None:
            raise NotFound
        kept.project = row.project
        merge_outlets(kept, row, by=self.user)
        row.refresh_from_db(fields=["merged_into"])
        return Response(OutletRow(row).data)


class PartOutlet(OutletEndpoint):
    scopes = scopes(POST=WRITE)

    @operation("part_outlet", "Undo a merge", answers={200: OutletRow}, refuses=(409,), tag="Outlets")
    def post(self, request: Request, pk: int) -> Response:
        row = self.outlet(pk, "manage_outlets")
        part_outlet(row, by=self.user)
        row.refresh_from_db(fields=["merged_into"])
        return Response(OutletRow(row).data)


class Citations(Endpoint):
    scopes = READING

    @operation("list_citations", "Who cites whom, from chains and links", answers={200: CitationsShape}, tag="Outlets")
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "see_outlets")
        edges = [
            {
                "citing": edge.citing.name,
                "citing_outlet": edge.citing.outlet,
                "cited": edge.cited.name,
                "cited_outlet": edge.cited.outlet,
                "claims": edge.claims,
                "articles": edge.articles,
                "links": edge.links,
            }
            for edge in citations(found, most=None)
        ]
        return Response(CitationsShape({"edges": edges}).data)
