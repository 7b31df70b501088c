"""What a reviewer says and brings beside an answer: remarks in the unit's thread, copies of evidence."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.core.files.base import ContentFile
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, READ
from claims.api.endpoint import ARTICLE_BODY_BYTES, scopes
from claims.api.schema import operation
from claims.api.serializers.talking import CopyShape, NewCopy, NewRemark, ThreadShape
from claims.api.views.labelling import LabellingEndpoint, second_votes
from claims.errors import NotFound, Refused
from claims.labelling.comments import add_comment, read_thread, thread_unit
from claims.labelling.evidence import keep_screenshot, request_copy, visible_copy
from claims.labelling.voting import first_votes
from claims.models import Assignment, Reviewer, Round, Unit
from claims.people.actions import reviewer_for

TAG = "Labelling"


class Thread(LabellingEndpoint):
    scopes = scopes(GET=(LABEL, READ), POST=LABEL)

    @operation(
        "get_thread",
        "Read what is said about a unit, once your own answer is in",
        answers={200: ThreadShape},
        tag=TAG,
    )
    def get(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        found = thread_unit(round_, unit, reviewer, self.user)
        return Response(shown(round_, found, reviewer))

    @operation(
        "add_comment",
        "Say something about a unit to those who have judged it",
        request=NewRemark,
        answers={201: ThreadShape},
        examples={"request": {"text": "Paragraph four has the figure that the claim leaves out."}},
        tag=TAG,
    )
    def post(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        found = thread_unit(round_, unit, reviewer, self.user)
        add_comment(round_, found, reviewer, self.user, **self.body(NewRemark))
        return Response(shown(round_, found, reviewer), status=201)


def shown(round_: Round, unit: Unit, reviewer: Reviewer) -> dict[str, Any]:
    votes = first_votes(round_, unit) if round_.has_second_vote else []
    waiting = second_votes(round_, reviewer)
    told = {
        "remarks": read_thread(round_, unit, reviewer),
        "first_votes": [{"question": title, "answer": answer, "n": n} for title, answer, n in votes],
        "second_vote": next((vote for vote in waiting if vote["unit"] == unit.pk), None),
    }
    return dict(ThreadShape(told).data)


class Copies(LabellingEndpoint):
    scopes = scopes(POST=LABEL)
    body_limit = ARTICLE_BODY_BYTES

    @operation(
        "keep_evidence",
        "Keep a copy of a page as evidence, fetched in the background, or a screenshot of your own",
        request=NewCopy,
        answers={201: CopyShape},
        examples={"request": {"url": "https://tidalpost.example/bridge"}},
        tag=TAG,
    )
    def post(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        mine = Assignment.objects.filter(round=round_, unit=unit, reviewer=reviewer)
        if not mine.exclude(state="skipped").exists():
            raise NotFound
        asked = self.body(NewCopy)
        if bool(asked["url"]) == bool(asked["picture_base64"]):
            raise Refused("one_content_expected", "Send either the address of a page or a picture.")
        if asked["url"]:
            kept = request_copy(reviewer, asked["url"])
        else:
            kept = keep_screenshot(reviewer, ContentFile(_bytes_of(asked["picture_base64"]), name="screenshot"))
        kept.refresh_from_db()
        return Response(CopyShape(kept).data, status=201)


class OneCopy(LabellingEndpoint):
    scopes = scopes(GET=(LABEL, READ))

    @operation("get_evidence", "Read a copy of evidence that you may see", answers={200: CopyShape}, tag=TAG)
    def get(self, request: Request, project: str, copy: str) -> Response:
        found = self.find_project(project, "label")
        return Response(CopyShape(visible_copy(copy, self.user, reviewer_for(self.user, found))).data)


def _bytes_of(written: str) -> bytes:
    try:
        return base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("invalid_base64", f"picture_base64 cannot be decoded: {error}.") from error
