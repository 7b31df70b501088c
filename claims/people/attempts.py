"""How often somebody may try a password or a code before they have to wait.

Counted before the try, so that parallel tries cannot slip through. Names and addresses are kept as digests.
A code of an authenticator app opens once (RFC 6238, section 5.2), however long clocks let it be right.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.db import transaction

from claims.errors import Refused
from claims.models import AuditEvent, RequestCount, User
from claims.people.access import count_request
from claims.people.actions import sha256
from claims.people.sessions import knows_network

# (tries, seconds)
PER_ACCOUNT_AND_PLACE = (10, 300)
PER_ACCOUNT = (50, 3600)
PER_ADDRESS = (300, 300)
CODES = (5, 300)
SENTENCE = "Too many tries. Wait a few minutes; until then the right password is refused too."


class TooMany(Refused):
    """Refused before anything is looked at; `seconds` until the next try."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("too_many_attempts", SENTENCE)
        self.seconds = seconds


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{sha256('|'.join(parts))[:40]}"


def _count(key: str, rule: tuple[int, int], name: str) -> None:
    limit, window = rule
    allowance = count_request(key, limit, window)
    if allowance.used == limit + 1:  # once a window
        user = User.objects.filter(username__iexact=name).first()
        AuditEvent.objects.create(
            actor=None,
            verb="attempts_limited",
            subject_type="user",
            subject_id=user.pk if user else None,
            details={"limit": limit, "seconds": window},
        )
    if allowance.is_spent:
        raise TooMany(allowance.seconds_left)


def count_sign_in(name: str, address: str, device: str = "") -> None:
    """Count a try for this account. `device` is set for one that signed in to this account before.

    Whoever locks the account from elsewhere does not lock out its owner: a known device counts apart, and a network
    that the person signed in from is let past the slow limit of the whole account (AU-02).
    """
    _count(_key("try", name.lower(), device or address), PER_ACCOUNT_AND_PLACE, name)
    if device:
        return
    _count(_key("from", address), PER_ADDRESS, name)
    try:
        _count(_key("all", name.lower()), PER_ACCOUNT, name)
    except TooMany:
        user = User.objects.filter(username__iexact=name).first()
        if user is None or not knows_network(user, address):
            raise


def forgive_sign_in(name: str, address: str, device: str = "") -> None:
    """After the right password: what was counted for this place is forgotten."""
    RequestCount.objects.filter(key=_key("try", name.lower(), device or address)).delete()


def count_code(user: User) -> None:
    """Count a try of a code of the second factor."""
    _count(_key("code", str(user.pk)), CODES, user.username)


def forgive_code(user: User) -> None:
    RequestCount.objects.filter(key=_key("code", str(user.pk))).delete()


def use_code(app: Authenticator, code: str) -> bool:
    """Whether the code of an authenticator app is right and of a later time than the one used last; it is used now.

    allauth remembers a used code for one period of its own, but takes it for three: phones' clocks differ.
    """
    with transaction.atomic():
        locked = Authenticator.objects.select_for_update().get(pk=app.pk)
        secret, last = decrypt(locked.data["secret"]), locked.data.get("last_step", -1)
        steps = [step for step in auth.yield_hotp_counters_from_time() if step > last]
        written = code.replace(" ", "")
        step = next((n for n in steps if auth.format_hotp_value(auth.hotp_value(secret, n)) == written), None)
        if step is not None:
            locked.data["last_step"] = step
            locked.save(update_fields=["data"])
    return step is not None
