"""The writes about people and projects."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from claims import audit, notices
from claims.errors import Conflict, NotFound, Problem, Refused
from claims.models import (
    ApiToken,
    Assignment,
    IdempotencyRecord,
    Invitation,
    LabelChain,
    Membership,
    Project,
    ProjectKey,
    Reviewer,
    User,
)
from claims.models.project import GOALS, ROLES
from claims.models.returning import give_back_held_by
from claims.people.sessions import renew_sessions
from claims.permissions import ALLOWED, check_can, check_not_archived, check_role
from claims.text import clean_line

SCOPES = ("read", "label", "write", "release")
TOKEN_PREFIX = "att_"  # noqa: S105 - a mark that scanners find leaked tokens by, not a secret
MAX_PASSWORD = 1024
MOST_A_DAY = 10_000


NAME_CHARS = 120
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # the shape of BCP 47
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_user(*, username: str, password: str, email: str = "") -> User:
    """A login, refused with the reason when the name is taken or the password is weak."""
    username = clean_line(username)
    if not username or len(username) > 150:
        raise Refused("invalid_username", "A user name has 1 to 150 characters.", status=400)
    if len(password) > MAX_PASSWORD:
        raise Refused("password_too_long", f"A password has at most {MAX_PASSWORD} characters.", status=400)
    user = User(username=username, email=clean_line(email))
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [Problem("password", "weak_password", message) for message in error.messages]
        raise Refused("weak_password", " ".join(error.messages), problems=problems) from None
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Conflict("name_taken", "This user name or e-mail address cannot be used. Choose another.") from None
    return user


def create_project(*, name: str, slug: str, goal: str, by: User, language: str = "en") -> Project:
    """A project with its owner, key and first reviewer (the owner may label too)."""
    name = clean_line(name)
    if goal not in GOALS:
        raise Refused("unknown_goal", f"The goal {goal!r} is not known. Choose one of: {', '.join(GOALS)}.")
    if not name:
        raise Refused("empty_name", "A project needs a name.")
    if len(name) > NAME_CHARS:
        raise Refused("name_too_long", f"A project's name has at most {NAME_CHARS} characters, not {len(name)}.")
    if len(language) > 12 or not LANGUAGE.fullmatch(language):
        raise Refused("invalid_language", f"{language[:20]!r} is no code of a language. Write for example en or pt-BR.")
    if len(slug) > 60 or not SLUG.fullmatch(slug):
        raise Refused(
            "invalid_slug", f"{slug[:60]!r} cannot be an address. Use small letters, digits and hyphens, at most 60."
        )
    try:
        with transaction.atomic():
            project = Project.objects.create(name=name, slug=slug, goal=goal, language=language)
            ProjectKey.objects.create(project=project)
            join(project, user=by, role="owner")
            renew_sessions(by)
            audit.record("create_project", project, by=by, project=project, goal=goal)
    except IntegrityError:
        raise Conflict("slug_taken", f"A project already has the address {slug!r}. Choose another.") from None
    return project


def set_daily_cap(project: Project, cap: int | None, *, by: User) -> Project:
    """How many units one person is given on one day (UTC), in all rounds of the project together; None: no limit."""
    check_can("manage_people", by, project)
    check_not_archived(project)
    if cap is not None and not 1 <= cap <= MOST_A_DAY:
        raise Refused("invalid_daily_cap", f"The cap of a day is 1 to {MOST_A_DAY:,} units, or empty; not {cap}.")
    with transaction.atomic():
        Project.objects.filter(pk=project.pk).update(daily_cap=cap, version=F("version") + 1)
        audit.record("set_daily_cap", project, by=by, project=project, cap=cap)
    project.refresh_from_db(fields=["daily_cap", "version"])
    return project


def join(project: Project, *, user: User, role: str, invitation: Invitation | None = None) -> Membership:
    """Write the membership and the reviewer; callers checked that they may."""
    membership = Membership.objects.create(project=project, user=user, role=role, invitation=invitation)
    reviewer_for(user, project)
    return membership


def reviewer_for(user: User, project: Project) -> Reviewer:
    """The user's reviewer in the project, made when there is none; comes back active after having left."""
    reviewer = Reviewer.objects.filter(project=project, user=user).first()
    if reviewer is None:
        with transaction.atomic():
            # one at a time per project: the pseudonyms count up
            Project.objects.select_for_update(no_key=True).get(pk=project.pk)
            n = Reviewer.objects.filter(project=project).count() + 1
            reviewer = Reviewer.objects.create(project=project, user=user, name=f"R-{n:02}")
            LabelChain.objects.create(reviewer=reviewer)
    elif reviewer.state == "left":
        reviewer.state = "active"
        reviewer.save(update_fields=["state"])
    return reviewer


def add_member(project: Project, *, user: User, role: str, by: User) -> Membership:
    check_can("manage_people", by, project)
    check_role_is_known(role)
    try:
        with transaction.atomic():
            membership = join(project, user=user, role=role)
            audit.record("add_member", membership, by=by, user=user.pk, role=role)
            _tell_role(project, user, f"You are now {role} in a project", by=by)
    except IntegrityError:
        raise Conflict("already_member", "This person is already in the project. Change the role instead.") from None
    return membership


def _tell_role(project: Project, user: User, subject: str, *, by: User) -> None:
    if user != by:
        body = f"Project: {project.name}"
        notices.send_message(
            user, kind="invitation", subject=subject, body=body, project=project, path=f"/p/{project.slug}/"
        )


def check_role_is_known(role: str) -> None:
    """Refused `unknown_role`."""
    if role not in ROLES:
        raise Refused("unknown_role", f"The role {role!r} is not known. Choose one of: {', '.join(ROLES)}.")


def change_role(project: Project, *, user: User, role: str, by: User) -> Membership:
    check_role_is_known(role)
    with transaction.atomic():
        membership = _locked_membership(project, user, by, stays_owner=role == "owner")
        old, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        if role not in ALLOWED["label"]:
            _hand_over(project, user)
        audit.record("change_role", membership, by=by, user=user.pk, old=old, new=role)
        renew_sessions(user)
        _tell_role(project, user, f"Your role changed from {old} to {role}", by=by)
    return membership


def remove_member(project: Project, *, user: User, by: User) -> None:
    """The person leaves; their labels stay under the reviewer's pseudonym (CO-17)."""
    with transaction.atomic():
        membership = _locked_membership(project, user, by, stays_owner=False)
        audit.record("remove_member", membership, by=by, user=user.pk)
        membership.delete()
        Reviewer.objects.filter(project=project, user=user).update(state="left")
        _hand_over(project, user)


def _hand_over(project: Project, user: User) -> None:
    """What somebody holds who will not answer any more goes to others at once, not when their time has run out. A
    submit that holds a place just now is waited for, and stands."""
    held = Assignment.objects.filter(reviewer__project=project, reviewer__user=user, state="reserved")
    if held.update(expires_at=Now()):
        give_back_held_by(list(Reviewer.objects.filter(project=project, user=user).values_list("pk", flat=True)))


def lock_members(project: Project) -> dict[int, Membership]:
    """The project's memberships by login, locked, so that two owners who remove each other meet here (CO-16): the
    second one finds that they are no longer owner."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(project=project).select_related("user")
    return {row.user_id: row for row in rows.order_by("id")}


def _locked_membership(project: Project, user: User, by: User, *, stays_owner: bool) -> Membership:
    rows = lock_members(project)
    check_role("manage_people", rows[by.pk].role if by.pk in rows else None)
    if user.pk not in rows:
        raise NotFound
    owners = [row for row in rows.values() if row.role == "owner"]
    if rows[user.pk].role == "owner" and not stays_owner and len(owners) == 1:
        raise Conflict("last_owner", "A project keeps at least one owner. Make somebody else owner first.")
    return rows[user.pk]


def create_token(
    *, user: User, name: str, scopes: Sequence[str], project: Project | None = None, days: int = 90
) -> tuple[ApiToken, str]:
    """A key for programs and its plain text, which is shown once."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Refused("unknown_scope", f"Scopes are {', '.join(SCOPES)}; given: {', '.join(scopes) or 'none'}.")
    if not 1 <= days <= 366:
        raise Refused("invalid_expiry", f"A token lasts 1 to 366 days, not {days}.")
    if project is not None:
        check_can("see_project", user, project)
    plain = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            project=project,
            name=clean_line(name)[:60] or "token",
            prefix=plain[:10],
            token_sha256=sha256(plain),
            scopes=sorted(set(scopes)),
            expires_at=Now() + timedelta(days=days),
        )
        audit.record("create_token", token, by=user, scopes=sorted(set(scopes)))
    token.refresh_from_db()
    return token, plain


def revoke_token(token: ApiToken, *, by: User) -> None:
    if token.user_id != by.pk:
        raise NotFound
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now())
        audit.record("revoke_token", token, by=by)


def forget_old_requests(days: int = 7) -> int:
    """Idempotency records serve retries; after a week nobody retries."""
    return IdempotencyRecord.objects.filter(created_at__lt=Now() - timedelta(days=days)).delete()[0]


def reviewer_of_member(project: Project, user_id: int) -> Reviewer:
    """Of somebody who labels here, by their login, which is what owners know people by: who stands behind a pseudonym
    they are not told. NotFound for anybody else."""
    seats = Membership.objects.filter(project=project, user=user_id, role__in=ALLOWED["label"])
    seat = seats.select_related("user").first()
    if seat is None:
        raise NotFound
    return reviewer_for(seat.user, project)
