"""Qualifying for rounds, and the known answers that it goes by."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.known import add_known_answers
from claims.api.authentication import LABEL, WRITE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.qualification import KnownAnswers, KnownListShape, QualificationShape
from claims.assignment.qualification import begin_attempt, candidate, candidates, told_answers
from claims.errors import NotFound
from claims.models import Reviewer, Round, User
from claims.permissions import can

ROUNDS = Round.objects.select_related("project", "codebook_version")


class Qualification(Endpoint):
    scopes = READING

    @operation(
        "get_qualification",
        "Read one's own attempts with every known answer explained; for managers, how far everybody is",
        answers={200: QualificationShape},
        tag="Rounds",
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(ROUNDS.all(), pk, "label")
        return Response(shown(round_, self.user))


class BeginAttempt(Endpoint):
    scopes = scopes(POST=LABEL)

    @operation(
        "begin_attempt",
        "Begin the next attempt, the answers of the last having been read",
        answers={200: QualificationShape},
        refuses=(409,),
        tag="Rounds",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(ROUNDS.all(), pk, "label")
        begin_attempt(round_, by=self.user)
        return Response(shown(round_, self.user))


class KnownAnswersOfRound(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "add_known_answers",
        "Write known answers with their explanations into a round whose labelling is over: all of them or none",
        request=KnownAnswers,
        answers={201: KnownListShape},
        refuses=(409,),
        examples={
            "request": {
                "answers": [
                    {
                        "claim": 7,
                        "question": "stance",
                        "value": "reports",
                        "explanation": "It takes no side.",
                    }
                ]
            }
        },
        tag="Rounds",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(ROUNDS.all(), pk, "settle")
        made = add_known_answers(round_, self.body(KnownAnswers)["answers"], by=self.user)
        return Response(KnownListShape({"results": made}).data, status=201)


def shown(round_: Round, user: User) -> dict[str, object]:
    reviewer = Reviewer.objects.filter(project=round_.project, user=user).first()
    if round_.pass_mark is None or round_.state == "draft" or reviewer is None:
        raise NotFound
    own = candidate(round_, reviewer)
    found = {
        "round": round_.pk,
        "set_size": round_.set_size,
        "pass_mark": round_.pass_mark,
        "most_attempts": round_.attempts,
        "has_passed": own.has_passed,
        "done": own.done,
        "attempts": [{**vars(attempt), "answers": told_answers(attempt)} for attempt in own.attempts],
        "people": candidates(round_, by=user) if can("manage_rounds", user, round_.project) else None,
    }
    return dict(QualificationShape(found).data)
