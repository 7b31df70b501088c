"""An article left out of the work, and taken in again."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.sources import Excluded
from claims.models import Article


class ExcludeArticle(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "exclude_article",
        "Leave an article out of the work, with the reason",
        request=Excluded,
        answers={204: None},
        refuses=(409,),
        tag="Articles",
    )
    def post(self, request: Request, pk: int) -> Response:
        from claims.importing.mending import exclude_article

        article = self.find(Article.objects.select_related("project"), pk, "import")
        exclude_article(article, **self.body(Excluded), by=self.user)
        return Response(status=204)


class IncludeArticle(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "include_article",
        "Take an article in again that was left out",
        answers={204: None},
        refuses=(409,),
        tag="Articles",
    )
    def post(self, request: Request, pk: int) -> Response:
        from claims.importing.mending import include_article

        include_article(self.find(Article.objects.select_related("project"), pk, "import"), by=self.user)
        return Response(status=204)
