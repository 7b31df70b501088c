"""A second curator settles a drawn dispute without seeing what was decided."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.disputes import dispute_detail
from claims.adjudication.second import settle_second, waiting_for_second
from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.outcomes import NewSecond, SecondKept, SecondShape
from claims.errors import Conflict
from claims.models import Round, Unit


class Second(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)

    @operation(
        "get_second_look",
        "Read the oldest dispute that waits for your second decision, as the first curator found it",
        answers={200: SecondShape},
        tag="Disputes",
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "settle")
        waiting = waiting_for_second(round_, self.user)
        detail = None
        if waiting:
            unit = Unit.objects.get(pk=waiting[0].unit_id)
            detail = dispute_detail(unit, round_, waiting[0].question, is_blind=True)
        return Response(SecondShape({"waiting": len(waiting), "dispute": detail}).data)

    @operation(
        "settle_second",
        "Decide it a second time; what was settled stays as it is",
        request=NewSecond,
        answers={201: SecondKept},
        examples={"request": {"unit": 90417, "question": "stance", "outcome": "answer", "value": "reports"}},
        tag="Disputes",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "settle")
        asked = self.body(NewSecond)
        place = (asked.pop("unit"), asked.pop("question"))
        waiting = waiting_for_second(round_, self.user)
        first = next((one for one in waiting if (one.unit_id, one.question) == place), None)
        if first is None:
            raise Conflict("not_waiting", "This does not wait for you. Read what does.")
        settle_second(first, **asked, by=self.user)
        return Response(SecondKept({"waiting": len(waiting) - 1}).data, status=201)
