"""Who is in a project with which role, and letting people in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.looking import look_as
from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, check_tag, scopes, tagged
from claims.api.lists import Listing
from claims.api.schema import IDEMPOTENCY, TAG_READ, operation, page_of
from claims.api.serializers.members import (
    CreatedInvitation,
    InvitationShape,
    LettersShape,
    LookedShape,
    MemberShape,
    NewInvitation,
    NewLetters,
    NewRole,
)
from claims.errors import NotFound
from claims.models import Invitation, Membership, Project, Reviewer, User
from claims.people.actions import change_role, lock_members, remove_member
from claims.people.invitations import invite, invite_by_mail, revoke_invitation

TAG = "People"
ROWS = Listing()


class Members(Endpoint):
    scopes = scopes(GET=READ)
    query = ROWS.parameters

    @operation("list_members", "List who is in a project", answers={200: page_of(MemberShape)}, listing=ROWS, tag=TAG)
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_people")
        rows = Membership.objects.filter(project=found).select_related("user")
        return Response(ROWS.page(request, rows, lambda row: MemberShape(row).data))


class OneMember(Endpoint):
    scopes = scopes(GET=READ, PATCH=WRITE, DELETE=WRITE)

    def member(self, slug: str, pk: int) -> tuple[Project, User]:
        found = self.find_project(slug, "manage_people")
        user = User.objects.filter(pk=pk, membership__project=found).first()
        if user is None:
            raise NotFound
        return found, user

    @operation(
        "get_member", "Read who a member is; the ETag is what a change names", answers={200: MemberShape}, tag=TAG
    )
    def get(self, request: Request, project: str, user: int) -> Response:
        found, person = self.member(project, user)
        return tagged(MemberShape(Membership.objects.select_related("user").get(project=found, user=person)).data)

    @operation(
        "change_role",
        "Give a member another role",
        request=NewRole,
        answers={200: MemberShape},
        parameters=(TAG_READ,),
        refuses=(409, 428),
        examples={"request": {"role": "curator"}},
        tag=TAG,
    )
    def patch(self, request: Request, project: str, user: int) -> Response:
        found, person = self.member(project, user)
        expected, asked = self.expected_tag(), self.body(NewRole)
        with transaction.atomic():
            standing = lock_members(found).get(person.pk)
            if standing is None:
                raise NotFound
            check_tag(expected, MemberShape(standing).data)
            return tagged(MemberShape(change_role(found, user=person, **asked, by=self.user)).data)

    @operation(
        "remove_member",
        "End a membership; the labels stay under their pseudonym",
        answers={204: None},
        refuses=(409,),
        tag=TAG,
    )
    def delete(self, request: Request, project: str, user: int) -> Response:
        found, person = self.member(project, user)
        remove_member(found, user=person, by=self.user)
        return Response(status=204)


class Invitations(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ROWS.parameters

    @operation(
        "list_invitations",
        "List the invitations that are open",
        answers={200: page_of(InvitationShape)},
        listing=ROWS,
        tag=TAG,
    )
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "manage_people")
        rows = Invitation.objects.filter(project=found, used_at=None, revoked_at=None, expires_at__gt=Now())
        return Response(ROWS.page(request, rows, lambda row: InvitationShape(row).data))

    @operation(
        "invite",
        "Make a link that lets somebody in; it is shown this once",
        request=NewInvitation,
        answers={201: CreatedInvitation},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"role": "reviewer", "days": 14}},
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_people"), self.body(NewInvitation)
        shown: list[str] = []

        def act() -> tuple[int, Mapping[str, Any]]:
            invitation, token = invite(found, **asked, by=self.user)
            shown.append(request.build_absolute_uri(reverse("join", args=[token])))
            return 201, InvitationShape(invitation).data

        response = self.create_once(act)
        if shown and isinstance(response.data, Mapping):  # kept out of the record of the request: it is stored hashed
            response.data = {**response.data, "link": shown[0]}
        return response


class Letters(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "invite_by_mail",
        "Send a letter with a link of its own to each address",
        request=NewLetters,
        answers={201: LettersShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"role": "reviewer", "emails": ["edda@sandmouth.example"]}},
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_people"), self.body(NewLetters)

        def act() -> tuple[int, Mapping[str, Any]]:
            return 201, LettersShape({"invitations": invite_by_mail(found, **asked, by=self.user)}).data

        return self.create_once(act)


class OneInvitation(Endpoint):
    scopes = scopes(DELETE=WRITE)

    @operation("revoke_invitation", "End an invitation: nobody else comes in by it", answers={204: None}, tag=TAG)
    def delete(self, request: Request, pk: int) -> Response:
        revoke_invitation(self.find(Invitation.objects.select_related("project"), pk, "manage_people"), by=self.user)
        return Response(status=204)


class Look(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "look_as_reviewer",
        "Read a reviewer's answers as their own list shows them; it is written down and the reviewer is told",
        answers={200: LookedShape},
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        people = Reviewer.objects.exclude(kind="machine").select_related("user", "project")
        looked = look_as(self.find(people, pk, "manage_people"), by=self.user)
        return Response(LookedShape(looked).data)
