"""Signing in and out, changing the password, and how the pages look."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from claims.notices import choose_language
from claims.people.sessions import end_other_sessions
from claims.web.page import person

THEMES = ("system", "light", "dark", "contrast")
YEAR = 365 * 86_400


class SignOut(LogoutView):
    http_method_names = ["post"]


class ChangePassword(PasswordChangeView):
    template_name = "claims/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        tokens_too = bool(self.request.POST.get("tokens"))
        end_other_sessions(person(self.request), keep=self.request.session.session_key, tokens_too=tokens_too)
        messages.success(
            self.request, "Your password is changed. Wherever else you were signed in, you are signed out."
        )
        return response


def keep_language(response: HttpResponse, language: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=secure)


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme and language in cookies, so that the server renders them and nothing flashes. The language
    of who is signed in is kept with their login too: for letters, and for the next browser they sign in with."""
    theme, back = request.POST.get("theme", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    response = HttpResponseRedirect(back)
    if theme in THEMES:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=secure)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        keep_language(response, language)
        if request.user.is_authenticated:
            choose_language(person(request), language)
    return response
