"""A person's own inbox, and what of it goes out by mail."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from claims import notices
from claims.api.authentication import LABEL, READ, SESSION, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Listing
from claims.api.schema import operation, page_of
from claims.api.serializers.inbox import MailPlan, MailShape, NoticeShape, ReadShape, WhatIsRead
from claims.errors import NotFound
from claims.models import Notice

TAG = "Inbox"
ROWS = Listing()


class InboxEndpoint(Endpoint):
    def notices(self) -> QuerySet[Notice]:
        """The person's own; a token of one project reaches that project's alone."""
        rows = Notice.objects.filter(user=self.user).select_related("project")
        held_to = self.token.project_id if self.token is not None else None
        return rows if held_to is None else rows.filter(project=held_to)


class Inbox(InboxEndpoint):
    scopes = scopes(GET=READ)
    query = ROWS.parameters

    @operation("list_notices", "List what you were told", answers={200: page_of(NoticeShape)}, listing=ROWS, tag=TAG)
    def get(self, request: Request) -> Response:
        return Response(ROWS.page(request, self.notices(), lambda row: NoticeShape(row).data))


class Read(InboxEndpoint):
    scopes = scopes(POST=(LABEL, WRITE))

    @operation(
        "mark_read",
        "Mark one notice as read, or all",
        request=WhatIsRead,
        answers={200: ReadShape},
        examples={"request": {"notice": None}},
        tag=TAG,
    )
    def post(self, request: Request) -> Response:
        wanted = self.body(WhatIsRead)["notice"]
        rows = self.notices() if wanted is None else self.notices().filter(pk=wanted)
        if wanted is not None and not rows.exists():
            raise NotFound
        marked = sum(notices.mark_read(self.user, pk) for pk in rows.filter(read_at=None).values_list("pk", flat=True))
        return Response({"marked": marked})


class Mail(Endpoint):
    scopes = scopes(GET=READ, PUT=SESSION)

    @operation("get_mail_choices", "Read what goes out to you by mail", answers={200: MailShape}, tag=TAG)
    def get(self, request: Request) -> Response:
        return Response(notices.choices_of(self.user))

    @operation(
        "set_mail_choices",
        "Choose what goes out to you by mail; what is not named stays",
        request=MailPlan,
        answers={200: MailShape},
        examples={"request": {"job_finished": "digest"}},
        tag=TAG,
    )
    def put(self, request: Request) -> Response:
        notices.choose_deliveries(self.user, self.body(MailPlan))
        return Response(notices.choices_of(self.user))
