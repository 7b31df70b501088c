"""Copies of evidence on the labelling page: asked for, looked at, taken away as a file."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from claims.errors import NotFound, Refused
from claims.labelling.evidence import keep_screenshot, quote_place, request_copy, visible_copy
from claims.models import EvidenceCopy, EvidenceItem
from claims.web.page import Here, project_page, refused_page, show
from claims.web.said import refusal_said, said
from claims.web.work.label import own_unit, round_of, wants_json

TEXT_CHARS = 200_000  # of a copy's text, for the labelling page; the copy's own page has all of it
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@require_POST
@project_page("label")
def add(request: HttpRequest, here: Here, pk: int, unit_id: int) -> HttpResponse:
    """Ask for the copy of an address, or keep a screenshot of one's own."""
    own_unit(round_of(here, pk), unit_id, here)
    picture = request.FILES.get("picture")
    try:
        kept = keep_screenshot(here.reviewer, picture) if picture else request_copy(here.reviewer, _address(request))
    except NotFound:
        raise
    except Refused as refusal:
        if wants_json(request):
            shown = refusal_said(refusal)
            return JsonResponse({"code": shown.code, "sentence": shown.sentence}, status=shown.status)
        return refused_page(request, refusal)
    if wants_json(request):
        return JsonResponse(described(here, kept), status=201)
    return HttpResponseRedirect(reverse("evidence-copy", args=[here.slug, kept.key]), status=303)


def _address(request: HttpRequest) -> str:
    url = request.POST.get("url", "").strip()
    if not url:
        raise Refused("url_missing", "Give the address of the page, or a screenshot.")
    return url


def described(here: Here, kept: EvidenceCopy) -> dict[str, Any]:
    """What the labelling page fills in from a copy."""
    return {
        "key": kept.key,
        "state": kept.state,
        "sentence": said(kept.sentence),
        "title": kept.title,
        "outlet": kept.outlet,
        "published": kept.published_at.strftime("%Y-%m-%d") if kept.published_at else "",
        "fetched_at": kept.fetched_at.isoformat() if kept.fetched_at else None,
        "characters": len(kept.text),
        "text": kept.text[:TEXT_CHARS],
        "page": reverse("evidence-copy", args=[here.slug, kept.key]),
    }


@require_GET
@project_page("label")
def copy(request: HttpRequest, here: Here, copy: str) -> HttpResponse:
    """What was kept, with the quotes that this person may see placed in it."""
    kept = visible_copy(copy, here.user, here.reviewer)
    if wants_json(request):
        return JsonResponse(described(here, kept))
    items = EvidenceItem.objects.filter(page_copy=kept).order_by("id")
    quotes = [(item.quote, quote_place(kept, item.quote)) for item in items if item.quote]
    return show(request, "evidence_copy", here, copy=kept, quotes=quotes)


@require_GET
@project_page("label")
def copy_file(request: HttpRequest, here: Here, copy: str) -> HttpResponseBase:
    """The archived bytes: only ever as a download (XS-06)."""
    kept = visible_copy(copy, here.user, here.reviewer)
    if not kept.file:
        raise Http404
    ending = ENDINGS.get(kept.media_type, "bin") if kept.kind == "screenshot" else "warc.gz"
    stored = default_storage.open(kept.file, "rb")
    response = FileResponse(stored, as_attachment=True, filename=f"evidence-{kept.key[:8]}.{ending}")
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
