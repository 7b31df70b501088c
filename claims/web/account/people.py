"""Who is in a project with which role, and the links that let people in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.errors import NotFound, Refused
from claims.models import Invitation, Membership, User
from claims.models.project import ROLES
from claims.people.actions import MOST_A_DAY, change_role, remove_member, set_daily_cap
from claims.people.consent import consent_text
from claims.people.invitations import MAX_USES, invite, invite_by_mail, revoke_invitation
from claims.web.once import go_and_show, secret_of, shown
from claims.web.page import Here, go, project_page, show
from claims.web.wording import WordedForm

ROLE_WORDS = {
    "reviewer": "labels; sees only their own work",
    "curator": "also imports, sets up rounds, settles disputes",
    "observer": "reads and sees agreement; does not label",
    "owner": "also invites people",
}


class InviteForm(WordedForm):
    role = forms.ChoiceField(choices=[(role, f"{role}: {ROLE_WORDS[role]}") for role in ROLE_WORDS])
    email = forms.CharField(required=False, max_length=20_000)
    days = forms.IntegerField(min_value=1, max_value=90, initial=14)
    max_uses = forms.IntegerField(min_value=1, max_value=MAX_USES, initial=1, required=False)


@project_page("manage_people", tab="people")
def people(request: HttpRequest, here: Here) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link = _invite(request, here, form.cleaned_data)
            return go_and_show(link, "people", here.slug) if link else go("people", here.slug)
        except Refused as refusal:
            form.add_error("email" if refusal.code == "invalid_email" else None, refusal.sentence)
    members = Membership.objects.filter(project=here.project).select_related("user").order_by("created_at")
    waiting = Invitation.objects.filter(project=here.project, used_at=None, revoked_at=None, expires_at__gt=Now())
    page = show(
        request,
        "people",
        here,
        form=form,
        link=secret_of(request),
        members=members,
        invitations=waiting.order_by("-id"),
        roles=ROLES,
        consent=consent_text(here.project),
        most_a_day=MOST_A_DAY,
        mail_is_on=settings.MAIL_IS_ON,
        status=422 if form.errors else 200,
    )
    return shown(request, page)


def _invite(request: HttpRequest, here: Here, asked: dict[str, Any]) -> str:
    """The link to show; empty when letters were sent, whose links only their readers see."""
    plan = {"role": asked["role"], "days": asked["days"]}
    emails = asked["email"].split()
    if emails and settings.MAIL_IS_ON:
        sent = invite_by_mail(here.project, emails=emails, by=here.user, **plan)
        messages.success(request, f"{len(sent)} letter{'' if len(sent) == 1 else 's'} on the way.")
        return ""
    if len(emails) > 1:
        raise Refused("mail_is_off", "This installation sends no mail. Make a link for each person.")
    email = emails[0] if emails else ""
    _, token = invite(here.project, by=here.user, email=email, max_uses=asked["max_uses"] or 1, **plan)
    return request.build_absolute_uri(reverse("join", args=[token]))


def _member(here: Here, user_id: int) -> User:
    user = User.objects.filter(pk=user_id, membership__project=here.project).first()
    if user is None:
        raise NotFound
    return user


@require_POST
@project_page("manage_people", tab="people")
def change(request: HttpRequest, here: Here, user_id: int) -> HttpResponse:
    user = _member(here, user_id)
    try:
        change_role(here.project, user=user, role=request.POST.get("role", ""), by=here.user)
        messages.success(request, f"{user} is now {request.POST['role']}.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("people" if user != here.user else "project", here.slug)


@require_POST
@project_page("manage_people", tab="people")
def cap(request: HttpRequest, here: Here) -> HttpResponse:
    """Units for one person and day; an empty field takes the cap away."""
    written = request.POST.get("daily_cap", "").strip()
    is_number = written.isascii() and written.isdigit() and len(written) < 6
    try:
        set_daily_cap(here.project, int(written) if is_number else 0 if written else None, by=here.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("people", here.slug)


@require_POST
@project_page("manage_people", tab="people")
def remove(request: HttpRequest, here: Here, user_id: int) -> HttpResponse:
    user = _member(here, user_id)
    try:
        remove_member(here.project, user=user, by=here.user)
        messages.success(request, f"{user} has left the project. Their labels stay under their pseudonym.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return go("people", here.slug)
    return go("people", here.slug) if user != here.user else go("home")


@require_POST
@project_page("manage_people", tab="people")
def revoke(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    invitation = Invitation.objects.filter(pk=pk, project=here.project).first()
    if invitation is None:
        raise NotFound
    revoke_invitation(invitation, by=here.user)
    return go("people", here.slug)
