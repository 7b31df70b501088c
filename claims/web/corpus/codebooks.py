"""What is asked: the codebooks of a project, and one version as a page that can be printed."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.errors import Refused
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import PRESETS, CodebookSpec, load_preset
from claims.labelling.codebook_formats import FORMATS
from claims.labelling.drafting import find_stale_work
from claims.models import CodebookVersion
from claims.web.page import Here, go, project_page, show


@project_page("see_project", tab="codebooks")
def codebooks(request: HttpRequest, here: Here) -> HttpResponse:
    versions = CodebookVersion.objects.filter(codebook__project=here.project).select_related("codebook")
    rows = versions.annotate(n_questions=Count("questions")).order_by("codebook__name", "-n")
    return show(
        request,
        "codebooks",
        here,
        versions=rows,
        presets=shipped() if here.may["manage_codebook"] else {},
        formats=FORMATS,
    )


def shipped() -> dict[str, CodebookSpec]:
    """The codebooks that come with the product."""
    return {name: load_preset(name) for name in PRESETS}


@project_page("see_project", tab="codebooks")
def codebook(request: HttpRequest, here: Here, codebook_slug: str, n: int) -> HttpResponse:
    version = (
        CodebookVersion.objects.filter(codebook__project=here.project, codebook__slug=codebook_slug, n=n)
        .select_related("codebook")
        .first()
    )
    if version is None:
        raise Http404
    questions = version.questions.prefetch_related("choices").order_by("n")
    others = version.codebook.versions.exclude(pk=version.pk).order_by("-n").defer("document")
    stale = find_stale_work(version.codebook)
    return show(request, "codebook", here, version=version, questions=questions, others=others, stale=stale)


@require_POST
@project_page("manage_codebook", tab="codebooks")
def add(request: HttpRequest, here: Here) -> HttpResponse:
    try:
        version = create_codebook(here.project, preset=request.POST.get("preset", ""), by=here.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return go("codebooks", here.slug)
    return go("codebook", here.slug, version.codebook.slug, version.n)
