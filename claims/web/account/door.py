"""Everything around signing in: allauth's flows with our limits, our words, and nobody who signs themselves up."""

from __future__ import annotations

import base64
import hashlib
import time
from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_reset
from allauth.account.views import LoginView, PasswordResetView
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from claims import audit
from claims.models import User
from claims.notices import chosen_language, language_of, queue_mail, send_message
from claims.people import attempts, sessions
from claims.people.actions import MAX_PASSWORD, sha256
from claims.people.attempts import SENTENCE, TooMany
from claims.web.account.sign_in import YEAR, keep_language
from claims.web.page import refuse_nul

RECENT = 300
KNOWN_SALT = "claims.known-device"
# what happened -> how the person is told of it
EVENTS = {
    "account/email/password_changed": _("Your password was changed"),
    "account/email/password_reset": _("Your password was set anew by a link from your mail"),
    "mfa/email/totp_activated": _("An authenticator app was added to your login"),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your login"),
    "mfa/email/webauthn_added": _("A passkey or security key was added to your login"),
    "mfa/email/webauthn_removed": _("A passkey or security key was removed from your login"),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your login"),
}


def known_device(request: HttpRequest, name: str) -> str:
    """What tells this browser apart, if this account signed in with it before; else nothing."""
    try:
        digest, device = signing.loads(request.COOKIES.get(_known_name(), ""), salt=KNOWN_SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if digest == sha256(name.lower()) else ""


def _known_name() -> str:
    return settings.SESSION_COOKIE_NAME.replace("session", "known")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Limits that are exact, mail that waits in our own queue, and a closed door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return sessions.address_of(request) or "unknown"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        name = str(credentials.get("username", ""))
        self._try = (name, sessions.address_of(request), known_device(request, name))
        try:
            attempts.count_sign_in(*self._try)
        except TooMany as refusal:
            raise _wait(request, refusal) from None

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Who signed in, or confirmed, within five minutes is not asked again."""
        request = self.request
        records = get_authentication_records(request, request.user)
        return not any(time.time() - record["at"] < RECENT for record in records)

    def _rollback_login_failed_rl_usage(self) -> None:
        attempts.forgive_sign_in(*self._try)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        device = known_device(request, user.username) or sha256(str(request.session.session_key))[:20]
        response.set_cookie(
            _known_name(),
            signing.dumps((sha256(user.username.lower()), device), salt=KNOWN_SALT),
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        if chosen := chosen_language(user):
            keep_language(response, chosen)
        return response

    def add_message(self, *args: Any, **more: Any) -> None:
        """The pages say what happened."""

    def clean_password(self, password: str, user: Any = None) -> str:
        if len(password) > MAX_PASSWORD:
            raise ValidationError(f"A password has at most {MAX_PASSWORD} characters.")
        cleaned: str = super().clean_password(password, user)
        return cleaned

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Of allauth's letters there is one: the link that sets a new password."""
        user = context.get("user")
        with override(language_of(user) if user else None):
            said = (
                gettext("Somebody asked for a new password for your login {name}.").format(
                    name=context.get("username", "")
                ),
                gettext("Set it here, within three days:") + f"\n{context.get('password_reset_url', '')}",
                gettext("If that was not you, nothing has changed, and you need do nothing."),
            )
            queue_mail(recipient=email, subject=gettext("Set a new password"), body="\n\n".join(said) + "\n", user=user)

    def send_notification_mail(self, template_prefix: str, user: Any, *more: Any, **others: Any) -> None:
        if subject := EVENTS.get(template_prefix):
            body = _("If that was not you, change your password and look at your sessions.")
            send_message(user, kind="account", subject=subject, body=body, path="/sessions/")


def _wait(request: HttpRequest, refusal: TooMany) -> ValidationError:
    vars(request)["wait_seconds"] = refusal.seconds
    return ValidationError(SENTENCE, code="too_many_login_attempts")


def _throttled(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """429 with the wait, where a limit was met."""
    if seconds := vars(request).get("wait_seconds"):
        response.status_code = 429
        response.headers["Retry-After"] = str(seconds)
    return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps are encrypted at rest: a stolen backup gives no codes."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = User.objects.get(pk=authenticator.user_id)
        others = Authenticator.objects.filter(user_id=user.pk).exclude(pk=authenticator.pk)
        has_other = others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return bool(has_other or not sessions.must_have_second_factor(user))


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor|{key}".encode()).digest())) for key in keys]
    )


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An identity provider signs in who connected it before; it makes no logins."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


@receiver([authenticator_added, authenticator_removed])
def _factor_changed(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any
) -> None:
    """A new key for the session, and what it must do from now on. The code that set up an app has been used."""
    if more["signal"] is authenticator_added and authenticator.type == Authenticator.Type.TOTP:
        attempts.use_code(authenticator, request.POST.get("code", ""))
    request.session.cycle_key()
    sessions.note_rights(request.session, user)
    audit.record("change_second_factor", user, by=user, has=sessions.has_second_factor(user))


@receiver(password_reset)
def _password_was_reset(sender: object, user: User, **_: Any) -> None:
    sessions.end_other_sessions(user)


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["password"].max_length = MAX_PASSWORD
        self.fields["password"].validators.append(_not_too_long)


def _not_too_long(value: str) -> None:
    if len(value) > MAX_PASSWORD:
        raise ValidationError("Too long.", code="too_long")


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    """The same work whether the address is known or not (AU-04): what is written for nobody is taken back."""

    def save(self, request: HttpRequest, **more: Any) -> str:
        if not self.users:
            with transaction.atomic():
                queue_mail(recipient=self.cleaned_data["email"], subject="Set a new password", body="")
                transaction.set_rollback(True)
        saved: str = super().save(request, **more)
        return saved


class _Counted:
    """Counts a try before it is looked at."""

    user: User
    authenticator: Authenticator
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        from allauth.core import context

        try:
            attempts.count_code(self.user)
        except TooMany as refusal:
            raise _wait(context.request, refusal) from None
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not attempts.use_code(self.authenticator, code):
            raise SecondFactorAdapter().validation_error("incorrect_code")
        attempts.forgive_code(self.user)
        return code


class CodeForm(_Counted, AuthenticateForm):  # type: ignore[misc]
    """A code while signing in."""


class CodeAgainForm(_Counted, ReauthenticateForm):  # type: ignore[misc]
    """A code before something delicate."""


def has_name(request: HttpRequest) -> bool:
    """Whether the page is asked for under a name: browsers make no passkey for an address of numbers (WebAuthn 5.1.3,
    effective domain), and would refuse without a word."""
    host, _ = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


class SignIn(LoginView):  # type: ignore[misc]
    template_name = "claims/sign_in.html"

    def dispatch(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        refuse_nul(request)
        return super().dispatch(request, *args, **more)

    def get_form_kwargs(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().get_form_kwargs()
        if self.request.method == "POST":
            data = self.request.POST.copy()
            data["login"] = data.get("username", "")
            asked["data"] = data
        return asked

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**more)
        apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
        names = [(app["name"], reverse("openid_connect_login", args=[app["provider_id"]])) for app in apps]
        return context | {"providers": names, "has_passkeys": has_name(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        return _throttled(self.request, super().form_invalid(form))


class SecondFactor(AuthenticateView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        return _throttled(self.request, super().form_invalid(form))


class ForgottenPassword(PasswordResetView):  # type: ignore[misc]
    """Where a letter with a link is asked for; where no mail is sent, the page says who can help instead."""

    template_name = "claims/forgotten.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**context)
        return found | {"mail_is_on": settings.MAIL_IS_ON}


class SecondFactorAgain(ReauthenticateView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        return _throttled(self.request, super().form_invalid(form))


@require_safe
@never_cache
@login_required
def picture(request: HttpRequest) -> HttpResponse:
    """The secret that is being set up, as a QR code: an address of its own, so that no page holds foreign markup."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = SecondFactorAdapter()
    return HttpResponse(adapter.build_totp_svg(adapter.build_totp_url(request.user, secret)), "image/svg+xml")
