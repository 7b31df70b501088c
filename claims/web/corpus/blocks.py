"""What each block of an article is, corrected by hand; an article taken out of the work. The text does not change."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.models import Article, Segment
from claims.models.article import SEGMENT_ROLES
from claims.web.page import Here, go, project_page, show

SHOWN = 200  # of one page; a form may not have many more fields


@project_page("correct_claims", tab="articles")
def blocks(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = Article.objects.in_project(here.project).filter(pk=pk).first()
    text = row.text_versions.order_by("-n").first() if row else None
    if row is None or text is None:
        raise Http404
    after = request.GET.get("after", "")
    first = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    kept = Segment.objects.filter(text_version=text, n__gte=first).select_related("text_version__article__project")
    segments = list(kept.order_by("n")[: SHOWN + 1])
    if request.method == "POST":
        changed = correct(request, here, segments[:SHOWN])
        messages.success(request, f"{changed} block{'' if changed == 1 else 's'} corrected.")
        return go("article-blocks", here.slug, row.pk)
    shown = [(segment, text.text[segment.start : segment.end][:200]) for segment in segments[:SHOWN]]
    more = segments[SHOWN].n if len(segments) > SHOWN else None
    return show(request, "article_blocks", here, article=row, shown=shown, roles=SEGMENT_ROLES, more=more)


@require_POST
@project_page("import", tab="articles")
def exclude(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Leave an article out of the work, with the reason."""
    from claims.importing.mending import exclude_article

    exclude_article(_article(here, pk), reason=request.POST.get("reason", ""), by=here.user)
    messages.success(request, "The article is left out. No round draws from it.")
    return go("article", here.slug, pk)


@require_POST
@project_page("import", tab="articles")
def include(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    from claims.importing.mending import include_article

    include_article(_article(here, pk), by=here.user)
    messages.success(request, "The article is in again.")
    return go("article", here.slug, pk)


@require_POST
@project_page("import", tab="articles")
def file(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Say which outlet an article is of."""
    from claims.importing.filing import file_article

    row = file_article(_article(here, pk), outlet=request.POST.get("outlet", ""), by=here.user)
    said = f"The article is filed under {row.outlet.name}." if row.outlet else "The article is filed under no outlet."
    messages.success(request, said)
    return go("article", here.slug, pk)


def _article(here: Here, pk: int) -> Article:
    row: Article | None = Article.objects.in_project(here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def correct(request: HttpRequest, here: Here, segments: list[Segment]) -> int:
    # The parsers behind these are loaded when first needed.
    from claims.importing.mending import correct_segment_language, correct_segment_role

    changed = 0
    for segment in segments:
        role = request.POST.get(f"role-{segment.n}", segment.role)
        language = request.POST.get(f"language-{segment.n}", segment.language)
        changed += (role, language) != (segment.role, segment.language)
        if role != segment.role:
            correct_segment_role(segment, role=role, by=here.user)
        if language != segment.language:
            correct_segment_language(segment, language=language, by=here.user)
    return changed
