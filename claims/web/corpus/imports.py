"""Bringing articles in: pasted text or files, through a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.base import File
from django.http import HttpRequest, HttpResponse

from claims.errors import Refused
from claims.importing.datasets import DATASETS
from claims.web.page import Here, go, project_page, show
from claims.web.wording import WordedForm

MAX_ADDRESSES = 2_000_000


class ImportForm(WordedForm):
    """Files are read from the request: a form field holds one, and here may be many."""

    title = forms.CharField(max_length=500, required=False)
    outlet = forms.CharField(max_length=200, required=False)
    url = forms.CharField(max_length=2000, required=False)
    text = forms.CharField(required=False, strip=False)  # the import says how long an article may be
    addresses = forms.CharField(max_length=MAX_ADDRESSES, required=False)
    dataset = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = (cleaned.get("text", "").strip(), cleaned.get("addresses"), self.files.getlist("files"))
        if not self.errors and not any(given):  # what was refused is not nothing
            self.add_error("text", "There is nothing to import. Paste a text or choose files, or name an address.")
        return cleaned


def one_of(files: Sequence[File[Any]]) -> File[Any]:
    if len(files) != 1:
        raise Refused("one_file_expected", "A data set is one file. Choose one, or import the files as articles.")
    return files[0]


@project_page("import", tab="articles")
def imports(request: HttpRequest, here: Here) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return start(request, here, form, request.FILES.getlist("files"))
        except Refused as error:
            refusal = error
    status = refusal.status if refusal else 422 if form.errors else 200
    return show(request, "import", here, form=form, refusal=refusal, datasets=DATASETS.items(), status=status)


def start(request: HttpRequest, here: Here, form: ImportForm, files: list[Any]) -> HttpResponse:
    """Import all that the form holds. Go to its job (to the list, when there are several), or first to what somebody
    should look at."""
    # The parsers behind these are loaded when first needed.
    from claims.importing.actions import start_import
    from claims.importing.claims import start_claims_import
    from claims.importing.fetching import start_fetch
    from claims.importing.staging import needs_look, stage_files

    given, started = form.cleaned_data, []
    dataset = one_of(files) if given["dataset"] else None
    if given["addresses"]:
        urls = given["addresses"].split()
        started.append(start_fetch(here.project, urls=urls, outlet=given["outlet"], by=here.user))
    if dataset:
        started.append(start_claims_import(here.project, dataset=given["dataset"], file=dataset, by=here.user))
        files = []
    asked = {name: given[name] for name in ("title", "outlet", "url", "text")}
    if any(map(needs_look, files)):
        if started:
            messages.info(request, "The rest is being imported meanwhile.")
        return go("import-check", here.slug, stage_files(here.project, files, by=here.user, **asked).pk)
    if files or given["text"].strip():
        started.append(start_import(here.project, files=files, options={}, by=here.user, **asked))
    return go("job", here.slug, started[0].pk) if len(started) == 1 else go("jobs", here.slug)
