"""How alike people cut the articles of a round: the same figures as on its page."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.endpoint import READING, Endpoint
from claims.api.schema import operation
from claims.api.serializers.round_cuts import RoundCutsShape
from claims.errors import NotFound
from claims.models import Round
from claims.splitting.cut_rounds import round_cuts


class RoundCuts(Endpoint):
    scopes = READING

    @operation(
        "get_round_cuts",
        "Read how alike people cut the articles of a round with the purpose splitting",
        answers={200: RoundCutsShape},
        tag="Agreement",
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "correct_claims")
        if round_.purpose != "splitting" or round_.state == "draft":
            raise NotFound
        return Response(RoundCutsShape(round_cuts(round_, by=self.user)).data)
