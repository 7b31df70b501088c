"""Where the person is signed in, and how to end it."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from claims.models import User
from claims.people.sessions import end_other_sessions, end_session, sign_ins_of
from claims.web.page import go, person, show, signed_in


@signed_in
def sessions(request: HttpRequest) -> HttpResponse:
    rows = sign_ins_of(person(request))
    key = request.session.session_key
    return show(request, "sessions", rows=rows, here_key=key, providers=providers_of(person(request)))


def providers_of(user: User) -> list[tuple[str, str, bool]]:
    """(name, where connecting begins, whether it is connected) of the identity providers that are set up."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    connected = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    return [
        (app["name"], reverse("openid_connect_login", args=[app["provider_id"]]), app["provider_id"] in connected)
        for app in apps
    ]


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
    messages.success(request, _("You are signed out everywhere else."))
    return go("sessions")
