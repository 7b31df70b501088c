"""A round's workload, taking a unit back, and one person's limits: the same actions as the page."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from claims.agreement.forecast import WITHIN, forecasts_of
from claims.api.authentication import WRITE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.workload import LoadShape, NewLimits, WorkloadShape
from claims.assignment.workload import limit_reviewer, take_back, workload_of
from claims.errors import NotFound, Refused
from claims.models import Assignment, Reviewer, Round

WIDTH = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
ROUNDS = Round.objects.select_related("project")


class Workload(Endpoint):
    scopes = READING
    query = frozenset({"within"})

    @operation(
        "get_workload",
        "Read who does how much, when the round will end, and how many more units its figures need",
        answers={200: WorkloadShape},
        tag="Rounds",
        parameters=(OpenApiParameter("within", WIDTH, description="How near figures are to be known; 0.05."),),
        refuses=(422,),
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(ROUNDS.all(), pk, "manage_rounds")
        written = request._request.GET.get("within")
        try:
            within = WITHIN if written is None else float(written)
        except ValueError:
            raise Refused("invalid_width", "within is a number between 0 and 1.", status=400) from None
        load = workload_of(round_, by=self.user)
        return Response(WorkloadShape({**vars(load), "forecasts": forecasts_of(round_, within)}).data)


class OneLoad(Endpoint):
    scopes = scopes(PUT=WRITE)

    @operation(
        "limit_reviewer",
        "Give one person a quota of their own in the round, or pause them in it",
        request=NewLimits,
        answers={200: LoadShape},
        examples={"request": {"quota": 50, "is_paused": False}},
        tag="Rounds",
    )
    def put(self, request: Request, pk: int, reviewer: int) -> Response:
        round_ = self.find(ROUNDS.all(), pk, "manage_rounds")
        who = Reviewer.objects.in_project(round_.project).filter(pk=reviewer).first()
        if who is None:
            raise NotFound
        limit_reviewer(round_, who, **self.body(NewLimits), by=self.user)
        people = workload_of(round_, by=self.user).people
        return Response(LoadShape(next(load for load in people if load.reviewer == who.pk)).data)


class TakeBack(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "take_back",
        "Offer a unit that somebody holds to others now; their draft stays",
        answers={204: None},
        refuses=(409,),
        tag="Rounds",
    )
    def post(self, request: Request, pk: int) -> Response:
        rows = Assignment.objects.select_related("round__project")
        found = self.find(rows, pk, "manage_rounds", through="round__project")
        take_back(found.round, found.pk, by=self.user)
        return Response(status=204)
