"""Files of articles sent by a program: looked at, then imported in the background."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.files.base import ContentFile
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import WRITE
from claims.api.endpoint import ARTICLE_BODY_BYTES, Endpoint, scopes
from claims.api.schema import IDEMPOTENCY, operation
from claims.api.serializers.imports import FileLook, NewFile
from claims.api.serializers.sources import JobShape
from claims.api.views.sources import JOB_EXAMPLE
from claims.errors import Refused

FILE_EXAMPLE = {
    "filename": "articles.csv",
    "content": "Schlagzeile;Inhalt\nBridge closed;The Lake Bridge was closed on Tuesday.\n",
    "columns": {"title": "Schlagzeile", "text": "Inhalt"},
}
LOOK_EXAMPLE = {
    "format": "csv",
    "encoding": "utf-8",
    "encoding_confidence": 1.0,
    "delimiter": ";",
    "names": ["Schlagzeile", "Inhalt"],
    "columns": {"title": "Schlagzeile", "text": "Inhalt"},
    "rows": [["Bridge closed", "The Lake Bridge was closed on Tuesday."]],
}


def file_of(asked: Mapping[str, Any]) -> ContentFile[Any]:
    """The bytes that were sent. Raises Refused `invalid_base64`, `one_content_expected`."""
    if bool(asked["content"]) == bool(asked["content_base64"]):
        raise Refused("one_content_expected", "Send the file either as content or as content_base64.")
    if asked["content"]:
        return ContentFile(asked["content"].encode(), name=asked["filename"])
    try:
        return ContentFile(base64.b64decode(asked["content_base64"], validate=True), name=asked["filename"])
    except (binascii.Error, ValueError) as error:
        raise Refused("invalid_base64", f"content_base64 cannot be decoded: {error}.") from error


def options_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("encoding", "delimiter", "columns") if asked[name]}


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
