"""The review of reviewers: the same acts as on the card, and the right of reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.reviews import SUBJECTS, reply_to_review, review_work
from claims.api.authentication import LABEL, READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Filter, Listing, one_of
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.reviews import NewReply, NewReview, ReplyShape, ReviewShape
from claims.errors import NotFound
from claims.models import Reviewer, Round, WorkReview

REVIEWS = Listing({"kind": Filter(one_of(*SUBJECTS), lambda kind: Q(kind=kind), "What was asked.")})


def acts(**of: Any) -> QuerySet[WorkReview]:
    return WorkReview.objects.filter(**of).exclude(kind="reply").prefetch_related("replies")


class Reviews(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = REVIEWS.parameters

    @operation(
        "list_reviews_of_work",
        "List what was asked of a reviewer about their work, with the replies",
        answers={200: page_of(ReviewShape)},
        listing=REVIEWS,
        tag="Reviewers",
    )
    def get(self, request: Request, pk: int) -> Response:
        who = self._who(pk, "see_reviewers")
        return Response(REVIEWS.page(request, acts(reviewer=who), lambda row: ReviewShape(row).data))

    @operation(
        "review_work",
        "Message a reviewer, ask to qualify again, pause, resume, reopen or void answers, or let them count again",
        request=NewReview,
        answers={201: ReviewShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409,),
        examples={
            "request": {
                "kind": "void_range",
                "words": "These days were labelled before the guideline changed.",
                "round": 1,
                "first_day": "2026-03-09",
                "last_day": "2026-03-10",
            }
        },
        tag="Reviewers",
    )
    def post(self, request: Request, pk: int) -> Response:
        who, asked = self._who(pk, "review_work"), self.body(NewReview)
        asked["round_"] = self._round(who, asked.pop("round"))

        def act() -> tuple[int, Mapping[str, Any]]:
            made = review_work(who, **asked, by=self.user)
            return 201, ReviewShape(made).data

        return self.create_once(act)

    def _who(self, pk: int, deed: str) -> Reviewer:
        people = Reviewer.objects.select_related("project", "user").exclude(kind="machine")
        found: Reviewer = self.find(people, pk, deed)
        return found

    @staticmethod
    def _round(who: Reviewer, pk: int | None) -> Round | None:
        found = Round.objects.in_project(who.project).select_related("project").filter(pk=pk).first() if pk else None
        if pk and found is None:
            raise NotFound
        return found


class OwnReviews(Endpoint):
    scopes = scopes(GET=(LABEL, READ))
    query = REVIEWS.parameters

    @operation(
        "list_own_reviews_of_work",
        "List what was asked of you about your work, with your replies",
        answers={200: page_of(ReviewShape)},
        listing=REVIEWS,
        tag="Reviewers",
    )
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "label")
        own = acts(project=found, reviewer__user=self.user)
        return Response(REVIEWS.page(request, own, lambda row: ReviewShape(row).data))


class Reply(Endpoint):
    scopes = scopes(POST=LABEL)

    @operation(
        "reply_to_review",
        "Reply to what was asked of you about your work, once for each act",
        request=NewReply,
        answers={201: ReplyShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409,),
        examples={"request": {"words": "The guideline said so until Tuesday."}},
        tag="Reviewers",
    )
    def post(self, request: Request, pk: int) -> Response:
        review: WorkReview = self.find(acts().select_related("project", "reviewer", "created_by"), pk, "label")
        if review.reviewer.user_id != self.user.pk:
            raise NotFound
        asked = self.body(NewReply)

        def act() -> tuple[int, Mapping[str, Any]]:
            return 201, ReplyShape(reply_to_review(review, asked["words"], by=self.user)).data

        return self.create_once(act)
