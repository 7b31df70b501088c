"""An article left out of the work and taken in again; what its blocks are, corrected by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, check_tag, scopes, tagged
from claims.api.schema import TAG_READ, operation
from claims.api.serializers.sources import BlocksShape, Excluded, Filed, NewBlocks
from claims.errors import NotFound
from claims.models import Article, Segment


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


class FileArticle(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "file_article",
        "Say which outlet an article is of, by its name or an alias; a new name makes a new outlet",
        request=Filed,
        answers={204: None},
        refuses=(409,),
        tag="Articles",
    )
    def post(self, request: Request, pk: int) -> Response:
        from claims.importing.filing import file_article

        article = self.find(Article.objects.select_related("project"), pk, "import")
        file_article(article, **self.body(Filed), by=self.user)
        return Response(status=204)


class Blocks(Endpoint):
    scopes = scopes(GET=READ, PATCH=WRITE)

    @operation(
        "list_blocks",
        "List the blocks of an article's newest text; the ETag is what a correction names",
        answers={200: BlocksShape},
        tag="Articles",
    )
    def get(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("project"), pk, "browse")
        return tagged(_shown(list(_blocks_of(article))))

    @operation(
        "correct_blocks",
        "Say what blocks of an article are and which language they are in; the text does not change",
        request=NewBlocks,
        answers={200: BlocksShape},
        parameters=(TAG_READ,),
        refuses=(409, 428),
        examples={"request": {"blocks": [{"n": 3, "role": "caption"}, {"n": 4, "language": "nl"}]}},
        tag="Articles",
    )
    def patch(self, request: Request, pk: int) -> Response:
        from claims.importing.mending import correct_segment_language, correct_segment_role

        article = self.find(Article.objects.select_related("project"), pk, "correct_claims")
        expected, asked = self.expected_tag(), {one["n"]: one for one in self.body(NewBlocks)["blocks"]}
        with transaction.atomic():
            blocks = list(_blocks_of(article).select_for_update(of=("self",)))
            found = [segment for segment in blocks if segment.n in asked]
            if len(found) != len(asked):
                raise NotFound
            check_tag(expected, _shown(blocks))
            for segment in found:
                said = asked[segment.n]
                if said["role"]:
                    correct_segment_role(segment, role=said["role"], by=self.user)
                if said["language"]:
                    correct_segment_language(segment, language=said["language"], by=self.user)
        return tagged(_shown(blocks))


def _blocks_of(article: Article) -> QuerySet[Segment]:
    rows = Segment.objects.filter(text_version=article.text_versions.order_by("-n")[:1])
    return rows.select_related("text_version__article__project").order_by("n")


def _shown(blocks: Sequence[Segment]) -> Mapping[str, Any]:
    return BlocksShape({"blocks": blocks}).data
