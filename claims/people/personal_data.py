"""A person's own data: handed out, and taken away, on their request (PR-07). Labels stay, under the pseudonym."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now

from claims import audit
from claims.errors import Conflict, Refused
from claims.models import (
    ApiToken,
    ArticleCut,
    Assignment,
    Attempt,
    AuditEvent,
    Consent,
    DeskItem,
    DeskMove,
    Draft,
    EvidenceCopy,
    EvidenceItem,
    IdempotencyRecord,
    Interest,
    Invitation,
    LabelEvent,
    Membership,
    Notice,
    NoticeChoice,
    OutgoingMail,
    ReasonJudgement,
    RequestCount,
    Reviewer,
    ReviewerTraits,
    SignIn,
    TopicOptOut,
    UnitComment,
    User,
    UserLanguage,
    WorkReview,
)
from claims.models.returning import give_back_held_by

Row = dict[str, Any]


def own_data(user: User) -> Iterator[Row]:
    """Everything kept about a person, a row at a time: {"kind": ..., the columns}. Secrets are left out."""
    yield {
        "kind": "login",
        "user_name": user.username,
        "e_mail": user.email,
        "since": user.date_joined,
        "last_sign_in": user.last_login,
    }
    for kind, rows, columns in _tables(user):
        for row in rows.order_by("pk").values_list(*columns.values()).iterator():
            yield {"kind": kind, **dict(zip(columns, row, strict=True))}
    yield from _labels(user)


def _tables(user: User) -> list[tuple[str, QuerySet[Any], dict[str, str]]]:
    """(kind, rows, name -> column) of what is kept beside the labels."""
    return [
        ("membership", Membership.objects.filter(user=user), {"project": "project__name", "role": "role"}),
        (
            "reviewer",
            Reviewer.objects.filter(user=user),
            {"project": "project__name", "pseudonym": "name", "state": "state", "languages": "languages"},
        ),
        (
            "about_me",
            ReviewerTraits.objects.filter(reviewer__user=user),
            {
                "project": "reviewer__project__name",
                "leaning": "leaning",
                "languages": "languages",
                "region": "region",
                "expertise": "expertise",
            },
        ),
        (
            "qualification_attempt",
            Attempt.objects.filter(reviewer__user=user),
            {"round": "round__name", "n": "n", "asked": "asked", "right": "right", "passed": "has_passed"},
        ),
        (
            "judgement_of_a_reason",
            ReasonJudgement.objects.filter(judge__user=user),
            {"round": "event__round__name", "verdict": "verdict", "words": "words", "at": "created_at"},
        ),
        (
            "conflict_of_interest",
            Interest.objects.filter(reviewer__user=user),
            {"project": "project__name", "outlet": "outlet__name", "entity": "entity", "declared": "is_declared"},
        ),
        (
            "topic_not_read",
            TopicOptOut.objects.filter(reviewer__user=user),
            {"project": "topic__project__name", "topic": "topic__name", "at": "created_at"},
        ),
        (
            "consent",
            Consent.objects.filter(reviewer__user=user),
            {"verb": "verb", "wording": "text__text", "n": "text__n", "at": "created_at"},
        ),
        (
            "desk_text",
            DeskItem.objects.filter(writer__user=user),
            {"claim": "claim__text", "rating": "rating", "text": "text", "state": "state", "link": "link"},
        ),
        (
            "desk_deed",
            DeskMove.objects.filter(by__user=user),
            {"item": "item_id", "deed": "deed", "words": "words", "at": "created_at"},
        ),
        (
            "review_of_work",
            WorkReview.objects.filter(reviewer__user=user),
            {"project": "project__name", "deed": "kind", "words": "words", "at": "created_at"},
        ),
        (
            "cut",
            ArticleCut.objects.filter(user=user),
            {"article": "article", "claims": "claims", "handed_in": "ended_at", "at": "created_at"},
        ),
        (
            "not_submitted",
            Draft.objects.filter(reviewer__user=user),
            {"round": "round__name", "unit": "unit", "typed": "payload", "at": "saved_at"},
        ),
        ("second_factor", Authenticator.objects.filter(user=user), {"what": "type", "at": "created_at"}),
        (
            "identity_provider",
            SocialAccount.objects.filter(user=user),
            {"provider": "provider", "name_there": "uid", "it_said": "extra_data", "at": "date_joined"},
        ),
        ("mail_choice", NoticeChoice.objects.filter(user=user), {"about": "kind", "delivery": "delivery"}),
        ("language", UserLanguage.objects.filter(user=user), {"code": "code"}),
        ("sign_in", SignIn.objects.filter(user=user), {"at": "created_at", "network": "network", "device": "device"}),
        ("token", ApiToken.objects.filter(user=user), {"name": "name", "scopes": "scopes", "expires_at": "expires_at"}),
        (
            "message",
            Notice.objects.filter(user=user),
            {"at": "created_at", "about": "subject", "says": "body", "read": "read_at"},
        ),
        ("letter", OutgoingMail.objects.filter(user=user), {"to": "recipient", "about": "subject", "sent": "sent_at"}),
        (
            "comment",
            UnitComment.objects.filter(author__user=user),
            {"round": "round__name", "unit": "unit_id", "says": "text", "at": "created_at"},
        ),
        (
            "evidence",
            EvidenceItem.objects.filter(added_by__user=user),
            {
                **{"claim": "claim__text", "address": "url", "title": "title", "quote": "quote"},
                **{"relation": "relation", "strength": "strength", "question": "question", "answer": "answer"},
                **{"copy": "page_copy__key", "screenshot": "screenshot__key", "at": "created_at"},
            },
        ),
        (
            "copy",
            EvidenceCopy.objects.filter(added_by__user=user),
            {
                **{"key": "key", "what": "kind", "address": "url", "title": "title", "state": "state"},
                **{"fetched": "fetched_at", "sha256": "sha256", "bytes": "size", "text": "text", "at": "created_at"},
            },
        ),
        (
            "deed",
            AuditEvent.objects.filter(actor=user),
            {"verb": "verb", "what": "subject_type", "what_id": "subject_id", "at": "created_at"},
        ),
    ]


def _labels(user: User) -> Iterator[Row]:
    """Every answer they gave, in order, with the words they added."""
    events = LabelEvent.objects.filter(reviewer__user=user).select_related("text", "round").order_by("reviewer", "seq")
    for event in events.iterator(chunk_size=1000):
        text = getattr(event, "text", None)
        yield {
            "kind": "label",
            "round": event.round.name,
            "unit": event.unit_id,
            "deed": event.kind,
            "answers": event.answers,
            "notes": text.content if text else {},
            "seconds": event.seconds,
            "at": event.created_at,
        }


def delete_own_login(user: User, *, password: str) -> None:
    """Name, address, networks, messages, keys and tokens go everywhere; what the person did stays under a pseudonym.

    The row of the login stays without a name, since labels, decisions and the audit log point at it. Refused
    `wrong_password`; Conflict `last_owner` while a project would be left without an owner.
    """
    if not user.check_password(password):
        raise Refused("wrong_password", "The password is not right.")
    with transaction.atomic():
        _check_leaves_no_orphan(user)
        audit.record("delete_own_login", user, by=user)
        _forget(user)


def _check_leaves_no_orphan(user: User) -> None:
    """Locks the memberships like every change of people does, in the order of projects."""
    mine = Membership.objects.filter(user=user, role="owner").order_by("project")
    for project_id in list(mine.values_list("project", flat=True)):
        rows = list(Membership.objects.select_for_update().filter(project=project_id).order_by("id"))
        if not any(row.role == "owner" and row.user_id != user.pk for row in rows):
            name = Membership.objects.select_related("project").get(project=project_id, user=user).project.name
            raise Conflict("last_owner", f"You are the only owner of {name!r}. Make somebody else owner first.")


def _forget(user: User) -> None:
    email = user.email
    keys = list(SignIn.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    if Assignment.objects.filter(reviewer__user=user, state="reserved").update(expires_at=Now()):
        give_back_held_by(list(Reviewer.objects.filter(user=user).values_list("pk", flat=True)))
    for said in (ReviewerTraits, Interest, TopicOptOut, Draft):
        said._default_manager.filter(reviewer__user=user).delete()
    Reviewer.objects.filter(user=user).update(user=None, state="left")
    if email:
        Invitation.objects.filter(email__iexact=email).update(email="")
        OutgoingMail.objects.filter(recipient__iexact=email).delete()
    theirs: list[type[Model]] = [
        *(Membership, SignIn, ApiToken, Notice, NoticeChoice, UserLanguage, OutgoingMail, IdempotencyRecord),
        *(Authenticator, EmailAddress, SocialAccount),
    ]
    for model in theirs:
        model._default_manager.filter(user=user).delete()
    RequestCount.objects.filter(key__endswith=f":{user.pk}").delete()
    seen = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    LogEntry.objects.filter(seen).update(object_repr="", change_message="")
    user.username = f"gone-{user.pk}-{secrets.token_hex(4)}"
    user.email = user.first_name = user.last_name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
