"""Projects and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, SESSION, WRITE
from claims.api.endpoint import Endpoint, check_tag, scopes, tagged
from claims.api.lists import Listing
from claims.api.schema import IDEMPOTENCY, TAG_READ, operation, page_of
from claims.api.serializers.people import (
    CreatedToken,
    NewProject,
    NewToken,
    ProjectPlan,
    ProjectShape,
    TokenShape,
)
from claims.errors import NotFound, NotPermitted
from claims.models import ApiToken, Project
from claims.people.actions import create_project, create_token, revoke_token, set_daily_cap

PROJECT = {
    "slug": "harbour-2026",
    "name": "Harbour coverage 2026",
    "goal": "check_claims",
    "language": "en",
    "role": "owner",
    "created_at": "2026-03-02T09:00:00Z",
    "archived_at": None,
}
PROJECTS = Listing()


class Projects(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = PROJECTS.parameters

    @operation(
        "list_projects",
        "List your projects",
        answers={200: page_of(ProjectShape)},
        listing=PROJECTS,
        tag="Projects",
    )
    def get(self, request: Request) -> Response:
        rows = Project.objects.visible_to(self.user).annotate(asker_role=F("membership__role"))
        if self.token is not None and self.token.project_id is not None:
            rows = rows.filter(pk=self.token.project_id)
        return Response(PROJECTS.page(request, rows, lambda row: ProjectShape(row).data))

    @operation(
        "create_project",
        "Create a project",
        request=NewProject,
        answers={201: ProjectShape},
        parameters=(IDEMPOTENCY,),
        examples={
            "request": {"name": "Harbour coverage 2026", "slug": "harbour-2026", "goal": "check_claims"},
            "answer": PROJECT,
        },
        tag="Projects",
    )
    def post(self, request: Request) -> Response:
        if self.token is not None and self.token.project_id is not None:
            raise NotPermitted("token_is_for_one_project", "This token opens one project; it cannot create another.")
        asked = self.body(NewProject)

        def act() -> tuple[int, Mapping[str, Any]]:
            project = create_project(**asked, by=self.user)
            project.refresh_from_db()
            project.asker_role = "owner"  # type: ignore[attr-defined]
            return 201, ProjectShape(project).data

        return self.create_once(act)


class OneProject(Endpoint):
    scopes = scopes(GET=READ, PATCH=WRITE)

    @operation(
        "get_project", "Read a project", answers={200: ProjectShape}, examples={"answer": PROJECT}, tag="Projects"
    )
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project)
        return tagged(ProjectShape(found).data)

    @operation(
        "amend_project",
        "Set how much one person is given on one day",
        request=ProjectPlan,
        answers={200: ProjectShape},
        parameters=(TAG_READ,),
        refuses=(409, 428),
        examples={"request": {"daily_cap": 60}},
        tag="Projects",
    )
    def patch(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_people")
        expected, asked = self.expected_tag(), self.body(ProjectPlan)
        with transaction.atomic():
            found.refresh_from_db(from_queryset=Project.objects.select_for_update(no_key=True))
            check_tag(expected, ProjectShape(found).data)
            return tagged(ProjectShape(set_daily_cap(found, asked["daily_cap"], by=self.user)).data)


TOKENS = Listing()


class Tokens(Endpoint):
    scopes = scopes(GET=READ, POST=SESSION)
    query = TOKENS.parameters

    @operation("list_tokens", "List your tokens", answers={200: page_of(TokenShape)}, listing=TOKENS, tag="Tokens")
    def get(self, request: Request) -> Response:
        rows = ApiToken.objects.filter(user=self.user).select_related("project")
        if self.token is not None and self.token.project_id is not None:
            rows = rows.filter(project=self.token.project_id)
        return Response(TOKENS.page(request, rows, lambda row: TokenShape(row).data))

    @operation(
        "create_token",
        "Create a token (signed in, not by a token)",
        request=NewToken,
        answers={201: CreatedToken},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"name": "nightly import", "scopes": ["read", "write"], "days": 90}},
        tag="Tokens",
    )
    def post(self, request: Request) -> Response:
        asked = self.body(NewToken)
        slug = asked.pop("only_in")
        project = self.find_project(slug) if slug else None
        shown: list[str] = []

        def act() -> tuple[int, Mapping[str, Any]]:
            token, plain = create_token(user=self.user, project=project, **asked)
            shown.append(plain)
            return 201, TokenShape(token).data

        response = self.create_once(act)
        if shown and isinstance(response.data, Mapping):  # kept out of the record of the request: it is stored hashed
            response.data = {**response.data, "token": shown[0]}
        return response


class OneToken(Endpoint):
    scopes = scopes(DELETE=SESSION)

    @operation(
        "revoke_token", "Revoke a token; it is refused from the next request on", answers={204: None}, tag="Tokens"
    )
    def delete(self, request: Request, pk: int) -> Response:
        token = ApiToken.objects.filter(user=self.user, pk=pk).first()
        if token is None:
            raise NotFound
        revoke_token(token, by=self.user)
        return Response(status=204)
