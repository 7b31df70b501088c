"""Where the person is signed in, and how to end it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.people.sessions import end_other_sessions, end_session, sign_ins_of
from claims.web.page import go, person, show, signed_in


@signed_in
def sessions(request: HttpRequest) -> HttpResponse:
    rows = sign_ins_of(person(request))
    return show(request, "sessions", rows=rows, here_key=request.session.session_key)


@require_POST
@signed_in
def end(request: HttpRequest, pk: int) -> HttpResponse:
    end_session(person(request), pk)
    return go("sessions")


@require_POST
@signed_in
def end_others(request: HttpRequest) -> HttpResponse:
    tokens_too = bool(request.POST.get("tokens"))
    end_other_sessions(person(request), keep=request.session.session_key, tokens_too=tokens_too)
    messages.success(request, "You are signed out everywhere else.")
    return go("sessions")
