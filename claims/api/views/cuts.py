"""One's own cut of an article into claims, made without seeing what stands or what others cut."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, READ
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.cuts import CutShape, CutStep
from claims.errors import NotFound, Refused
from claims.models import Article, ArticleCut
from claims.splitting.freezing import add_to_cut, hand_in_cut, remove_from_cut

TAG = "Labelling"
NOTHING: dict[str, Any] = {"claims": [], "ended_at": None}


class OwnCut(Endpoint):
    scopes = scopes(GET=(LABEL, READ), POST=LABEL)

    def article(self, pk: int) -> Article:
        rows = Article.objects.filter(state__in=("imported", "split")).select_related("project")
        found: Article = self.find(rows, pk, "label")
        text = found.text_versions.order_by("-n").first()
        if text is None or text.erased_at is not None:
            raise NotFound
        return found

    @operation("get_own_cut", "Read your own cut of an article", answers={200: CutShape}, tag=TAG)
    def get(self, request: Request, pk: int) -> Response:
        own = ArticleCut.objects.filter(article=self.article(pk), user=self.user).first()
        return Response(CutShape(own or NOTHING).data)

    @operation(
        "cut_article",
        "Mark a claim in your own cut, take one back, or hand the cut in: it is compared from then on",
        request=CutStep,
        answers={200: CutShape},
        examples={"request": {"step": "add", "pieces": [[120, 164]]}},
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        article, asked = self.article(pk), self.body(CutStep)
        pieces = [(start, end) for start, end in asked["pieces"]]
        if (asked["step"] == "hand_in") == bool(pieces):
            raise Refused("pieces_expected", "Add and remove take pieces; handing in takes none.")
        if asked["step"] == "add":
            cut = add_to_cut(article, pieces=pieces, by=self.user)
        elif asked["step"] == "remove":
            cut = remove_from_cut(article, pieces=pieces, by=self.user)
        else:
            cut = hand_in_cut(article, by=self.user)
        cut.refresh_from_db()
        return Response(CutShape(cut).data)
