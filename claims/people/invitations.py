"""Letting people in: a link or a letter, with a role, an end, and a number of people it is good for."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from claims import audit, notices
from claims.errors import Conflict, NotFound, Problem, Refused
from claims.models import Invitation, Membership, OutgoingMail, Project, User
from claims.people.actions import check_role_is_known, create_user, join, sha256
from claims.permissions import check_can, check_not_archived, role_of
from claims.text import clean_line

MAX_USES = 100
MAX_LETTERS = 50  # addresses at once
KEPT = timedelta(days=30)  # an address after its invitation ended


def invite(
    project: Project, *, role: str, by: User, email: str = "", days: int = 14, max_uses: int = 1
) -> tuple[Invitation, str]:
    """An invitation and its token, which is shown once: only its digest is kept.

    Refused `unknown_role`, `invalid_expiry`, `invalid_uses`, `invalid_email`.
    """
    check_can("manage_people", by, project)
    check_not_archived(project)
    check_role_is_known(role)
    _check_plan(email, days, max_uses, role)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            project=project,
            role=role,
            email=clean_line(email),
            token_sha256=sha256(token),
            expires_at=Now() + timedelta(days=days),
            max_uses=max_uses,
            created_by=by,
        )
        audit.record("invite", invitation, by=by, role=role, max_uses=max_uses)
    invitation.refresh_from_db()
    return invitation, token


def _check_plan(email: str, days: int, max_uses: int, role: str) -> None:
    if not 1 <= days <= 90:
        raise Refused("invalid_expiry", f"An invitation lasts 1 to 90 days, not {days}.")
    if not 1 <= max_uses <= MAX_USES:
        raise Refused("invalid_uses", f"An invitation is good for 1 to {MAX_USES} people, not {max_uses}.")
    if max_uses > 1 and email:
        raise Refused("invalid_uses", "An invitation to an address is good for one person. Leave the address out.")
    if max_uses > 1 and role == "owner":
        raise Refused("invalid_uses", "Owners are invited one by one.")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise Refused("invalid_email", f"{email!r} is not an e-mail address.") from None


def invite_by_mail(project: Project, *, emails: list[str], role: str, by: User, days: int = 14) -> list[Invitation]:
    """One letter with a link of its own to each address; nobody sees the links but who opens the mailbox.

    Refused `mail_is_off` where the installation sends none, `invalid_email` with a problem per line.
    """
    if not settings.MAIL_IS_ON:
        raise Refused("mail_is_off", "This installation sends no mail. Make a link and send it yourself.")
    emails = list(dict.fromkeys(filter(None, map(clean_line, emails))))
    if not 1 <= len(emails) <= MAX_LETTERS:
        raise Refused("invalid_email", f"Write 1 to {MAX_LETTERS} addresses, not {len(emails)}.")
    check_can("manage_people", by, project)
    _check_addresses(emails)
    made = []
    with transaction.atomic():
        for email in emails:
            invitation, token = invite(project, role=role, by=by, email=email, days=days)
            notices.queue_mail(
                recipient=email,
                subject="You are invited to label with others",
                body=_letter(invitation, token),
                invitation=invitation,
            )
            made.append(invitation)
    return made


def _check_addresses(emails: list[str]) -> None:
    problems = []
    for email in emails:
        try:
            validate_email(email)
        except ValidationError:
            problems.append(Problem("email", "invalid_email", f"{email!r} is not an e-mail address."))
    if problems:
        raise Refused("invalid_email", " ".join(problem.sentence for problem in problems), problems=problems)


def _letter(invitation: Invitation, token: str) -> str:
    return (
        f"You are invited to a project as {invitation.role}.\n\n"
        f"Project: {invitation.project.name}\n"
        f"Join: {settings.SITE_URL}/join/{token}/\n\n"
        f"The link is for you alone, works once and ends on {invitation.expires_at:%d %B %Y}. "
        "If you do not know what this is about, do nothing: no login was made.\n"
    )


def find_invitation(token: str) -> Invitation:
    """The open invitation behind a token; used up, revoked and expired ones are gone (410)."""
    invitation: Invitation | None = (
        Invitation.objects.select_related("project").filter(token_sha256=sha256(token)).first()
    )
    if invitation is None:
        raise NotFound
    is_open = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None, expires_at__gt=Now()).exists()
    if not is_open:
        raise Refused("invitation_gone", "This invitation was used or has ended. Ask for a new one.", status=410)
    return invitation


def check_may_join(invitation: Invitation, user: User) -> None:
    """Refused where this login is not the one that was invited, or is in the project already."""
    check_not_archived(invitation.project)
    _check_address(invitation, user)
    if role_of(user, invitation.project) is not None:
        raise Conflict("already_member", "You are already in this project.")


def accept_invitation(token: str, *, user: User) -> Membership:
    """Join with the role that the invitation holds; never more people than it is good for (AU-21, PR-08)."""
    with transaction.atomic():
        invitation = find_invitation(token)
        check_may_join(invitation, user)
        mine = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None, uses__lt=F("max_uses"))
        if not mine.update(uses=F("uses") + 1, used_by=user):
            raise Refused("invitation_gone", "This invitation was just used. Ask for a new one.", status=410)
        Invitation.objects.filter(pk=invitation.pk, uses=F("max_uses")).update(used_at=Now())
        membership = join(invitation.project, user=user, role=invitation.role, invitation=invitation)
        audit.record("accept_invitation", invitation, by=user, role=invitation.role)
    return membership


def _check_address(invitation: Invitation, user: User) -> None:
    """A letter to one mailbox lets in nobody with another address (AU-20)."""
    if invitation.email and user.email and invitation.email.lower() != user.email.lower():
        raise Refused(
            "invitation_for_other_address",
            "This invitation was sent to another e-mail address than that of your login. Ask for one to yours.",
            status=403,
        )


def sign_up(token: str, *, username: str, password: str) -> User:
    """The login of somebody who came by an invitation. Whoever opened a letter's link has shown that the mailbox is
    theirs: the address becomes the login's."""
    invitation = find_invitation(token)
    was_sent = OutgoingMail.objects.filter(invitation=invitation).exists()
    return create_user(username=username, password=password, email=invitation.email if was_sent else "")


def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """Nobody else comes in by it; a letter that waits is not sent."""
    check_can("manage_people", by, invitation.project)
    with transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk, used_at=None).update(revoked_at=Now())
        OutgoingMail.objects.filter(invitation=invitation, state="waiting").delete()
        audit.record("revoke_invitation", invitation, by=by)


def forget_old_invitations() -> int:
    """Nightly: the addresses of invitations that ended a while ago. Returns how many were blanked."""
    ended = Q(used_at__lt=Now() - KEPT) | Q(revoked_at__lt=Now() - KEPT) | Q(expires_at__lt=Now() - KEPT)
    return Invitation.objects.filter(ended).exclude(email="").update(email="")
