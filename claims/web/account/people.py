"""Who is in a project with which role, and the links that let people in."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.errors import NotFound, Refused
from claims.models import Invitation, Membership, User
from claims.models.project import ROLES
from claims.people.actions import change_role, invite, remove_member, revoke_invitation
from claims.web.page import Here, go, project_page, show

ROLE_WORDS = {
    "reviewer": "labels; sees only their own work",
    "curator": "also imports, sets up rounds, settles disputes",
    "observer": "reads and sees agreement; does not label",
    "owner": "also invites people",
}


class InviteForm(forms.Form):
    role = forms.ChoiceField(choices=[(role, f"{role}: {ROLE_WORDS[role]}") for role in ROLE_WORDS])
    email = forms.EmailField(required=False)
    days = forms.IntegerField(min_value=1, max_value=90, initial=14)


@project_page("manage_people", tab="people")
def people(request: HttpRequest, here: Here) -> HttpResponse:
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        _, token = invite(here.project, by=here.user, **form.cleaned_data)
        link = request.build_absolute_uri(reverse("join", args=[token]))
        form = InviteForm()
    members = Membership.objects.filter(project=here.project).select_related("user").order_by("created_at")
    waiting = Invitation.objects.filter(project=here.project, used_at=None, revoked_at=None, expires_at__gt=Now())
    return show(
        request,
        "people",
        here,
        form=form,
        link=link,
        members=members,
        invitations=waiting.order_by("-id"),
        roles=ROLES,
        status=422 if form.errors else 200,
    )


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
