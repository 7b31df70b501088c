"""How a blind evidence check goes."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.endpoint import READING, Endpoint
from claims.api.lists import Listing, Order
from claims.api.schema import operation
from claims.api.serializers.checking import CheckShape
from claims.assignment.checking.standing import Said, figures_of, standing_of
from claims.errors import NotFound
from claims.models import Round, RoundUnit

UNITS = Listing(orders={"position": Order(("position",))})
SIDES = ("brought", "judged", "brought_later", "judged_later")


class EvidenceCheck(Endpoint):
    scopes = READING
    query = UNITS.parameters

    @operation(
        "get_evidence_check",
        "Read how each claim of a blind evidence check stands, and how far both sides agree",
        answers={200: CheckShape},
        listing=UNITS,
        tag="Rounds",
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = Round.objects.select_related("project", "checks", "codebook_version")
        round_ = self.find(rows, pk, "see_agreement")
        if round_.checks_id is None or round_.state == "draft":
            raise NotFound
        page = UNITS.page(request, RoundUnit.objects.filter(round=round_), lambda row: row.unit_id)
        found = [
            {"unit": one.unit, "state": one.state} | {name: sides(getattr(one, name)) for name in SIDES}
            for one in standing_of(round_, page["results"])
        ]
        figures = figures_of(round_, standing_of(round_))
        return Response(
            CheckShape({"checks": round_.checks_id, "figures": figures, "results": found, "next": page["next"]}).data
        )


def sides(said: Said) -> list[dict[str, Any]]:
    """In no order of persons."""
    return [
        {"question": question, "answers": [json.loads(one) for one in sorted(answers)]}
        for question, answers in said.items()
    ]
