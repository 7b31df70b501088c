"""A person's keys for programs: made, shown once, revoked."""

from __future__ import annotations

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.errors import NotFound, Refused
from claims.models import ApiToken, Project, User
from claims.people.actions import SCOPES, create_token, revoke_token
from claims.web.once import go_and_show, secret_of, shown
from claims.web.page import go, person, show, signed_in
from claims.web.wording import WordedForm

SCOPE_WORDS = {
    "read": "read articles, claims and one’s own labels",
    "label": "draw units and submit labels",
    "write": "import articles, set up rounds, settle",
    "release": "make and download releases",
}


class TokenForm(WordedForm):
    name = forms.CharField(max_length=60, error_messages={"required": "Name the program that will use the token."})
    project = forms.ModelChoiceField(Project.objects.none(), required=False, empty_label="all my projects")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
        error_messages={"required": "Choose at least one thing the token may do."},
    )
    days = forms.IntegerField(min_value=1, max_value=366, initial=90)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Project]", self.fields["project"])
        choice.queryset = Project.objects.visible_to(user).order_by("name")


@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None, user=person(request))
    if request.method == "POST" and form.is_valid():
        try:
            _, plain = create_token(user=person(request), **form.cleaned_data)
            return go_and_show(plain, "tokens")
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    rows = ApiToken.objects.filter(user=person(request)).select_related("project").order_by("-id")
    status = 422 if form.errors else 200
    return shown(request, show(request, "tokens", form=form, plain=secret_of(request), tokens=rows, status=status))


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = ApiToken.objects.filter(pk=pk, user=person(request)).first()
    if token is None:
        raise NotFound
    revoke_token(token, by=person(request))
    return go("tokens")
