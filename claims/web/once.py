"""A secret that is shown once: after a form it travels in the browser's own cookie to the page that shows it.

So reloading that page sends no form again and makes no second secret, and none is kept on the server, where only
digests are.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from claims.web.page import go

COOKIE, SALT, SECONDS = "shown-once", "claims.web.once", 60


def go_and_show(secret: str, name: str, *args: object) -> HttpResponseRedirect:
    """To the named page, which takes the secret from `secret_of`."""
    answer = go(name, *args)
    answer.set_signed_cookie(
        COOKIE,
        secret,
        salt=SALT,
        max_age=SECONDS,
        path=answer.url,
        httponly=True,
        samesite="Strict",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return answer


def secret_of(request: HttpRequest) -> str:
    """What the form before made; empty when there was none."""
    try:
        return request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=SECONDS) or ""
    except signing.BadSignature:
        return ""


def shown(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The page with the secret on it: the next look at it has none."""
    if COOKIE in request.COOKIES:
        answer.delete_cookie(COOKIE, path=request.path, samesite="Strict")
        answer["Cache-Control"] = "no-store"
    return answer
