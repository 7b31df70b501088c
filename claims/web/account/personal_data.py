"""What is kept about the person who looks: to take along, and to have deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST

from claims.errors import Refused
from claims.models import Membership, User
from claims.people.attempts import count_code
from claims.people.personal_data import delete_own_login, own_data
from claims.web.page import go, person, show, signed_in


@signed_in
def my_data(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    projects = Membership.objects.filter(user=person(request)).select_related("project").order_by("project__name")
    return show(request, "my_data", memberships=projects, refusal=refusal, status=refusal.status if refusal else 200)


@signed_in
def download(request: HttpRequest) -> StreamingHttpResponse:
    """A line of JSON for each thing."""
    response = StreamingHttpResponse(_lines(person(request)), content_type="application/x-ndjson")
    response["Content-Disposition"] = 'attachment; filename="my-data.jsonl"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(user: User) -> Iterator[str]:
    for row in own_data(user):
        yield json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n"


@require_POST
@signed_in
def delete(request: HttpRequest) -> HttpResponse:
    user = person(request)
    try:
        count_code(user)
        delete_own_login(user, password=request.POST.get("password", ""))
    except Refused as refusal:
        return _page(request, refusal)
    logout(request)
    return go("sign-in")
