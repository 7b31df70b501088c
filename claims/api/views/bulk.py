"""Many articles or labels in one request: the same rules as one by one, and bad input never costs good input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, WRITE
from claims.api.endpoint import ARTICLE_BODY_BYTES, Endpoint, scopes
from claims.api.schema import IDEMPOTENCY, LABEL_KEY, operation
from claims.api.serializers.bulk import (
    ArticlesTaken,
    BulkArticles,
    BulkLabels,
    DrawnUnits,
    LabelsTaken,
    NewDraw,
    said_of,
)
from claims.api.serializers.labelling import NextUnit, ReceiptShape, without_row_ids
from claims.api.serializers.sources import JobShape
from claims.api.views.labelling import LABEL_EXAMPLE, RECEIPT_EXAMPLE, LabellingEndpoint
from claims.api.views.sources import JOB_EXAMPLE
from claims.assignment.draw import draw_several
from claims.errors import Refused
from claims.labelling.bulk import submit_labels

TAKEN = {"taken": True, "code": "", "detail": "", "errors": [], "current": None}
NOT_TAKEN = {
    "n": 1,
    "taken": False,
    "code": "empty",
    "detail": "The text is empty. Every article needs one.",
    "errors": [],
    "current": None,
}


class Articles(Endpoint):
    scopes = scopes(POST=WRITE)
    body_limit = ARTICLE_BODY_BYTES

    @operation(
        "import_articles",
        "Import many articles in one background job; what is wrong with one costs none of the others",
        request=BulkArticles,
        answers={202: ArticlesTaken, 200: ArticlesTaken},
        parameters=(IDEMPOTENCY,),
        examples={
            "request": {"articles": [{"text": "The Lake Bridge was closed on Tuesday."}, {"text": " "}]},
            "answer": {"job": JOB_EXAMPLE, "results": [{"n": 0, "line": 1, **TAKEN}, {**NOT_TAKEN, "line": None}]},
        },
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        from claims.importing.bulk import start_bulk_import  # the parsers behind it are not for every web process

        found, asked = self.find_project(project, "import"), self.body(BulkArticles)

        def act() -> tuple[int, Mapping[str, Any]]:
            bulk = start_bulk_import(found, asked["articles"], by=self.user)
            results = [
                said_of(n, one) | {"line": None if isinstance(one, Refused) else one}
                for n, one in enumerate(bulk.lines)
            ]
            status = 200 if bulk.job.state in ("succeeded", "partial") else 202
            return status, ArticlesTaken({"job": JobShape(bulk.job).data, "results": results}).data

        return self.create_once(act)


class Draw(LabellingEndpoint):
    scopes = scopes(POST=LABEL)

    @operation(
        "draw_units",
        "Hold several units at once, to label them together",
        request=NewDraw,
        answers={200: DrawnUnits},
        examples={"request": {"count": 20}},
        tag="Labelling",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_, reviewer = self.seat(pk)
        drawn = draw_several(round_, reviewer, self.body(NewDraw)["count"])
        rows = [
            {"unit_id": one.unit_id, "codebook_version": round_.codebook_version_id, "expires_at": one.expires_at}
            for one in drawn
        ]
        return Response({"units": NextUnit(rows, many=True).data})


class Labels(LabellingEndpoint):
    scopes = scopes(POST=LABEL)

    @operation(
        "submit_labels",
        "Submit the answers about several units; each is stored by itself",
        request=BulkLabels,
        answers={200: LabelsTaken},
        parameters=(LABEL_KEY,),
        examples={
            "request": {"labels": [{"unit": 90417, **LABEL_EXAMPLE}]},
            "answer": {"taken": 1, "results": [{"n": 0, "receipt": RECEIPT_EXAMPLE, **TAKEN}]},
        },
        tag="Labelling",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_, reviewer = self.seat(pk)
        given = [_renamed(one) for one in self.body(BulkLabels)["labels"]]
        said = submit_labels(round_, reviewer, given, idempotency_key=self.key())
        results = [
            _bare(said_of(n, one)) | {"receipt": None if isinstance(one, Refused) else ReceiptShape(one).data}
            for n, one in enumerate(said)
        ]
        return Response({"taken": sum(one["taken"] for one in results), "results": results})


def _renamed(one: Any) -> Any:
    """The item as the action's arguments; a refusal stays what it is."""
    if isinstance(one, Refused):
        return one
    return {name: value for name, value in one.items() if name != "codebook_version"} | {
        "codebook_version_id": one["codebook_version"]
    }


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """What stands now is the reviewer's own, without the row ids that count over everybody's evidence."""
    current = row["current"]
    if current and "answers" in current:
        row["current"] = {**current, "answers": without_row_ids(current["answers"])}
    return row
