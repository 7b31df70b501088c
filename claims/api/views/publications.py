"""What is said in public about an outlet, what others say of it, and which outlets may be one."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import ARTICLE_BODY_BYTES, READING, Endpoint, scopes
from claims.api.lists import Listing
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.publications import (
    Hold,
    HoldShape,
    NewPublication,
    NewRatings,
    ProposalsShape,
    PublicationAct,
    PublicationShape,
    RatingShape,
    RatingsReport,
    TwoOutlets,
)
from claims.api.views.outlets import OutletEndpoint
from claims.credibility import publication as acts
from claims.credibility.external import import_ratings
from claims.credibility.proposals import keep_apart, propose_merges
from claims.errors import NotFound
from claims.models import ExternalRating, Outlet, Publication

TAG = "Outlets"
ROWS = Listing()


class Publications(OutletEndpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ROWS.parameters

    @operation(
        "list_publications",
        "List what was prepared to be said in public about an outlet",
        answers={200: page_of(PublicationShape)},
        listing=ROWS,
        tag=TAG,
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = Publication.objects.filter(outlet=self.outlet(pk, "see_outlets"))
        return Response(ROWS.page(request, rows, lambda row: PublicationShape(row).data))

    @operation(
        "start_publication",
        "Freeze an outlet's figures and write to the outlet",
        request=NewPublication,
        answers={201: PublicationShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"letter": "Here are the figures and the claims; please reply to us.", "days": 14}},
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        row, asked = self.outlet(pk, "manage_outlets"), self.body(NewPublication)

        def act() -> tuple[int, dict[str, object]]:
            made = acts.start_publication(row, **asked, by=self.user)
            made.refresh_from_db()
            return 201, dict(PublicationShape(made).data)

        return self.create_once(act)


class ChangePublication(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "change_publication",
        "Record the reply, answer it, approve, correct or withdraw",
        request=PublicationAct,
        answers={200: PublicationShape},
        examples={"request": {"act": "approve"}},
        tag=TAG,
    )
    def post(self, request: Request, pk: int, n: int) -> Response:
        rows = Publication.objects.filter(outlet=pk, n=n).select_related("outlet__project")
        first = rows.values_list("pk", flat=True).first()
        row = self.find(rows, first or 0, "manage_outlets", through="outlet__project")
        said = self.body(PublicationAct)
        match said["act"]:
            case "reply":
                acts.record_reply(row, reply=said["text"], disputed=said["disputed"], by=self.user)
            case "respond":
                acts.respond(row, response=said["text"], by=self.user)
            case "approve":
                acts.approve(row, by=self.user)
            case "correct":
                acts.correct(row, notice=said["text"], by=self.user)
            case "withdraw":
                acts.withdraw(row, reason=said["text"], by=self.user)
        row.refresh_from_db()
        return Response(PublicationShape(row).data)


class HoldOutlet(OutletEndpoint):
    scopes = scopes(PUT=WRITE)

    @operation("hold_outlet", "Set or end a legal hold", request=Hold, answers={200: HoldShape}, tag=TAG)
    def put(self, request: Request, pk: int) -> Response:
        row = self.outlet(pk, "manage_people")
        asked = self.body(Hold)
        acts.set_hold(row, **asked, by=self.user)
        return Response(asked)


class Ratings(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ROWS.parameters
    body_limit = ARTICLE_BODY_BYTES

    @operation("list_ratings", "List ratings by others", answers={200: page_of(RatingShape)}, listing=ROWS, tag=TAG)
    def get(self, request: Request, project: str) -> Response:
        rows = ExternalRating.objects.in_project(self.find_project(project, "see_outlets")).select_related("outlet")
        return Response(ROWS.page(request, rows, lambda row: RatingShape(row).data))

    @operation(
        "import_ratings",
        "Take in a list of ratings by others; a report says what had no place",
        request=NewRatings,
        answers={200: RatingsReport},
        parameters=(IDEMPOTENCY,),
        examples={
            "request": {"rater": "Press Panel", "content": "source,bias,factual_reporting\nTidal Post,center,high\n"}
        },
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_outlets"), self.body(NewRatings)
        content = asked.pop("content").encode("utf-8", "ignore")

        def act() -> tuple[int, dict[str, object]]:
            report = import_ratings(found, content, **asked, by=self.user)
            errors = [{"line": line, "sentence": sentence} for line, sentence in report.errors]
            return 200, dict(RatingsReport({**vars(report), "errors": errors}).data)

        return self.create_once(act)


class Proposals(Endpoint):
    scopes = READING

    @operation("propose_merges", "Read which outlets may be one publisher", answers={200: ProposalsShape}, tag=TAG)
    def get(self, request: Request, project: str) -> Response:
        return Response(ProposalsShape(propose_merges(self.find_project(project, "manage_outlets"))).data)


class KeepApart(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "keep_apart",
        "Say that two outlets are two publishers; they are not proposed again",
        request=TwoOutlets,
        answers={204: None},
        examples={"request": {"kept": 12, "other": 40}},
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_outlets")
        asked = self.body(TwoOutlets)
        rows = Outlet.objects.in_project(found).select_related("project")
        pair = [rows.filter(pk=asked[name]).first() for name in ("kept", "other")]
        if pair[0] is None or pair[1] is None:
            raise NotFound
        keep_apart(pair[0], pair[1], by=self.user)
        return Response(status=204)
