"""The same claim elsewhere from a program: read what is suggested, decide, relate by hand, name documents."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.lists import WHOLE, Filter, Listing, Order, one_of
from claims.api.schema import operation, page_of
from claims.api.serializers import matching as shapes
from claims.matching.actions import cite_document, decide_relation, relate_claims
from claims.models import Claim, ClaimOccurrence, ClaimRelation, SourceDocument
from claims.models.matching import CLAIM_RELATIONS

TAG = "Relations"
RELATIONS = Listing(
    {
        "claim": Filter(WHOLE, lambda pk: Q(left=pk) | Q(right=pk), "Id of one of the two claims."),
        "relation": Filter(
            one_of("undecided", *CLAIM_RELATIONS),
            lambda word: Q(relation="" if word == "undecided" else word),
            "What people decided.",
        ),
        "suggested": Filter(one_of(*CLAIM_RELATIONS), lambda word: Q(suggested=word), "What the system suggests."),
    },
    {"-created": Order(("-id",)), "-score": Order(("-score", "-id"))},
)
DOCUMENTS = Listing(
    {
        "claim": Filter(WHOLE, lambda pk: Q(citations__occurrence__claim=pk), "Id of a claim that goes back to it."),
    },
    {"-created": Order(("-id",))},
)


def counted(rows: QuerySet[ClaimRelation]) -> QuerySet[ClaimRelation]:
    return rows.annotate(last=Coalesce(Max("decisions__n"), 0)).select_related("left", "right")


class Relations(Endpoint):
    scopes = READING
    query = RELATIONS.parameters

    @operation(
        "list_relations",
        "List pairs of claims that may be one, with what differs",
        answers={200: page_of(shapes.RelationRow)},
        listing=RELATIONS,
        tag=TAG,
    )
    def get(self, request: Request, project: str) -> Response:
        rows = counted(ClaimRelation.objects.in_project(self.find_project(project, "browse")))
        return Response(RELATIONS.page(request, rows, lambda row: shapes.RelationRow(row).data))


class RelateClaims(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "relate_claims",
        "Say how a claim relates to another one",
        request=shapes.NewRelation,
        answers={200: shapes.RelationRow},
        refuses=(409, 422),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        claim = self.find(Claim.objects.select_related("project"), pk, "correct_claims")
        asked = self.body(shapes.NewRelation)
        other = self.find(Claim.objects.select_related("project"), asked["other"], "correct_claims")
        row = relate_claims(claim, other, asked["relation"], note=asked.get("note", ""), by=self.user)
        return Response(shapes.RelationRow(counted(ClaimRelation.objects.filter(pk=row.pk)).get()).data)


class OneRelation(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "decide_relation",
        "Decide about a pair; 409 when somebody else did meanwhile",
        request=shapes.RelationChoice,
        answers={200: shapes.RelationRow},
        refuses=(409,),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        row = self.find(ClaimRelation.objects.select_related("project"), pk, "correct_claims")
        asked = self.body(shapes.RelationChoice)
        note = asked.get("note", "")
        decide_relation(row, asked["relation"], expected=asked["expected"], note=note, by=self.user)
        return Response(shapes.RelationRow(counted(ClaimRelation.objects.filter(pk=row.pk)).get()).data)


class Documents(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = DOCUMENTS.parameters

    @operation(
        "list_documents",
        "List documents that claims go back to",
        answers={200: page_of(shapes.DocumentRow)},
        listing=DOCUMENTS,
        tag=TAG,
    )
    def get(self, request: Request, project: str) -> Response:
        rows = SourceDocument.objects.filter(project=self.find_project(project, "browse")).distinct()
        return Response(DOCUMENTS.page(request, rows, as_row))

    @operation(
        "cite_document",
        "Say which document a claim goes back to",
        request=shapes.NewCitation,
        answers={200: shapes.DocumentRow},
        refuses=(422,),
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "correct_claims")
        asked = self.body(shapes.NewCitation)
        rows = ClaimOccurrence.objects.select_related("project").filter(project=found)
        occurrence = self.find(rows, asked.pop("occurrence"), "correct_claims")
        return Response(as_row(cite_document(occurrence, **asked, by=self.user)))


def as_row(document: SourceDocument) -> Any:
    claims = document.citations.order_by("occurrence__claim").values_list("occurrence__claim", flat=True).distinct()
    values = {name: getattr(document, name) for name in ("id", "publisher", "title", "published", "url")}
    return shapes.DocumentRow(values | {"claims": list(claims)}).data
