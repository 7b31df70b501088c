"""The page behind an invitation link: join with the login one has, or make one."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from claims.errors import NotFound, Refused
from claims.models import Invitation, User
from claims.people.invitations import accept_invitation, check_may_join, find_invitation, sign_up
from claims.web.page import go, refuse_nul, refused_page, show
from claims.web.wording import WordedForm


class JoinForm(WordedForm):
    username = forms.CharField(max_length=150)
    password = forms.CharField(max_length=1024, strip=False, widget=forms.PasswordInput)


def join(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what one joins; a person without a login makes one in the same step."""
    refuse_nul(request)
    try:
        invitation = find_invitation(token)
    except NotFound:
        raise Http404 from None
    except Refused as refusal:
        return refused_page(request, refusal)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and (request.user.is_authenticated or form.is_valid()):
        try:
            return _joined(request, token, form)
        except Refused as refusal:
            if request.user.is_authenticated:
                return refused_page(request, refusal)
            form.add_error("password" if "password" in refusal.code else "username", refusal.sentence)
    return _page(request, invitation, form)


def _joined(request: HttpRequest, token: str, form: JoinForm) -> HttpResponse:
    with transaction.atomic():
        user = request.user if isinstance(request.user, User) else sign_up(token, **form.cleaned_data)
        membership = accept_invitation(token, user=user)
    if user != request.user:
        login(request, user)
    return go("project", membership.project.slug)


def _page(request: HttpRequest, invitation: Invitation, form: JoinForm) -> HttpResponse:
    """For somebody signed in: whether this login may join is said before the button is pressed."""
    is_faulty = request.method == "POST" and not request.user.is_authenticated
    refusal = None
    if isinstance(request.user, User):
        try:
            check_may_join(invitation, request.user)
        except Refused as refused:
            refusal = refused
    status = 422 if is_faulty else 200
    return show(request, "join", invitation=invitation, form=form, refusal=refusal, status=status)
