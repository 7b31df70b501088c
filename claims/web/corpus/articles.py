"""The articles of a project, and one article with its claims marked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from claims.errors import Refused
from claims.importing.likeness import copies_of, count_copies
from claims.importing.takedown import take_down_article
from claims.lifecycle import ARTICLE
from claims.models import (
    Anchor,
    Article,
    ArticleSource,
    ClaimOccurrence,
    OccurrenceVersion,
    Outlet,
    Project,
    TextVersion,
)
from claims.splitting.freezing import compare_cuts
from claims.web.corpus.parts import PART, asked_part, blocks_in, claims_in, hits_in
from claims.web.corpus.topics import warnings_for
from claims.web.filters import code_in, row_in
from claims.web.page import Here, go, number_in, project_page, show, slice_of


@project_page("browse", tab="articles")
def articles(request: HttpRequest, here: Here) -> HttpResponse:
    rows = Article.objects.in_project(here.project).select_related("outlet")
    found = slice_of(request, chosen_articles(request, here.project, rows))
    counts = claims_of([article.pk for article in found.rows])
    outlets = Outlet.objects.in_project(here.project).filter(merged_into=None).order_by("name")[:200]
    return show(
        request,
        "articles",
        here,
        slice=found,
        counts=counts,
        copies=count_copies([article.pk for article in found.rows]),
        outlets=outlets,
        asked=request.GET,
        states=ARTICLE.states,
        is_filtered=any(request.GET.get(name) for name in ("q", "outlet", "language", "state", "copies")),
    )


def chosen_articles(request: HttpRequest, project: Project, rows: QuerySet[Article]) -> QuerySet[Article]:
    """The rows that the named filters of the page leave."""
    asked = request.GET
    if words := asked.get("q", "").strip():
        rows = rows.filter(headline__has_words=words[:200])
    if outlet := row_in(request, "outlet", Outlet.objects.in_project(project)):
        rows = rows.filter(outlet=outlet)
    if asked.get("language") and (language := code_in(request, "language", languages_of(project))):
        rows = rows.filter(language=language)
    if state := code_in(request, "state", ARTICLE.states):
        rows = rows.filter(state=state)
    if code_in(request, "copies", ["1"]):
        rows = rows.filter(sketch__cluster__isnull=False)
    return rows


def languages_of(project: Project) -> list[str]:
    found = Article.objects.in_project(project).order_by("language").values_list("language", flat=True)
    return list(found.distinct())


def claims_of(articles: list[int]) -> dict[int, int]:
    """How many claims stand in each of these articles."""
    standing = ClaimOccurrence.objects.filter(article__in=articles).standing()
    return dict(standing.values_list("article").annotate(n=Count("id")).values_list("article", "n"))


@project_page("browse", tab="articles")
def article(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = Article.objects.in_project(here.project).select_related("outlet").filter(pk=pk).first()
    if row is None:
        raise Http404
    text = row.text_versions.order_by("-n").first()
    standing = ClaimOccurrence.objects.filter(article=row).standing()
    return show(
        request,
        "article",
        here,
        article=row,
        text=text,
        n_claims=standing.count(),
        sources=ArticleSource.objects.filter(article=row).order_by("id"),
        cuts=compare_cuts(row, by=here.user) if here.may["correct_claims"] and text and not text.erased_at else None,
        copies=copies_of(row),
        others=Article.objects.in_project(here.project).filter(Q(repost_of=row) | Q(pk=row.repost_of_id)),
        **warnings_for(here, row),
        **(reading(request, row, text) if text and not text.erased_at else {}),
    )


def reading(request: HttpRequest, article: Article, text: TextVersion) -> dict[str, Any]:
    """The part that is read, its claims with their numbers in the article, and where searched words stand."""
    part = asked_part(request, article, text, number_in(request, "claim"))
    shown = claims_in(article, text, part)
    words = request.GET.get("q", "").strip()[:200]
    hits = hits_in(text.text, words)
    standing = ClaimOccurrence.objects.filter(article=article).standing()
    first = standing.filter(position__lt=shown[0].row.position).count() + 1 if shown else 0
    return {
        "part": part,
        "n_parts": (len(text.text) - 1) // PART + 1,
        "blocks": [block for _, block in blocks_in(text, part, shown, None, hits)],
        "shown": list(enumerate(shown, start=first)),
        "orphaned": orphaned_in(text, standing) if text.n > 1 else [],
        "words": words,
        "hits": hits,
    }


def orphaned_in(text: TextVersion, standing: QuerySet[ClaimOccurrence]) -> list[OccurrenceVersion]:
    """The first claims whose words are not in this version of the text."""
    lost = Anchor.objects.filter(text_version=text, state="orphaned", occurrence_version__occurrence__in=standing)
    rows = OccurrenceVersion.objects.filter(pk__in=lost.values("occurrence_version")).select_related("occurrence")
    return list(
        rows.order_by("occurrence__position", "occurrence", "-n").distinct("occurrence__position", "occurrence")[:50]
    )


@require_POST
@project_page("import", tab="articles")
def read_again(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The original once more, by the present rules: a new version of the text."""
    from claims.importing.reextracting import start_reextraction  # parsers, when first needed

    row = Article.objects.in_project(here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    return go("job", here.slug, start_reextraction(here.project, [row], by=here.user).pk)


@require_POST
@project_page("import", tab="articles")
def take_down(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Erase its text and its original; the page then says why."""
    row = Article.objects.in_project(here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        with_claims = "with_claims" in request.POST
        take_down_article(row, reason=request.POST.get("reason", ""), with_claims=with_claims, by=here.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("article", here.slug, pk)


@project_page("import", tab="articles")
def source(request: HttpRequest, here: Here, pk: int, source_pk: int) -> HttpResponseBase:
    """The bytes an article came from: only ever as a download (XS-06)."""
    row = (
        ArticleSource.objects.select_related("article")
        .filter(pk=source_pk, article=pk, article__project=here.project)
        .first()
    )
    if row is None or row.article.state == "retracted":
        raise Http404
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=f"source-{row.pk}.bin")
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
