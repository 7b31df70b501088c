"""The articles of a project, and one article with its claims marked."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from claims.importing.likeness import copies_of, count_copies
from claims.lifecycle import ARTICLE
from claims.models import Anchor, Article, ArticleSource, ClaimOccurrence, OccurrenceVersion, Outlet, TextVersion
from claims.splitting.freezing import compare_cuts
from claims.web.marking import Block, Mark, blocks_of
from claims.web.page import Here, go, number_in, project_page, show, slice_of


@project_page("browse", tab="articles")
def articles(request: HttpRequest, here: Here) -> HttpResponse:
    rows = Article.objects.in_project(here.project).select_related("outlet")
    found = slice_of(request, chosen_articles(request, rows))
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


def chosen_articles(request: HttpRequest, rows: QuerySet[Article]) -> QuerySet[Article]:
    """The rows that the named filters of the page leave."""
    asked = request.GET
    if words := asked.get("q", "").strip():
        rows = rows.filter(headline__holds=words[:200])
    if outlet := number_in(request, "outlet"):
        rows = rows.filter(outlet=outlet)
    if language := asked.get("language", ""):
        rows = rows.filter(language=language[:12])
    if state := asked.get("state", ""):
        rows = rows.filter(state=state[:16])
    if asked.get("copies"):
        rows = rows.filter(sketch__cluster__isnull=False)
    return rows


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
    versions = newest_versions(row)
    return show(
        request,
        "article",
        here,
        article=row,
        text=text,
        blocks=blocks_with_claims(text, versions) if text else [],
        versions=versions,
        sources=ArticleSource.objects.filter(article=row).order_by("id"),
        cuts=compare_cuts(row, by=here.user) if here.may["correct_claims"] and text and not text.erased_at else None,
        copies=copies_of(row),
        orphaned=orphaned_in(text, versions) if text else set(),
        others=Article.objects.in_project(here.project).filter(Q(repost_of=row) | Q(pk=row.repost_of_id)),
    )


def newest_versions(article: Article) -> list[OccurrenceVersion]:
    """The newest version of each claim that stands in the article, in reading order, with its chain."""
    standing = ClaimOccurrence.objects.filter(article=article).standing()
    rows = (
        OccurrenceVersion.objects.filter(occurrence__in=standing)
        .select_related("occurrence")
        .prefetch_related("hops")
        .order_by("occurrence", "-n")
        .distinct("occurrence")
    )
    return sorted(rows, key=lambda version: (version.occurrence.position, version.occurrence_id))


def orphaned_in(text: TextVersion, versions: list[OccurrenceVersion]) -> set[int]:
    """The claims whose words are not in this version of the text."""
    rows = Anchor.objects.filter(text_version=text, occurrence_version__in=versions, state="orphaned")
    return set(rows.values_list("occurrence_version__occurrence", flat=True)) if text.n > 1 else set()


def blocks_with_claims(text: TextVersion, versions: list[OccurrenceVersion]) -> list[Block]:
    anchors = Anchor.objects.filter(text_version=text, occurrence_version__in=versions).exclude(state="orphaned")
    occurrence_of = {version.pk: version.occurrence_id for version in versions}
    marks = [Mark(a.start, a.end, "claim", occurrence_of[a.occurrence_version_id]) for a in anchors]
    segments = list(text.segments.order_by("n").values_list("start", "end", "role", "language"))
    return blocks_of(text.text, segments, marks)


@require_POST
@project_page("import", tab="articles")
def read_again(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The original once more, by the present rules: a new version of the text."""
    from claims.importing.reextracting import start_reextraction  # parsers, when first needed

    row = Article.objects.in_project(here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    return go("job", here.slug, start_reextraction(here.project, [row], by=here.user).pk)


@project_page("import", tab="articles")
def source(request: HttpRequest, here: Here, pk: int, source_pk: int) -> HttpResponseBase:
    """The bytes an article came from: only ever as a download (XS-06)."""
    row = ArticleSource.objects.filter(pk=source_pk, article=pk, article__project=here.project).first()
    if row is None:
        raise Http404
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=f"source-{row.pk}.bin")
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
