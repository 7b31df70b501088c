"""Files of articles sent by a program: looked at, then imported in the background."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.core.files.base import ContentFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import WRITE
from claims.api.endpoint import ARTICLE_BODY_BYTES, Endpoint, FileEndpoint, scopes
from claims.api.schema import IDEMPOTENCY, filename_parameter, operation, words_parameter
from claims.api.serializers.imports import FileLook, NewFile, UploadOptions
from claims.api.serializers.sources import JobShape
from claims.api.views.sources import JOB_EXAMPLE
from claims.errors import Refused
from claims.importing.datasets import DATASETS
from claims.vocabulary import ARTICLE_FIELDS

FILE_EXAMPLE = {
    "filename": "articles.csv",
    "content": "Schlagzeile;Inhalt\nBridge closed;The Lake Bridge was closed on Tuesday.\n",
    "columns": {"title": "Schlagzeile", "text": "Inhalt"},
}
UPLOAD = (
    filename_parameter("Its ending tells the format: articles.zip."),
    OpenApiParameter(
        "dataset",
        str,
        enum=tuple(DATASETS),
        description="It holds claims with labels or verdicts, in this shape.",
    ),
    words_parameter("outlet", "The publisher's name, where the file names none.", chars=200),
    words_parameter("encoding", "Where it cannot be told.", chars=40),
    words_parameter("delimiter", "Of a table: a comma, semicolon, tab or vertical bar.", chars=1),
    *(
        words_parameter(f"column_{field}", f"The file's name for {field}; empty for none.", chars=500)
        for field in ARTICLE_FIELDS
    ),
)
LOOK_EXAMPLE = {
    "format": "csv",
    "encoding": "utf-8",
    "encoding_confidence": 1.0,
    "delimiter": ";",
    "names": ["Schlagzeile", "Inhalt"],
    "columns": {"title": "Schlagzeile", "text": "Inhalt"},
    "rows": [["Bridge closed", "The Lake Bridge was closed on Tuesday."]],
    "escape": "",
    "checked": 1,
    "faults": [],
}


def file_of(asked: Mapping[str, Any]) -> ContentFile[Any]:
    """The bytes that were sent. Raises Refused `invalid_base64`, `one_content_expected`."""
    if bool(asked["content"]) == bool(asked["content_base64"]):
        raise Refused("one_content_expected", "Send the file either as content or as content_base64.")
    if asked["content"]:
        return ContentFile(asked["content"].encode(errors="ignore"), name=asked["filename"])
    try:
        return ContentFile(base64.b64decode(asked["content_base64"], validate=True), name=asked["filename"])
    except (binascii.Error, ValueError) as error:
        raise Refused("invalid_base64", f"content_base64 cannot be decoded: {error}.") from error


def options_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("encoding", "delimiter", "columns") if asked[name]}


def columns_of(asked: Mapping[str, Any]) -> dict[str, str]:
    return {field: asked[name] for field in ARTICLE_FIELDS if (name := f"column_{field}") in asked}


class Files(Endpoint):
    scopes = scopes(POST=WRITE)
    body_limit = ARTICLE_BODY_BYTES

    @operation(
        "import_file",
        "Import a file of articles in the background",
        request=NewFile,
        answers={202: JobShape, 200: JobShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": FILE_EXAMPLE, "answer": JOB_EXAMPLE},
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.actions import start_import  # the parsers behind it are not for every web process

        found, asked = self.find_project(project, "import"), self.body(NewFile)
        file = file_of(asked)

        def act() -> tuple[int, Mapping[str, Any]]:
            job = start_import(found, files=[file], outlet=asked["outlet"], options=options_of(asked), by=self.user)
            job.refresh_from_db()
            return 200 if job.reason == "duplicate_of" else 202, JobShape(job).data

        return self.create_once(act)


class Upload(FileEndpoint):
    scopes = scopes(POST=WRITE)
    query_of_writing: ClassVar[frozenset[str]] = frozenset(one.name for one in UPLOAD)

    @operation(
        "upload_file",
        "Import a file of at most 50 MB, sent as it is, in the background",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        answers={202: JobShape, 200: JobShape},
        parameters=(IDEMPOTENCY, *UPLOAD),
        examples={"answer": JOB_EXAMPLE},
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.actions import start_import  # the parsers behind these are not for every web process
        from claims.importing.claims import start_claims_import

        found, asked = self.find_project(project, "import"), self.parameters(UploadOptions)
        with self.received(asked["filename"]) as file:

            def act() -> tuple[int, Mapping[str, Any]]:
                if asked["dataset"]:
                    job = start_claims_import(found, dataset=asked["dataset"], file=file, by=self.user)
                else:
                    options = options_of({**asked, "columns": columns_of(asked)})
                    job = start_import(found, files=[file], outlet=asked["outlet"], options=options, by=self.user)
                job.refresh_from_db()
                return 200 if job.reason == "duplicate_of" else 202, JobShape(job).data

            return self.create_once(act)


class LookAtFile(Endpoint):
    scopes = scopes(POST=WRITE)
    body_limit = ARTICLE_BODY_BYTES

    @operation(
        "look_at_file",
        "See how a table or text would be read; nothing is imported",
        request=NewFile,
        answers={200: FileLook},
        examples={"request": FILE_EXAMPLE, "answer": LOOK_EXAMPLE},
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.readers import LOOKS, format_of
        from claims.importing.staging import look_at

        self.find_project(project, "import")
        asked = self.body(NewFile)
        file, format_ = file_of(asked), format_of(asked["filename"])
        if format_ not in LOOKS:
            shown = ", ".join(sorted(LOOKS))
            raise Refused("unsupported_format", f"Only these can be looked at: {shown}.", status=415)
        return Response(FileLook({**asdict(look_at(file, format_, options_of(asked))), "format": format_}).data)
