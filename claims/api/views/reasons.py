"""The second look at reasons: what waits for one, one's verdict, and what came of it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.reasons import (
    Reason,
    check_can_judge,
    judge_reason,
    judged_reasons,
    reason_of,
    reasons_waiting,
)
from claims.api.authentication import LABEL, READ
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.reasons import NewJudgement, NextReason, ResultsShape
from claims.errors import NotFound
from claims.models import Reviewer, Round
from claims.models.judgement import VERDICTS

ROUNDS = Round.objects.select_related("project")


class Reasons(Endpoint):
    scopes = scopes(GET=(LABEL, READ), POST=LABEL)

    @operation(
        "next_reason",
        "Read the next reason of a closed round to judge, not knowing whose it is",
        answers={200: NextReason},
        refuses=(409,),
        tag="Disputes",
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.waiting(self.find(ROUNDS.all(), pk, "label")))

    @operation(
        "judge_reason",
        "Judge a reason: valid, an error, a gap of the guideline, or a legitimate difference",
        request=NewJudgement,
        answers={201: NextReason},
        refuses=(409,),
        examples={"request": {"reason": 9, "verdict": "valid"}},
        tag="Disputes",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_, asked = self.find(ROUNDS.all(), pk, "label"), self.body(NewJudgement)
        judge_reason(round_, asked.pop("reason"), **asked, by=self.user)
        return Response(self.waiting(round_), status=201)

    def waiting(self, round_: Round) -> dict[str, Any]:
        check_can_judge(self.user, round_)
        judge = Reviewer.objects.filter(project=round_.project, user=self.user).first()
        if judge is None:
            raise NotFound
        waiting = reasons_waiting(round_, judge, self.user)
        found = {"left": len(waiting), "next": shown(reason_of(round_, waiting[0])) if waiting else None}
        return dict(NextReason(found).data)


class ReasonResults(Endpoint):
    scopes = READING

    @operation("list_judged_reasons", "List what was said of each reason", answers={200: ResultsShape}, tag="Disputes")
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(ROUNDS.all(), pk, "see_agreement")
        found = [
            shown(one.reason)
            | {"verdicts": {name: one.verdicts.get(name, 0) for name in VERDICTS}, "is_error": one.is_error}
            | {"words": list(one.words)}
            for one in judged_reasons(round_, by=self.user)
        ]
        return Response(ResultsShape({"results": found}).data)


def shown(reason: Reason) -> dict[str, Any]:
    said = [{"question": question, "answer": words} for question, words in reason.answers]
    return {"reason": reason.event.pk, "unit": reason.event.unit_id, "answers": said, "why": reason.why}
