"""Claims without an article: looked for, entered, listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import READING, Endpoint, FileEndpoint, scopes
from claims.api.lists import Filter, Listing, one_of
from claims.api.schema import IDEMPOTENCY, filename_parameter, operation, page_of, words_parameter
from claims.api.serializers.entries import AlikeShape, NewAttachment, NewClaim, SourceShape
from claims.errors import NotFound, Refused
from claims.matching.checked import look_for
from claims.models import Claim, ClaimSource
from claims.models.origin import CLAIM_SOURCE_KINDS

ENTERED = Listing({"kind": Filter(one_of(*CLAIM_SOURCE_KINDS), lambda kind: Q(kind=kind), "What it was said in.")})
WORDS = 1_000
STATEMENT = words_parameter("text", "The statement, at most 1,000 characters.", chars=WORDS, least=1)
FILENAME = filename_parameter("The name it is kept under; only ever shown.")
ENTRY_EXAMPLE = {
    "id": 5,
    "claim": 41,
    "kind": "speech",
    "speaker": "Edda Quill",
    "said_at": "2026-03-01T00:00:00Z",
    "place": "",
    "url": "",
    "attachment": "",
    "created_at": "2026-03-02T09:14:00Z",
}


class EnteredClaims(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ENTERED.parameters

    @operation(
        "list_entered_claims",
        "List claims without an article, with where they were said",
        answers={200: page_of(SourceShape)},
        listing=ENTERED,
        tag="Claims",
    )
    def get(self, request: Request, project: str) -> Response:
        rows = ClaimSource.objects.in_project(self.find_project(project, "browse"))
        return Response(ENTERED.page(request, rows, lambda row: SourceShape(row).data))

    @operation(
        "enter_claim",
        "Enter a claim that was said in no article",
        request=NewClaim,
        answers={201: SourceShape},
        parameters=(IDEMPOTENCY,),
        examples={
            "request": {"text": "The harbour cost 40 million.", "speaker": "Edda Quill", "said_at": "2026-03-01"},
            "answer": ENTRY_EXAMPLE,
        },
        tag="Claims",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.entering import Entry, enter_claim

        found, asked = self.find_project(project, "import"), self.body(NewClaim)
        pk = asked.pop("claim")
        claim = Claim.objects.in_project(found).filter(pk=pk).first() if pk else None
        if pk and claim is None:
            raise NotFound

        def act() -> tuple[int, Mapping[str, Any]]:
            source = enter_claim(found, Entry(**asked), by=self.user, claim=claim)
            source.refresh_from_db()
            return 201, SourceShape(source).data

        return self.create_once(act)


class Attachment(FileEndpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query_of_writing: ClassVar[frozenset[str]] = frozenset({"filename"})

    @operation(
        "download_attachment",
        "Download what is attached to an entered claim; the id is that of the entry",
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tag="Claims",
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        from claims.importing.attachments import send_attachment

        return send_attachment(self.find(ClaimSource.objects.exclude(file=""), pk, "browse"))

    @operation(
        "attach_file",
        "Attach a file of at most 50 MB to an entered claim; it is kept for download and never shown",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        answers={201: SourceShape},
        parameters=(IDEMPOTENCY, FILENAME),
        tag="Claims",
    )
    def post(self, request: Request, pk: int) -> Response:
        from claims.importing.attachments import attach_file

        source = self.find(ClaimSource.objects.select_related("project"), pk, "import")
        with self.received(self.parameters(NewAttachment)["filename"]) as file:
            return self.create_once(lambda: (201, SourceShape(attach_file(source, file, by=self.user)).data))


class ClaimsAlike(Endpoint):
    scopes = READING
    query: ClassVar[frozenset[str]] = frozenset({"text"})

    @operation(
        "find_claims_alike",
        "See whether something like a statement was checked before",
        answers={200: AlikeShape(many=True)},
        parameters=(STATEMENT,),
        refuses=(422,),
        tag="Claims",
    )
    def get(self, request: Request, project: str) -> Response:
        found, text = self.find_project(project, "import"), request.query_params.get("text", "")
        if not text or len(text) > WORDS:
            raise Refused("invalid_text", f"text must have 1 to {WORDS:,} characters.", status=400)
        if not text.strip():
            raise Refused("invalid_text", "text holds nothing but white space.")
        return Response(AlikeShape(look_for(found, " ".join(text.split())), many=True).data)
