"""What people are told: notices on their page, and the mail that waits to be sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from claims.models.base import CreatedAt, choices, one_of
from claims.models.project import Invitation, Project

NOTICE_KINDS = ("invitation", "deadline", "reopened", "overruled", "paused", "desk", "job_finished", "account")
DELIVERIES = ("at_once", "digest", "off")
MAIL_STATES = ("none", "digest", "queued")
OUTGOING_STATES = ("waiting", "sent", "failed")


class Notice(CreatedAt):
    """One message to one person. The subject is ours: text that others wrote stands in no subject line (XS-16)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16, choices=choices(NOTICE_KINDS))
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True, default="")
    path = models.CharField(max_length=300, blank=True, default="")  # where to go, on this site
    key = models.CharField(max_length=80, null=True)  # the same thing is told once
    read_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=8, choices=choices(MAIL_STATES), default="none")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="claims_notice_is_told_once"),
            one_of("kind", NOTICE_KINDS, "claims_notice_kind_is_known"),
            one_of("mail", MAIL_STATES, "claims_notice_mail_is_known"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="claims_notice_newest"),
            models.Index(fields=["user"], condition=models.Q(mail="digest"), name="claims_notice_for_digest"),
        ]


class NoticeChoice(models.Model):
    """How a person wants one kind of notice by mail; without a row it is the kind's default."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=16, choices=choices(NOTICE_KINDS))
    delivery = models.CharField(max_length=8, choices=choices(DELIVERIES))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="claims_notice_choice_is_one_per_kind"),
            one_of("kind", NOTICE_KINDS, "claims_notice_choice_kind_is_known"),
            one_of("delivery", DELIVERIES, "claims_notice_choice_delivery_is_known"),
        ]


class UserLanguage(models.Model):
    """The language that a person chose for pages and letters; without a row it is that of the browser."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE)
    code = models.CharField(max_length=12)  # of settings.LANGUAGES

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[a-z]{2,3}(-[a-z]{2,4})?$"), name="claims_user_language_is_a_tag"
            )
        ]


class OutgoingMail(CreatedAt):
    """A letter in plain text. The row is the queue: a mail server that is away makes it wait, visibly (FT-29)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.CASCADE)
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=choices(OUTGOING_STATES), default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", OUTGOING_STATES, "claims_outgoing_mail_state_is_known")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="claims_mail_due"),
        ]
