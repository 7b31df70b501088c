"""Codebooks and rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import READING, Endpoint, check_version, scopes
from claims.api.lists import Filter, Listing, one_of
from claims.api.schema import IDEMPOTENCY, VERSION, operation, page_of
from claims.api.serializers.rounds import (
    CodebookRow,
    CodebookShape,
    NewCodebook,
    NewOverlap,
    NewRound,
    RoundChange,
    RoundRow,
    RoundShape,
)
from claims.api.serializers.sources import JobShape
from claims.api.views.labelling import second_votes
from claims.assignment.actions import close_round, create_round, open_round, progress, set_paused
from claims.assignment.amendments import amend_round, delete_round
from claims.assignment.cautions import cautions
from claims.assignment.opening import unknown_units
from claims.assignment.overlap import change_overlap
from claims.assignment.presets import ROUND_PRESETS
from claims.errors import NotFound
from claims.labelling.actions import create_codebook
from claims.lifecycle import ROUND
from claims.models import CodebookVersion, Project, Reviewer, Round
from claims.permissions import can

CODEBOOKS = Listing()
ROUNDS = Listing({"state": Filter(one_of(*ROUND.states), lambda state: Q(state=state), "State of the round.")})


class Codebooks(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = CODEBOOKS.parameters

    @operation(
        "list_codebooks",
        "List versions of codebooks",
        answers={200: page_of(CodebookRow)},
        listing=CODEBOOKS,
        tag="Codebooks",
    )
    def get(self, request: Request, project: str) -> Response:
        rows = CodebookVersion.objects.filter(codebook__project=self.find_project(project)).select_related("codebook")
        return Response(CODEBOOKS.page(request, rows.defer("document"), lambda row: CodebookRow(row).data))

    @operation(
        "create_codebook",
        "Create a codebook from a preset; the same content again gives the version there is",
        request=NewCodebook,
        answers={201: CodebookShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"preset": "stance"}},
        tag="Codebooks",
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_codebook"), self.body(NewCodebook)

        def act() -> tuple[int, Mapping[str, Any]]:
            version = create_codebook(found, **asked, by=self.user)
            version.refresh_from_db()
            return 201, CodebookShape(version).data

        return self.create_once(act)


class OneCodebook(Endpoint):
    scopes = READING

    @operation("get_codebook", "Read a version of a codebook", answers={200: CodebookShape}, tag="Codebooks")
    def get(self, request: Request, pk: int) -> Response:
        rows = CodebookVersion.objects.select_related("codebook")
        return Response(CodebookShape(self.find(rows, pk, through="codebook__project")).data)


class Rounds(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ROUNDS.parameters

    @operation("list_rounds", "List rounds", answers={200: page_of(RoundRow)}, listing=ROUNDS, tag="Rounds")
    def get(self, request: Request, project: str) -> Response:
        rows = Round.objects.in_project(self.find_project(project))
        return Response(ROUNDS.page(request, rows, lambda row: RoundRow(row).data))

    @operation(
        "create_round",
        "Plan a round",
        request=NewRound,
        answers={201: RoundShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"name": "Pilot", "codebook_version": 3, "overlap": 2, "selection": {"limit": 50}}},
        tag="Rounds",
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_rounds"), self.body(NewRound)
        if preset := asked.pop("preset", None):
            asked = ROUND_PRESETS[preset].plan | asked
        version = find_codebook(found, asked.pop("codebook_version"))
        find_rounds(found, asked)

        def act() -> tuple[int, Mapping[str, Any]]:
            round_ = create_round(found, codebook_version=version, **asked, by=self.user)
            return 201, shown(round_, self.user)

        return with_version(self.create_once(act))


class OneRound(Endpoint):
    scopes = scopes(GET=READ, PATCH=WRITE, DELETE=WRITE)

    @operation("get_round", "Read a round; its version is the ETag", answers={200: RoundShape}, tag="Rounds")
    def get(self, request: Request, pk: int) -> Response:
        return with_version(Response(shown(self.find(Round.objects.all(), pk), self.user)))

    @operation(
        "amend_round",
        "Change the plan of a draft, or the name and the limits of any round",
        request=RoundChange,
        answers={200: RoundShape},
        parameters=(VERSION,),
        refuses=(428,),
        examples={"request": {"overlap": 3}},
        tag="Rounds",
    )
    def patch(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.all(), pk, "manage_rounds")
        expected, asked = self.expected_version(), self.body(RoundChange, partial=True)
        check_version(expected, round_.version, shown(round_, self.user))
        if "codebook_version" in asked:
            asked["codebook_version"] = find_codebook(round_.project, asked["codebook_version"])
        find_rounds(round_.project, asked)
        return with_version(
            Response(shown(amend_round(round_, changes=asked, expected=expected, by=self.user), self.user))
        )

    @operation("delete_round", "Give up a draft that was not opened", answers={204: None}, refuses=(409,), tag="Rounds")
    def delete(self, request: Request, pk: int) -> Response:
        delete_round(self.find(Round.objects.all(), pk, "manage_rounds"), by=self.user)
        return Response(status=204)


class OpenRound(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "open_round",
        "Open a round: its slots are made in the background",
        answers={202: JobShape},
        refuses=(409,),
        tag="Rounds",
    )
    def post(self, request: Request, pk: int) -> Response:
        job = open_round(self.find(Round.objects.all(), pk, "manage_rounds"), by=self.user)
        job.refresh_from_db()
        return Response(JobShape(job).data, status=202)


class Overlap(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "change_overlap",
        "Ask more or fewer reviewers per unit of a round under way; slots that are held or answered stay",
        request=NewOverlap,
        answers={202: JobShape},
        refuses=(409,),
        examples={"request": {"overlap": 3}},
        tag="Rounds",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.all(), pk, "manage_rounds")
        job = change_overlap(round_, **self.body(NewOverlap), by=self.user)
        job.refresh_from_db()
        return Response(JobShape(job).data, status=202)


class CloseRound(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation("close_round", "Close a round for good", answers={200: RoundShape}, refuses=(409,), tag="Rounds")
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.all(), pk, "manage_rounds")
        close_round(round_, by=self.user)
        return with_version(Response(shown(round_, self.user)))


class PauseRound(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation("pause_round", "Pause a round", answers={200: RoundShape}, refuses=(409,), tag="Rounds")
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.all(), pk, "manage_rounds")
        set_paused(round_, True, by=self.user)
        return with_version(Response(shown(round_, self.user)))


class ResumeRound(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation("resume_round", "Resume a paused round", answers={200: RoundShape}, refuses=(409,), tag="Rounds")
    def post(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.all(), pk, "manage_rounds")
        set_paused(round_, False, by=self.user)
        return with_version(Response(shown(round_, self.user)))


def find_codebook(project: Project, pk: int) -> CodebookVersion:
    version: CodebookVersion | None = CodebookVersion.objects.filter(codebook__project=project, pk=pk).first()
    if version is None:
        raise NotFound
    return version


def find_rounds(project: Project, asked: dict[str, Any]) -> None:
    """The rounds that ids stand for, put in their place."""
    for name in ("qualification", "checks"):
        if asked.get(name) is not None:
            asked[name] = Round.objects.in_project(project).filter(pk=asked[name]).first()
            if asked[name] is None:
                raise NotFound


def shown(round_: Round, user: Any) -> dict[str, Any]:
    """The round as it stands now; how far others are only for those who may know it."""
    round_.refresh_from_db()
    may_know = can("see_agreement", user, round_.project)
    round_.progress = progress(round_) if may_know else None  # type: ignore[attr-defined]
    round_.without_known_answer = (  # type: ignore[attr-defined]
        unknown_units(round_) if may_know and round_.state == "draft" and round_.pass_mark is not None else None
    )
    round_.cautions = cautions(round_) if may_know and round_.state == "draft" else []  # type: ignore[attr-defined]
    me = Reviewer.objects.filter(project=round_.project, user=user).first() if round_.has_second_vote else None
    round_.second_votes = second_votes(round_, me) if me is not None else []  # type: ignore[attr-defined]
    if not may_know:
        round_.control_share = round_.control_floor = None
    return dict(RoundShape(round_).data)


def with_version(response: Response) -> Response:
    if isinstance(response.data, Mapping) and "version" in response.data:
        response["ETag"] = f'"{response.data["version"]}"'
    return response
