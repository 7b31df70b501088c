"""Ratings by others: a list goes in, a report says what had no place, and the ranks are compared with our own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from claims.credibility.comparison import own_and_external
from claims.credibility.external import Report, import_ratings
from claims.errors import Refused
from claims.models import ExternalRating
from claims.permissions import check_deed
from claims.web.page import Here, project_page, show, slice_of
from claims.web.wording import WordedForm

LIST_BYTES = 20_000_000


class ListForm(WordedForm):
    rater = forms.CharField(max_length=80, label="Whose ratings")
    rated_on = forms.DateField(required=False, label="As of", widget=forms.DateInput(attrs={"type": "date"}))
    licence = forms.CharField(max_length=200, required=False)
    file = forms.FileField(label="List (CSV or TSV)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")


@project_page("see_outlets", tab="outlets")
def ratings(request: HttpRequest, here: Here) -> HttpResponse:
    form, report, refusal = ListForm(), None, None
    if request.method == "POST":
        check_deed("manage_outlets", here.role, here.project.pk)
        form = ListForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                report = _take(here, form)
                form = ListForm()
            except Refused as fault:
                refusal = fault
    rows = ExternalRating.objects.in_project(here.project).select_related("outlet")
    return show(
        request,
        "ratings",
        here,
        status=refusal.status if refusal else 200,
        form=form,
        report=report,
        refusal=refusal,
        slice=slice_of(request, rows),
        compared=own_and_external(here.project),
    )


def _take(here: Here, form: ListForm) -> Report:
    said = form.cleaned_data
    if said["file"].size > LIST_BYTES:
        raise Refused("too_large", f"A list is at most {LIST_BYTES // 1_000_000} MB.", status=413)
    content = said["file"].read()
    return import_ratings(
        here.project, content, rater=said["rater"], rated_on=said["rated_on"], licence=said["licence"], by=here.user
    )
