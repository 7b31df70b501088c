"""Who asks: a token of a program, or a person's session in the browser. Nothing else opens the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from claims.errors import NotPermitted, Refused
from claims.models import ApiToken
from claims.people.access import TOKEN, find_token, note_use
from claims.people.sessions import settle

READ, LABEL, WRITE, RELEASE = "read", "label", "write", "release"
SESSION = "session"  # not a scope a token can have: what only the person may do
TOKEN_FIELDS = frozenset({"token", "access_token", "api_token", "api_key", "apikey", "auth_token", "authorization"})


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer att_...`. A revoked or expired token, or one of a deactivated user, is refused at once."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        refuse_token_in_address(request)
        scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise Refused("unknown_scheme", "The only scheme is Bearer: “Authorization: Bearer att_…”.", status=401)
        token = find_token(plain.strip())
        if token is None:
            raise Refused(
                "invalid_token",
                "This token is unknown, expired or revoked. Make a new one on the page “Tokens”.",
                status=401,
            )
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="attest"'


class PageSession(BaseAuthentication):
    """The session of the pages. What changes something needs the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active:
            return None
        check_csrf(request._request)
        if settle(request._request):
            raise NotPermitted(
                "second_factor_required", "Set up a second factor first: on the page “Second factor”, under your name."
            )
        return user, None


def check_csrf(request: HttpRequest) -> None:
    check = CSRFCheck(lambda _: None)  # type: ignore[arg-type]
    check.process_request(request)
    if check.process_view(request, None, (), {}):  # type: ignore[arg-type]
        raise NotPermitted(
            "csrf_failed", "The CSRF token is missing or wrong. Load the page again, or use a token of the API."
        )


def refuse_token_in_address(request: Request) -> None:
    """Addresses end up in logs and histories: a token there counts as leaked, even beside a good session."""
    given = request._request.GET
    in_value = any(TOKEN.search(value) for values in given.lists() for value in values[1])
    if in_value or any(name.lower() in TOKEN_FIELDS for name in given):
        raise Refused(
            "token_in_address",
            "A token never goes into an address. Send it in the header Authorization, and revoke the one you sent.",
            status=401,
        )


def check_scope(token: ApiToken | None, scopes: frozenset[str]) -> None:
    """Refuse a token that has none of the scopes. Sessions are the person and have them all."""
    if token is None:
        return
    if scopes == {SESSION}:
        raise NotPermitted("session_required", "A token cannot do this. Sign in and do it on the page.")
    if not scopes & set(token.scopes):
        raise NotPermitted(
            "scope_missing",
            f"This needs a token with the scope {' or '.join(sorted(scopes))}; yours has {', '.join(token.scopes)}.",
        )
