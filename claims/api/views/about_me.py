"""What reviewers say of themselves, and conflicts of interest: the same actions as the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, READ
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Listing
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.about_me import InterestShape, NewInterest, NewTraits, TraitsShape
from claims.assignment.interests import add_interest, remove_interest, seen_by
from claims.errors import NotFound
from claims.models import Interest, Outlet, ReviewerTraits
from claims.people.actions import reviewer_for, reviewer_of_member
from claims.people.traits import say_traits

INTERESTS = Listing()


class AboutMe(Endpoint):
    scopes = scopes(GET=(LABEL, READ), PUT=LABEL)

    @operation("get_about_me", "Read what you say of yourself in a project", answers={200: TraitsShape}, tag="People")
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "label")
        traits = ReviewerTraits.objects.filter(reviewer__project=found, reviewer__user=self.user).first()
        return Response(TraitsShape(traits or ReviewerTraits()).data)

    @operation(
        "put_about_me",
        "Say it anew; all fields empty: nothing is kept",
        request=NewTraits,
        answers={200: TraitsShape},
        examples={"request": {"leaning": "centre", "languages": ["en", "de"]}},
        tag="People",
    )
    def put(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "label")
        kept = say_traits(reviewer_for(self.user, found), by=self.user, **self.body(NewTraits))
        return Response(TraitsShape(kept or ReviewerTraits()).data)


class Interests(Endpoint):
    scopes = scopes(GET=(LABEL, READ), POST=LABEL)
    query = INTERESTS.parameters

    @operation(
        "list_conflicts",
        "List your conflicts of interest; for owners also those that owners set",
        answers={200: page_of(InterestShape)},
        listing=INTERESTS,
        tag="People",
    )
    def get(self, request: Request, project: str) -> Response:
        rows = seen_by(self.user, self.find_project(project, "label"))
        return Response(INTERESTS.page(request, rows, lambda row: InterestShape(row).data))

    @operation(
        "add_conflict",
        "Keep the units of an outlet, or that name a person or body, from yourself or (owners) from somebody",
        request=NewInterest,
        answers={201: InterestShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409,),
        examples={"request": {"entity": "Harbour Authority"}},
        tag="People",
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "label"), self.body(NewInterest)
        who = reviewer_of_member(found, asked["user"]) if asked["user"] else reviewer_for(self.user, found)
        outlet = Outlet.objects.in_project(found).filter(pk=asked["outlet"]).first() if asked["outlet"] else None
        if asked["outlet"] and outlet is None:
            raise NotFound

        def act() -> tuple[int, Mapping[str, Any]]:
            made = add_interest(who, by=self.user, outlet=outlet, entity=asked["entity"])
            made.refresh_from_db()
            return 201, InterestShape(made).data

        return self.create_once(act)


class OneInterest(Endpoint):
    scopes = scopes(DELETE=LABEL)

    @operation("remove_conflict", "Take a conflict of interest back", answers={204: None}, tag="People")
    def delete(self, request: Request, pk: int) -> Response:
        found = self.find(Interest.objects.select_related("reviewer", "project"), pk, "label")
        if not seen_by(self.user, found.project).filter(pk=pk).exists():
            raise NotFound
        remove_interest(found, by=self.user)
        return Response(status=204)
