"""Telling people: a notice on their page, and mail as they chose. Every stage may call `send_message`.

Mail is a row first. A job sends what is due, and a mail server that is away only makes rows wait longer.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from claims import jobs
from claims.models import Invitation, Job, Notice, NoticeChoice, OutgoingMail, Project, User, UserLanguage
from claims.text import clean_line

# kind -> (what it is called on the page, how it goes out by mail unless the person chose otherwise)
KINDS: dict[str, tuple[str, str]] = {
    "invitation": ("Invitations to projects", "at_once"),
    "deadline": ("Deadlines that come near", "at_once"),
    "reopened": ("Work that was opened again", "digest"),
    "overruled": ("Answers of yours that were settled otherwise", "digest"),
    "paused": ("Pauses of your work", "at_once"),
    "desk": ("Claims on the newsroom's desk that wait for you", "at_once"),
    "job_finished": ("Imports and releases that ended", "off"),
    "account": ("Your login: sign-ins, second factor, who looked at your page", "at_once"),
}
MAX_SUBJECT = 200
BATCH = 100
KEPT = timedelta(days=90)
# After the n-th failure a letter waits this long; after the last one it has failed.
WAITS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
FAULTS = (OSError, smtplib.SMTPException)
Words = str | Promise  # what is translated when it is known who reads it


def send_message(
    user: User,
    *,
    kind: str,
    subject: Words,
    body: Words = "",
    project: Project | None = None,
    path: str = "",
    key: str | None = None,
) -> Notice | None:
    """Tell one person, in the caller's transaction. With `key` the same thing is told once: None for a repeat.

    `subject` is our own sentence, without text of articles, claims or other people; `path` is an address here. What is
    marked for translation is said in the person's language.
    """
    delivery = _delivery(user, kind) if _mail_reaches(user) else "off"
    with override(language_of(user)):
        notice = Notice(
            user=user,
            project=project,
            kind=kind,
            subject=clean_line(str(subject))[:MAX_SUBJECT],
            body=str(body),
            path=path,
            key=key,
            mail={"at_once": "queued", "digest": "digest", "off": "none"}[delivery],
        )
        letter = _letter([notice])
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
            if delivery == "at_once":
                queue_mail(recipient=user.email, subject=notice.subject, body=letter, user=user)
    except IntegrityError:
        return None  # told before, or by somebody who was quicker
    return notice


def chosen_language(user: User) -> str | None:
    """What the person chose for pages and letters, if it is still offered."""
    chosen: str | None = UserLanguage.objects.filter(user=user).values_list("code", flat=True).first()
    return chosen if chosen in dict(settings.LANGUAGES) else None


def language_of(user: User) -> str:
    return chosen_language(user) or settings.LANGUAGE_CODE


def choose_language(user: User, code: str) -> None:
    UserLanguage.objects.update_or_create(user=user, defaults={"code": code})


def _mail_reaches(user: User) -> bool:
    return bool(settings.MAIL_IS_ON and user.email and user.is_active)


def _delivery(user: User, kind: str) -> str:
    chosen = NoticeChoice.objects.filter(user=user, kind=kind).values_list("delivery", flat=True).first()
    return chosen or KINDS[kind][1]


def choices_of(user: User) -> dict[str, str]:
    """kind -> how it goes out by mail."""
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "delivery"))
    return {kind: chosen.get(kind, default) for kind, (_, default) in KINDS.items()}


def choose_deliveries(user: User, chosen: Mapping[str, str]) -> None:
    rows = [NoticeChoice(user=user, kind=kind, delivery=delivery) for kind, delivery in chosen.items()]
    NoticeChoice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "kind"], update_fields=["delivery"]
    )


def mark_read(user: User, pk: int | None = None) -> int:
    """One notice, or all, of this person."""
    mine = Notice.objects.filter(user=user, read_at=None)
    return (mine if pk is None else mine.filter(pk=pk)).update(read_at=Now())


def unread(user: User) -> int:
    return Notice.objects.filter(user=user, read_at=None).count()


def _letter(notices: list[Notice]) -> str:
    """Plain text: what happened, where to look, how to stop it."""
    parts = []
    for notice in notices:
        lines = [notice.subject, notice.body, settings.SITE_URL + notice.path if notice.path else ""]
        parts.append("\n".join(line for line in lines if line))
    parts.append(
        str(format_lazy(_("Choose what is sent to you: {address}"), address=f"{settings.SITE_URL}/inbox/mail/"))
    )
    return "\n\n".join(parts) + "\n"


# --- the queue of mail --------------------------------------------------------------------------------------------


def queue_mail(
    *, recipient: str, subject: str, body: str, user: User | None = None, invitation: Invitation | None = None
) -> OutgoingMail:
    """A letter for the worker to send, after the caller's transaction."""
    letter = OutgoingMail.objects.create(
        recipient=recipient, subject=clean_line(subject)[:MAX_SUBJECT], body=body, user=user, invitation=invitation
    )
    jobs.enqueue_once("send_mail", key="mail")
    return letter


def wake_mail() -> None:
    """From the sweep: letters whose wait is over want a job."""
    if OutgoingMail.objects.filter(state="waiting", due_at__lte=Now()).exists():
        jobs.enqueue_once("send_mail", key="mail")


def run_send_mail(job: Job) -> None:
    """Send what is due. A failed letter waits; the job itself ends well, since the rows say what is left."""
    sent = failed = 0
    while True:
        with jobs.chunk(job):
            letters = list(
                OutgoingMail.objects.select_for_update(skip_locked=True)
                .filter(state="waiting", due_at__lte=Now())
                .order_by("due_at", "id")[:1]
            )
            for letter in letters:
                well = _sent(letter)
                sent, failed = sent + well, failed + (not well)
            job.counts = {"sent": sent, "failed": failed}
        if not letters or sent + failed >= BATCH:
            break
    with jobs.chunk(job):
        jobs.finish(job, "succeeded")


def _sent(letter: OutgoingMail) -> bool:
    """Hand the letter to the mail server; keep when it went, or until when it waits."""
    try:
        mail.EmailMessage(letter.subject, letter.body, to=[letter.recipient]).send()
    except FAULTS:
        mine = OutgoingMail.objects.filter(pk=letter.pk)
        if letter.attempts >= len(WAITS):
            mine.update(state="failed", attempts=F("attempts") + 1)
        else:
            wait = timedelta(seconds=WAITS[letter.attempts])
            mine.update(due_at=Now() + wait, attempts=F("attempts") + 1)
        return False
    # The text is not needed any more: it may hold a link that lets somebody in.
    OutgoingMail.objects.filter(pk=letter.pk).update(state="sent", sent_at=Now(), attempts=F("attempts") + 1, body="")
    return True


def send_digests() -> int:
    """Once a night: one letter to each person with what was kept for it and is still unread. Returns how many."""
    waiting = Notice.objects.filter(mail="digest", read_at=None)
    people = User.objects.filter(pk__in=waiting.values("user"), is_active=True).exclude(email="")
    written = 0
    for person in people.order_by("pk").iterator():
        with transaction.atomic():
            notices = list(waiting.filter(user=person).select_for_update(skip_locked=True).order_by("id")[:BATCH])
            chosen = choices_of(person)
            wanted = [notice for notice in notices if chosen[notice.kind] != "off"]  # switched off since it was told
            if wanted and settings.MAIL_IS_ON:
                with override(language_of(person)):
                    n = len(wanted)
                    subject = _("1 message for you") if n == 1 else format_lazy(_("{n} messages for you"), n=n)
                    queue_mail(recipient=person.email, subject=str(subject), body=_letter(wanted), user=person)
                written += 1
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail="queued")
    return written


def forget_old_mail() -> None:
    """Letters that ended keep an address that nobody needs; old notices that were read go too."""
    ended = Q(state="sent", sent_at__lt=Now() - timedelta(days=30)) | Q(
        state="failed", created_at__lt=Now() - timedelta(days=30)
    )
    OutgoingMail.objects.filter(ended).delete()
    Notice.objects.filter(read_at__lt=Now() - KEPT).delete()
