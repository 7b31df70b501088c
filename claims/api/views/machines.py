"""Machine labels from a program: what a model of one's own said, or a question to the model that is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import IDEMPOTENCY, operation
from claims.api.serializers.machines import KeptMachineLabels, NewMachineLabels
from claims.api.serializers.sources import JobShape
from claims.models import Round
from claims.suggesting.machine_labels import start_model_labels, take_machine_labels

TAG = "Rounds"


class MachineLabels(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "send_machine_labels",
        "Keep what a machine answered, apart from people; bad rows are named and left out",
        request=NewMachineLabels,
        answers={200: KeptMachineLabels},
        parameters=(IDEMPOTENCY,),
        refuses=(409, 422),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "manage_rounds")
        asked = self.body(NewMachineLabels)

        def act() -> tuple[int, Mapping[str, Any]]:
            kept, problems = take_machine_labels(round_, asked["model"], asked["labels"], by=self.user)
            return 200, KeptMachineLabels({"kept": kept, "problems": problems}).data

        return self.create_once(act)


class ModelLabels(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "ask_model_for_labels",
        "Let the model that is set up label a round, in the background",
        answers={202: JobShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409, 422),
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "manage_rounds")

        def act() -> tuple[int, Mapping[str, Any]]:
            return 202, JobShape(start_model_labels(round_, by=self.user)).data

        return self.create_once(act)
