"""The newsroom's desk from a program: what lies where, taking claims in, and every deed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.desk.actions import do_deed, items_seen_by, standing_at, take_in
from claims.adjudication.desk.deeds import deeds_at
from claims.api.authentication import READ, WRITE
from claims.api.endpoint import READING, Endpoint, check_version, scopes
from claims.api.lists import WHOLE, Filter, Listing, one_of
from claims.api.schema import IDEMPOTENCY, VERSION, operation, page_of
from claims.api.serializers.desk import DeskRow, DeskShape, NewDeskItem, NewDeskMove
from claims.api.views.rounds import with_version
from claims.errors import NotFound
from claims.lifecycle import DESK
from claims.models import Claim, DeskItem, User

TAG = "Desk"
ITEMS = Listing(
    {
        "state": Filter(one_of(*DESK.states), lambda state: Q(state=state), "Where it lies."),
        "claim": Filter(WHOLE, lambda pk: Q(claim=pk), "Id of a claim."),
    }
)


class Desk(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ITEMS.parameters

    @operation("list_desk", "List claims on the desk", answers={200: page_of(DeskRow)}, listing=ITEMS, tag=TAG)
    def get(self, request: Request, project: str) -> Response:
        rows = items_seen_by(self.user, self.find_project(project, "see_desk"))
        return Response(ITEMS.page(request, rows, lambda row: DeskRow(row).data))

    @operation(
        "take_in_claim",
        "Put a claim on the desk",
        request=NewDeskItem,
        answers={201: DeskShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409,),
        examples={"request": {"claim": 7}},
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "edit_desk"), self.body(NewDeskItem)
        claim = self.find(Claim.objects.select_related("project").filter(project=found), asked["claim"], "edit_desk")

        def act() -> tuple[int, Mapping[str, Any]]:
            item = take_in(claim, by=self.user)
            return 201, shown(item.pk, self.user)

        return with_version(self.create_once(act))


class OneDeskItem(Endpoint):
    scopes = READING

    @operation("get_desk_item", "Read a claim on the desk; its version is the ETag", answers={200: DeskShape}, tag=TAG)
    def get(self, request: Request, pk: int) -> Response:
        item = self.find(DeskItem.objects.select_related("project"), pk, "see_desk")
        return with_version(Response(shown(item.pk, self.user)))


class DeskMoves(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "move_desk_item",
        "Do one thing to a claim on the desk: assign, write, hand in, pass, send back, sign off, decline, take up",
        request=NewDeskMove,
        answers={200: DeskShape},
        parameters=(VERSION,),
        refuses=(409, 422, 428),
        examples={"request": {"deed": "hand_in"}},
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        item = self.find(DeskItem.objects.select_related("project"), pk, "see_desk")
        expected, asked = self.expected_version(), self.body(NewDeskMove)
        check_version(expected, item.version, shown(item.pk, self.user))
        do_deed(item, asked.pop("deed"), by=self.user, expected=expected, said=asked)
        return with_version(Response(shown(item.pk, self.user)))


def shown(pk: int, user: User) -> dict[str, Any]:
    """The item as this person sees it; NotFound for one that they do not see."""
    row = DeskItem.objects.select_related("project").get(pk=pk)
    item: DeskItem | None = items_seen_by(user, row.project).filter(pk=pk).first()
    if item is None:
        raise NotFound
    item.deeds = deeds_at(standing_at(item, user))  # type: ignore[attr-defined]
    return dict(DeskShape(item).data)
