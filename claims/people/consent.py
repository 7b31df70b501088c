"""A project's consent text: published in versions, accepted by each reviewer before they draw, and withdrawn."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from claims import audit
from claims.errors import Conflict, Refused
from claims.models import Assignment, Consent, ConsentText, Project, Reviewer, User
from claims.permissions import check_can, check_not_archived

MAX_TEXT = 20_000


def consent_text(project: Project) -> ConsentText | None:
    """The wording that holds now; None when the project asks for no consent."""
    if not project.consent_n:
        return None
    return _text(project, project.consent_n)


def publish_consent(project: Project, *, text: str, by: User) -> ConsentText | None:
    """A new wording, which everybody is asked for before their next unit; an empty one ends the asking.

    The same wording again changes nothing. Refused `text_too_long`.
    """
    check_can("manage_people", by, project)
    check_not_archived(project)
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if len(text) > MAX_TEXT:
        raise Refused("text_too_long", f"A consent text has at most {MAX_TEXT:,} characters, not {len(text):,}.")
    with transaction.atomic():
        locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        now = consent_text(locked)
        if (now.text if now else "") == text:
            return now
        made = None
        if text:
            n = ConsentText.objects.in_project(project).count() + 1
            made = ConsentText.objects.create(project=locked, n=n, text=text, created_by=by)
        project.consent_n = made.n if made else 0
        Project.objects.filter(pk=project.pk).update(consent_n=project.consent_n, version=F("version") + 1)
        audit.record("publish_consent", project, by=by, project=project, n=project.consent_n)
    return made


def accept_consent(reviewer: Reviewer, *, n: int, by: User) -> None:
    """The reviewer agrees to wording `n`, which must be the one that holds: Conflict `consent_changed` otherwise."""
    project = Project.objects.get(pk=reviewer.project_id)
    check_can("label", by, project)
    if n != project.consent_n or not n:
        raise Conflict(
            "consent_changed",
            "The text was changed since you read it. Read it again.",
            current={"version": project.consent_n},
        )
    with transaction.atomic():
        if Reviewer.objects.filter(pk=reviewer.pk).exclude(consented_to=n).update(consented_to=n):
            Consent.objects.create(reviewer=reviewer, text=_text(project, n), verb="accepted")
    reviewer.consented_to = n


def withdraw_consent(reviewer: Reviewer, *, by: User) -> None:
    """No more units for this reviewer; what they hold goes to others. Labels given before stay, under the pseudonym."""
    project = Project.objects.get(pk=reviewer.project_id)
    check_can("label", by, project)
    with transaction.atomic():
        accepted = Reviewer.objects.select_for_update(no_key=True).get(pk=reviewer.pk).consented_to
        if accepted:
            Reviewer.objects.filter(pk=reviewer.pk).update(consented_to=0)
            Consent.objects.create(reviewer=reviewer, text=_text(project, accepted), verb="withdrawn")
            Assignment.objects.filter(reviewer=reviewer, state="reserved").update(expires_at=Now())
    reviewer.consented_to = 0


def _text(project: Project, n: int) -> ConsentText:
    found: ConsentText = ConsentText.objects.in_project(project).get(n=n)
    return found
