"""What a person was told, and what of it goes out by mail."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from claims import notices
from claims.errors import NotFound
from claims.models import Notice
from claims.web.page import go, person, show, signed_in, slice_of
from claims.web.wording import WordedForm

DELIVERY_WORDS = {"at_once": _("at once"), "digest": _("in a letter each night"), "off": _("not by mail")}


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.filter(user=person(request)).select_related("project")
    return show(request, "inbox", slice=slice_of(request, rows), unread=notices.unread(person(request)))


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponse:
    notices.mark_read(person(request))
    return go("inbox")


@require_POST
@signed_in
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go where it points."""
    notice = Notice.objects.filter(user=person(request), pk=pk).first()
    if notice is None:
        raise NotFound
    notices.mark_read(person(request), pk)
    if notice.path.startswith("/") and not notice.path.startswith("//"):
        return HttpResponseRedirect(notice.path, status=303)
    return go("inbox")


class MailForm(WordedForm):
    """One choice for each kind."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for kind, (label, _default) in notices.KINDS.items():
            words = list(DELIVERY_WORDS.items())
            widget = forms.Select(attrs={"class": "select"})
            self.fields[kind] = forms.ChoiceField(choices=words, label=_(label), widget=widget)


@signed_in
def mail(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = MailForm(request.POST or None, initial=notices.choices_of(user))
    if request.method == "POST" and form.is_valid():
        notices.choose_deliveries(user, form.cleaned_data)
        messages.success(request, gettext("Kept. It holds from the next message on."))
        return go("inbox-mail")
    status = 422 if form.errors else 200
    return show(request, "inbox_mail", form=form, mail_is_on=settings.MAIL_IS_ON, status=status)
