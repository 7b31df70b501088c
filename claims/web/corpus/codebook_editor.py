"""The codebook editor: a draft, one question at a time, with a preview of the labelling page. Works without script."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.errors import Conflict, Refused
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import CodebookSpec, spec_from_document
from claims.labelling.codebook_diff import find_changes, find_mapping
from claims.labelling.codebook_formats import read_codebook
from claims.labelling.codebook_text import to_json, to_toml
from claims.labelling.drafting import change_draft, discard_draft, find_stale_work, publish_draft, start_draft
from claims.models import CodebookVersion
from claims.vocabulary import LEVELS_OF_KIND, RELATIONS, UNIT_KINDS
from claims.web.corpus.codebook_form import (
    condition_lines,
    moved,
    part_about,
    question_from,
    rows_of,
    with_question,
)
from claims.web.page import Here, go, project_page, show
from claims.web.work.answer_form import Given, ask

NEW = "new"
ENDS = ("publish", "discard")


def version_or_404(here: Here, slug: str, n: int) -> CodebookVersion:
    rows = CodebookVersion.objects.filter(codebook__project=here.project, codebook__slug=slug, n=n)
    version: CodebookVersion | None = rows.select_related("codebook").first()
    if version is None:
        raise Http404
    version.codebook.project = here.project
    return version


@require_POST
@project_page("manage_codebook", tab="codebooks")
def take_in(request: HttpRequest, here: Here) -> HttpResponse:
    """A codebook of one's own, as a draft to look at before it is published."""
    sent = request.FILES.get("file")
    try:
        text = sent.read(1_000_000).decode("utf-8-sig") if sent else request.POST.get("text", "")
        spec = read_codebook(text, request.POST.get("format", ""), request.POST.get("title", ""))
    except UnicodeDecodeError:
        messages.error(request, "The file is not UTF-8 text.")
        return go("codebooks", here.slug)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return go("codebooks", here.slug)
    version = create_codebook(here.project, spec=spec, by=here.user, publish=False)
    name = "codebook-edit" if version.state == "draft" else "codebook"
    return go(name, here.slug, version.codebook.slug, version.n)


@require_POST
@project_page("manage_codebook", tab="codebooks")
def begin(request: HttpRequest, here: Here, codebook_slug: str, n: int) -> HttpResponse:
    base = version_or_404(here, codebook_slug, n)
    draft = start_draft(base.codebook, by=here.user, base=base)
    return go("codebook-edit", here.slug, codebook_slug, draft.n)


@project_page("see_project", tab="codebooks")
def text(request: HttpRequest, here: Here, codebook_slug: str, n: int, kind: str) -> HttpResponse:
    """The codebook as a file to keep, to change elsewhere, and to take in again."""
    if kind not in ("toml", "json"):
        raise Http404
    version = version_or_404(here, codebook_slug, n)
    written = to_toml(version.document) if kind == "toml" else to_json(version.document)
    mime = "application/toml" if kind == "toml" else "application/json"
    response = HttpResponse(written, content_type=f"{mime}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{codebook_slug}-{n}.{kind}"'
    return response


@project_page("see_project", tab="codebooks")
def difference(request: HttpRequest, here: Here, codebook_slug: str, n: int, other: int) -> HttpResponse:
    """What changed from version `other` to version `n`, and where the older codes went."""
    older, newer = (version_or_404(here, codebook_slug, number) for number in (other, n))
    before, after = spec_from_document(older.document), spec_from_document(newer.document)
    is_preview = newer.state == "draft" and here.may["manage_codebook"]
    return show(
        request,
        "codebook_diff",
        here,
        older=older,
        newer=newer,
        changes=find_changes(before, after),
        mapping=[row for row in find_mapping(before, after) if row.kind != "kept"],
        is_preview=is_preview,
        stale=find_stale_work(newer.codebook, draft=newer) if is_preview else [],
    )


@project_page("manage_codebook", tab="codebooks")
def edit(request: HttpRequest, here: Here, codebook_slug: str, n: int) -> HttpResponse:
    version = version_or_404(here, codebook_slug, n)
    if version.state != "draft":
        return go("codebook", here.slug, codebook_slug, n)
    if request.method != "POST":
        return _page(request, here, version, _chosen(request, version))
    code = request.POST.get("was", "") or NEW
    try:
        if request.POST.get("do") in ENDS:
            return _end(request, here, version, request.POST["do"])
        spec, code = _changed(request, version, request.POST.get("do", "save"), code)
        if request.POST.get("do") == "preview":
            return _page(request, here, version, code, document=spec.document, is_typed=True)
        change_draft(version, spec, by=here.user, expected_sha256=request.POST.get("sha256", ""))
    except Refused as refusal:
        return _page(request, here, version, code, is_typed=True, refusal=refusal)
    messages.success(request, "The draft is saved.")
    address = reverse("codebook-edit", args=[here.slug, codebook_slug, n])
    return HttpResponseRedirect(f"{address}?question={code}", status=303)


def _end(request: HttpRequest, here: Here, version: CodebookVersion, deed: str) -> HttpResponse:
    """Publish the draft or drop it."""
    expected, slug, n = request.POST.get("sha256", ""), version.codebook.slug, version.n
    if deed == "discard":
        discard_draft(version, by=here.user, expected_sha256=expected)
        messages.success(request, f"The draft, version {n}, is gone.")
        return go("codebooks", here.slug)
    publish_draft(version, by=here.user, expected_sha256=expected, changelog=request.POST.get("changelog", ""))
    messages.success(request, f"Version {n} is published and never changes from here.")
    return go("codebook", here.slug, slug, n)


def _changed(request: HttpRequest, version: CodebookVersion, deed: str, code: str) -> tuple[CodebookSpec, str]:
    """(the codebook as the form would have it, the question to go on with)."""
    document, post = version.document, request.POST
    if deed == "text":
        spec = read_codebook(post.get("text", ""), "toml")
        return spec, spec.questions[0].code
    if deed == "head":
        head = {name: post.get(name, "").strip() for name in ("title", "version", "language", "description")}
        return spec_from_document({**document, **head}), code
    if deed in ("up", "down"):
        return spec_from_document(moved(document, code, -1 if deed == "up" else 1)), code
    if deed == "retire":
        left = spec_from_document(with_question(document, code, None))
        return left, left.questions[0].code
    question = question_from(post, _question(document, code))
    return spec_from_document(with_question(document, code, question)), question["code"]


def _question(document: dict[str, Any], code: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = next((one for one in document["questions"] if one["code"] == code), None)
    return found


def _chosen(request: HttpRequest, version: CodebookVersion) -> str:
    asked = request.GET.get("question", "")
    known = [question["code"] for question in version.document["questions"]]
    return asked if asked in (*known, NEW) else known[0]


def _page(
    request: HttpRequest,
    here: Here,
    version: CodebookVersion,
    code: str,
    *,
    document: dict[str, Any] | None = None,
    is_typed: bool = False,
    refusal: Refused | None = None,
) -> HttpResponse:
    """The editor; after a refusal or a preview with what was typed, of which nothing was stored."""
    stored = version.document
    if is_typed and request.POST.get("do", "save") in ("save", "preview"):
        was = request.POST.get("was", "") or NEW
        question = {**question_from(request.POST, _question(stored, was)), "was": "" if was == NEW else was}
    else:
        known = _question(stored, code)
        question = {**known, "was": known["code"]} if known else {"code": "", "title": "", "kind": "nominal"}
    conflict = refusal if isinstance(refusal, Conflict) else None
    spec = spec_from_document(document or stored)
    asked = ask(part_about(spec, code), Given())
    return show(
        request,
        "codebook_edit",
        here,
        status=refusal.status if refusal else 200,
        version=version,
        question=question,
        rows=rows_of(question),
        ask_if=condition_lines(question.get("ask_if", {})),
        questions=stored["questions"],
        code=code,
        kinds=list(LEVELS_OF_KIND),
        levels=sorted({level for levels in LEVELS_OF_KIND.values() for level in levels}),
        units=UNIT_KINDS,
        relations=RELATIONS,
        refusal=refusal,
        theirs=json.dumps(conflict.current, ensure_ascii=False, indent=1) if conflict and conflict.current else "",
        preview=asked,
        is_preview_of_form=document is not None,
        toml=to_toml(stored),
        base=version.codebook.versions.exclude(state="draft").order_by("-n").first(),
    )
