"""Bringing articles in: pasted text or files, through a job."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from claims.errors import Refused
from claims.web.page import Here, go, project_page, show

MAX_PASTED = 1_000_000


class ImportForm(forms.Form):
    """Files are read from the request: a form field holds one, and here may be many."""

    title = forms.CharField(max_length=500, required=False)
    outlet = forms.CharField(max_length=200, required=False)
    url = forms.CharField(max_length=2000, required=False)
    text = forms.CharField(max_length=MAX_PASTED, required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("text", "").strip() and not self.files.getlist("files"):
            self.add_error("text", "There is nothing to import. Paste a text or choose files.")
        return cleaned


@project_page("import", tab="articles")
def imports(request: HttpRequest, here: Here) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        from claims.importing.actions import start_import  # the parsers behind it are loaded when first needed

        try:
            asked = {name: form.cleaned_data[name] for name in ("title", "outlet", "url", "text")}
            files = request.FILES.getlist("files")
            job = start_import(here.project, files=files, options={}, by=here.user, **asked)
        except Refused as error:
            refusal = error
        else:
            return go("job", here.slug, job.pk)
    status = refusal.status if refusal else 422 if form.errors else 200
    return show(request, "import", here, form=form, refusal=refusal, status=status)
