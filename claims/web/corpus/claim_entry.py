"""Claims without an article: entered one by one or pasted from a spreadsheet, and the list of them."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from claims.errors import Refused
from claims.matching.checked import Alike, look_for
from claims.models import Claim, ClaimSource
from claims.web.page import Here, go, project_page, show, slice_of
from claims.web.wording import WordedForm

KINDS = ("speech", "message", "post", "image", "video")


class EntryForm(WordedForm):
    text = forms.CharField(max_length=2_000, error_messages={"required": "Write what was said, in one sentence."})
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], initial="speech")
    speaker = forms.CharField(max_length=300, required=False)
    said_at = forms.CharField(max_length=40, required=False)
    place = forms.CharField(max_length=300, required=False)
    url = forms.CharField(max_length=2_000, required=False)
    file = forms.FileField(required=False, allow_empty_file=True)


@project_page("import", tab="claims")
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """What reads like the claim is shown before it is added: at once where scripts run, else by the first press."""
    if request.headers.get("HX-Request") == "true":
        return show(request, "_claims_alike", here, **alike_of(here, request.POST.get("text", "")))
    form = EntryForm(request.POST or None, request.FILES or None)
    refusal: Refused | None = None
    alike: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        alike = alike_of(here, form.cleaned_data["text"])
        is_seen = request.POST.get("looked") == alike["looked"] or not alike["alike"]
        if "look" not in request.POST and is_seen:
            try:
                return go("claim", here.slug, add(here, form, request.POST.get("is", "")).claim_id)
            except Refused as error:
                refusal = error
    status = refusal.status if refusal else 422 if form.errors else 200
    return show(request, "claim_new", here, form=form, refusal=refusal, kinds=KINDS, status=status, **alike)


def alike_of(here: Here, text: str) -> dict[str, Any]:
    """What reads like the text, and a mark that it was shown for just this text."""
    words = " ".join(text[:2_000].split())
    found: list[Alike] = look_for(here.project, words) if len(words) > 10 else []
    mark = hashlib.sha256(words.encode()).hexdigest()[:16]
    return {"alike": found, "looked": mark, "has_looked": len(words) > 10}


def add(here: Here, form: EntryForm, known: str) -> ClaimSource:
    """Add the claim of the form, or say that it is a known one."""
    from claims.importing.entering import Entry, enter_claim

    claim = None
    if known:
        claim = Claim.objects.in_project(here.project).filter(pk=int(known) if known.isdecimal() else 0).first()
        if claim is None:
            raise Http404
    return enter_claim(here.project, Entry(**form.cleaned_data), by=here.user, claim=claim)


@project_page("import", tab="claims")
def paste(request: HttpRequest, here: Here) -> HttpResponse:
    """Rows of a spreadsheet: shown as they are read, with what is alike, then added all together."""
    from claims.importing.entering import enter_rows, read_pasted

    pasted = request.POST.get("rows", "")
    rows, refusal = [], None
    try:
        rows = read_pasted(pasted)
        if "add" in request.POST:
            added = enter_rows(here.project, rows, by=here.user)
            messages.success(request, f"{len(added)} claims were added.")
            return go("claims-entered", here.slug)
    except Refused as error:
        refusal = error
    shown = [(row, look_for(here.project, row.entry.text)[:1]) for row in rows]
    faults = sum(row.fault is not None for row in rows)
    status = refusal.status if refusal else 200
    return show(request, "claims_paste", here, rows=shown, pasted=pasted, faults=faults, refusal=refusal, status=status)


@project_page("browse", tab="claims")
def entered(request: HttpRequest, here: Here) -> HttpResponse:
    rows = ClaimSource.objects.in_project(here.project).select_related("claim")
    return show(request, "claims_entered", here, slice=slice_of(request, rows))


@project_page("browse", tab="claims")
def attachment(request: HttpRequest, here: Here, pk: int) -> HttpResponseBase:
    """What came with a claim."""
    from claims.importing.attachments import send_attachment

    row = ClaimSource.objects.in_project(here.project).filter(pk=pk).exclude(file="").first()
    if row is None:
        raise Http404
    return send_attachment(row)
