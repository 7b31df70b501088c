"""What a model suggested of an article, beside the words it stands on; a person takes it over or not."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.models import Job, ModelSuggestion
from claims.suggesting.actions import accept_suggestion, reject_suggestion, start_suggestions
from claims.suggesting.asking import is_on
from claims.web.corpus.correct import article_here
from claims.web.page import Here, go, project_page, show

MOST_SHOWN = 200


@project_page("correct_claims", tab="articles")
def suggestions(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    article = article_here(here, pk)
    rows = ModelSuggestion.objects.filter(article=article).select_related(
        "text_version", "occurrence__claim", "decided_by"
    )
    waiting = list(rows.filter(state="waiting").order_by("id")[:MOST_SHOWN])
    asked = Job.objects.filter(project=here.project, kind="suggest_claims", args__article=article.pk).order_by("-id")
    return show(
        request,
        "suggestions",
        here,
        article=article,
        suggestions=[(row, quotes_of(row)) for row in waiting],
        decided=rows.exclude(state="waiting").order_by("-decided_at", "-id")[:20],
        is_on=is_on(),
        model=settings.MODEL_NAME,
        job=asked.first(),
        is_closed=article.claims_locked_at is not None,
    )


def quotes_of(row: ModelSuggestion) -> list[str]:
    return [row.text_version.text[start:end] for start, end in row.content.get("pieces", ())]


@require_POST
@project_page("correct_claims", tab="articles")
def ask(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    job = start_suggestions(article_here(here, pk), by=here.user)
    return go("job", here.slug, job.pk)


@require_POST
@project_page("correct_claims", tab="articles")
def decide(request: HttpRequest, here: Here, pk: int, suggestion: int) -> HttpResponse:
    article = article_here(here, pk)
    row = ModelSuggestion.objects.filter(article=article, pk=suggestion).select_related("article__project").first()
    if row is None:
        raise Http404
    if request.POST.get("decision") == "accept":
        accept_suggestion(row, by=here.user)
        messages.success(request, "Taken over. It is marked as a model’s; undo it on the correction page.")
    else:
        reject_suggestion(row, by=here.user)
        messages.success(request, "Rejected.")
    return go("suggestions", here.slug, pk)
