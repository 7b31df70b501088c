"""Toward whom a project's reviewers judge the stance of outlets."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.schema import operation
from claims.api.serializers.targets import NewTarget, TargetsShape
from claims.credibility.targets import suggested_targets
from claims.labelling.targets import name_target, targets_of
from claims.models import Project
from claims.values.naming import folded


class StanceTargets(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)

    @operation(
        "list_stance_targets",
        "List the governments, parties and causes that reviewers are asked about, and what they wrote besides",
        answers={200: TargetsShape},
        tag="Outlets",
    )
    def get(self, request: Request, project: str) -> Response:
        return Response(_shown(self.find_project(project, "see_outlets")))

    @operation(
        "name_stance_target",
        "Ask about one more, in a new version of the codebook; rounds that run keep theirs",
        request=NewTarget,
        answers={201: TargetsShape},
        refuses=(409, 422),
        tag="Outlets",
    )
    def post(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_codebook")
        name_target(found, **self.body(NewTarget), by=self.user)
        return Response(_shown(found), status=201)


def _shown(project: Project) -> object:
    known = targets_of(project)
    suggested = suggested_targets(project, {folded(target.name) for target in known})
    return TargetsShape({"targets": known, "suggested": suggested}).data
