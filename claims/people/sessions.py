"""Where a person is signed in: listed, ended, and renewed when their rights change.

What a session must do before anything else stands in the session itself, so that no request asks the database for it.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from importlib import import_module
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest

from claims import audit
from claims.errors import NotFound
from claims.models import ApiToken, Membership, SignIn, User

RENEW = "renew"  # a new key with the next request
FACTOR_WANTED = "second_factor_wanted"  # nothing else opens before
NETWORK_KEPT = timedelta(days=30)
BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari", "curl", "python")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
NAMES = {"Edg": "Edge", "OPR": "Opera"}


def address_of(request: HttpRequest) -> str:
    """The visitor's address: behind a proxy of ours the last one it noted, since what stands before is hearsay."""
    if settings.SECURE_PROXY_SSL_HEADER:
        noted = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if _network(noted):
            return noted
    return str(request.META.get("REMOTE_ADDR", ""))


def _network(address: str) -> str:
    """The address without its last part."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _device(agent: str) -> str:
    """“Firefox on Linux”: enough to recognise one's own, too little to be recognised by."""
    browser = next((name for name in BROWSERS if name in agent), "")
    system = next((name for name in SYSTEMS if re.search(name, agent)), "")
    words = NAMES.get(browser, browser) or "A browser"
    return f"{words} on {system}" if system else words


def has_second_factor(user: User) -> bool:
    own = Authenticator.objects.filter(user_id=user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return bool(own.exists())


def must_have_second_factor(user: User) -> bool:
    """Owners and staff, where the installation requires it (in production)."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return user.is_staff or user.is_superuser or Membership.objects.filter(user=user, role="owner").exists()


def note_rights(session: Any, user: User) -> None:
    """Write into the session whether a second factor has to be set up first."""
    if must_have_second_factor(user) and not has_second_factor(user):
        session[FACTOR_WANTED] = True
    else:
        session.pop(FACTOR_WANTED, None)


def settle(request: HttpRequest) -> bool:
    """With each request of a person, from the session alone: True when a second factor has to be set up first."""
    session = request.session
    if session.get(RENEW) and isinstance(request.user, User):
        del session[RENEW]
        session.cycle_key()
        note_rights(session, request.user)
    return bool(session.get(FACTOR_WANTED))


def renew_sessions(user: User) -> None:
    """After a change of rights: every session gets a new key with its next request; the old key is dead (AU-06)."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in SignIn.objects.filter(user=user).values_list("session_key", flat=True):
        session = store(key)
        if session.get("_auth_user_id") == str(user.pk):
            session[RENEW] = True
            session.save()


def sign_ins_of(user: User) -> list[SignIn]:
    """Those that are live, newest first."""
    live = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    return list(SignIn.objects.filter(user=user, session_key__in=live).order_by("-id"))


def knows_network(user: User, address: str) -> bool:
    """The person signed in from this network lately."""
    network = _network(address)
    return bool(network) and SignIn.objects.filter(user=user, network=network).exists()


def end_session(user: User, pk: int) -> None:
    found = SignIn.objects.filter(user=user, pk=pk).first()
    if found is None:
        raise NotFound
    _end(SignIn.objects.filter(pk=found.pk))


def end_other_sessions(user: User, *, keep: str | None = None, tokens_too: bool = False) -> None:
    """Sign the person out everywhere else; with `tokens_too` their programs as well (AU-07)."""
    _end(SignIn.objects.filter(user=user).exclude(session_key=keep or ""))
    if tokens_too:
        ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=Now())
    audit.record("end_sessions", user, by=user, tokens=tokens_too)


def _end(rows: Any) -> None:
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()


def forget_old_networks() -> None:
    """Nightly: addresses after 30 days (PR-05), and rows of sessions that are gone."""
    SignIn.objects.filter(created_at__lt=Now() - NETWORK_KEPT).exclude(network="").update(network="")
    live = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    SignIn.objects.filter(~Q(session_key__in=live)).delete()
    Session.objects.filter(expire_date__lt=Now()).delete()


def _signed_in(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    note_rights(request.session, user)
    if not request.session.session_key:
        request.session.create()
    SignIn.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "network": _network(address_of(request)),
            "device": _device(request.headers.get("User-Agent", "")),
        },
    )


def _signed_out(sender: object, request: HttpRequest, user: User | None, **_: Any) -> None:
    SignIn.objects.filter(session_key=request.session.session_key or "").delete()


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="claims.people.sessions")
    user_logged_out.connect(_signed_out, dispatch_uid="claims.people.sessions")
