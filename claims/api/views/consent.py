"""The consent text of a project: read, published, accepted, withdrawn, by the actions of the page."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.consent import Acceptance, ConsentShape, NewConsentText
from claims.models import Project, Reviewer
from claims.people.actions import reviewer_for
from claims.people.consent import accept_consent, consent_text, publish_consent, withdraw_consent


class ConsentOfProject(Endpoint):
    scopes = scopes(GET=(LABEL, READ), PUT=WRITE)

    @operation("get_consent", "Read the consent text that holds", answers={200: ConsentShape}, tag="People")
    def get(self, request: Request, project: str) -> Response:
        return Response(shown(self.find_project(project), self.user))

    @operation(
        "publish_consent",
        "Publish another consent text; an empty one ends the asking",
        request=NewConsentText,
        answers={200: ConsentShape},
        examples={"request": {"text": "Your answers are kept under a pseudonym."}},
        tag="People",
    )
    def put(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_people")
        publish_consent(found, text=self.body(NewConsentText)["text"], by=self.user)
        return Response(shown(found, self.user))


class OwnConsent(Endpoint):
    scopes = scopes(POST=LABEL, DELETE=LABEL)

    @operation(
        "accept_consent",
        "Accept the text that you read; refused when another one holds by now",
        request=Acceptance,
        answers={200: ConsentShape},
        refuses=(409,),
        examples={"request": {"n": 1}},
        tag="People",
    )
    def post(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "label")
        accept_consent(reviewer_for(self.user, found), n=self.body(Acceptance)["n"], by=self.user)
        return Response(shown(found, self.user))

    @operation(
        "withdraw_consent",
        "Withdraw your consent: you are given no more units, and what you answered stays",
        answers={204: None},
        tag="People",
    )
    def delete(self, request: Request, project: str) -> Response:
        withdraw_consent(reviewer_for(self.user, self.find_project(project, "label")), by=self.user)
        return Response(status=204)


def shown(project: Project, user: Any) -> dict[str, Any]:
    """The text that holds now, and whether the asker accepted it."""
    project.refresh_from_db(fields=["consent_n"])
    text = consent_text(project)
    n = project.consent_n
    said = {
        "n": n,
        "text": text.text if text else "",
        "published_at": text.created_at if text else None,
        "has_accepted": bool(n) and Reviewer.objects.filter(project=project, user=user, consented_to=n).exists(),
    }
    return dict(ConsentShape(said).data)
