"""Codebooks of one's own: taken in as text, changed as a draft, published once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import IDEMPOTENCY, operation
from claims.api.serializers.codebooks import CodebookChange, CodebookPublication, CodebookText, SeenDraft
from claims.api.serializers.rounds import CodebookShape
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import spec_from_document
from claims.labelling.codebook_formats import read_codebook
from claims.labelling.drafting import change_draft, discard_draft, publish_draft, start_draft
from claims.models import CodebookVersion

TAG = "Codebooks"
EXAMPLE = """id = "weather"
title = "Weather"

[[questions]]
code = "rain"
title = "Does it say that it rains?"
kind = "nominal"
unit = "claim_occurrence"
choices = [{ code = "yes", label = "Yes" }, { code = "no", label = "No" }]
"""


class TakeIn(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "take_in_codebook",
        "Take in a codebook of your own, as a draft unless told otherwise",
        request=CodebookText,
        answers={201: CodebookShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"text": EXAMPLE, "format": "toml", "publish": True}},
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_codebook"), self.body(CodebookText)
        spec = read_codebook(asked["text"], asked["format"], asked["title"])

        def act() -> tuple[int, Mapping[str, Any]]:
            return 201, shown(create_codebook(found, spec=spec, publish=asked["publish"], by=self.user))

        return self.create_once(act)


class CodebookEndpoint(Endpoint):
    def version(self, pk: int) -> CodebookVersion:
        rows = CodebookVersion.objects.select_related("codebook__project")
        return self.find(rows, pk, "manage_codebook", through="codebook__project")


class Draft(CodebookEndpoint):
    scopes = scopes(POST=WRITE, PUT=WRITE)

    @operation(
        "start_codebook_draft",
        "Begin a draft from a version; a codebook has one at a time, so the one there is comes back",
        answers={201: CodebookShape},
        refuses=(409,),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        base = self.version(pk)
        return Response(shown(start_draft(base.codebook, base=base, by=self.user)), status=201)

    @operation(
        "change_codebook_draft",
        "Put another document in place of what a draft says",
        request=CodebookChange,
        answers={200: CodebookShape},
        tag=TAG,
    )
    def put(self, request: Request, pk: int) -> Response:
        draft, asked = self.version(pk), self.body(CodebookChange)
        spec = spec_from_document(asked["document"])
        return Response(shown(change_draft(draft, spec, expected_sha256=asked["expected_sha256"], by=self.user)))


class Publish(CodebookEndpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "publish_codebook",
        "Publish a draft as you saw it; from then on it never changes",
        request=CodebookPublication,
        answers={200: CodebookShape},
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        draft = self.version(pk)
        publish_draft(draft, **self.body(CodebookPublication), by=self.user)
        return Response(shown(draft))


class Discard(CodebookEndpoint):
    scopes = scopes(POST=WRITE)

    @operation("discard_codebook_draft", "Drop a draft", request=SeenDraft, answers={204: None}, tag=TAG)
    def post(self, request: Request, pk: int) -> Response:
        discard_draft(self.version(pk), **self.body(SeenDraft), by=self.user)
        return Response(status=204)


def shown(version: CodebookVersion) -> Mapping[str, Any]:
    version.refresh_from_db()
    return CodebookShape(version).data
