"""A model's suggestions from a program: ask, read, take over or reject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Listing, Order
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.sources import JobShape
from claims.api.serializers.suggestions import Decision, SuggestionRow
from claims.models import Article, ModelSuggestion
from claims.suggesting.actions import accept_suggestion, reject_suggestion, start_suggestions

SUGGESTIONS = Listing(orders={"created": Order(("id",))})
TAG = "Suggestions"


class Suggestions(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = SUGGESTIONS.parameters

    @operation(
        "list_suggestions",
        "List what a model suggests of an article",
        answers={200: page_of(SuggestionRow)},
        listing=SUGGESTIONS,
        tag=TAG,
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = ModelSuggestion.objects.filter(article=self.find(Article.objects.all(), pk, "correct_claims"))
        return Response(SUGGESTIONS.page(request, rows, lambda row: SuggestionRow(row).data))

    @operation(
        "ask_model",
        "Ask the model that is set up about an article, in the background",
        answers={202: JobShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409, 422),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("project"), pk, "correct_claims")

        def act() -> tuple[int, Mapping[str, Any]]:
            return 202, JobShape(start_suggestions(article, by=self.user)).data

        return self.create_once(act)


class OneSuggestion(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "decide_suggestion",
        "Take over or reject a suggestion",
        request=Decision,
        answers={200: SuggestionRow},
        refuses=(409,),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        rows = ModelSuggestion.objects.select_related("article__project", "project")
        row = self.find(rows, pk, "correct_claims")
        act = accept_suggestion if self.body(Decision)["decision"] == "accept" else reject_suggestion
        act(row, by=self.user)
        row.refresh_from_db()
        return Response(SuggestionRow(row).data)
