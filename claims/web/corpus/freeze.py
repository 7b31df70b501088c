"""Before a round: a newer splitting beside the old one, one's own cut of an article, and the lock on its claims."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.errors import NotFound, Refused
from claims.models import Article, ArticleCut, TextVersion
from claims.splitting.cut_rounds import round_to_cut_for
from claims.splitting.freezing import (
    add_to_cut,
    hand_in_cut,
    lock_claims,
    remove_from_cut,
    unlock_claims,
)
from claims.splitting.resplitting import accept_resplit, propose_resplit
from claims.web.corpus.correct import Sent, article_here
from claims.web.corpus.parts import part_at
from claims.web.marking import Mark, blocks_of
from claims.web.page import Here, go, number_in, project_page, refused_page, show
from claims.web.work.label import wants_json

MOST_SHOWN = 300


@project_page("correct_claims", tab="articles")
def resplit(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """What the newest splitter would do differently. Reading it writes nothing."""
    article = article_here(here, pk)
    if article.state != "split":
        raise Http404
    proposal = propose_resplit(article, by=here.user)
    changes = proposal.changes
    return show(
        request,
        "resplit",
        here,
        article=article,
        proposal=proposal,
        changes=changes[:MOST_SHOWN],
        n_more=max(0, len(changes) - MOST_SHOWN),
        n_safe=sum(one.is_safe for one in changes),
        is_closed=article.claims_locked_at is not None,
    )


@require_POST
@project_page("correct_claims", tab="articles")
def accept(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    article = article_here(here, pk)
    keys = None if request.POST.get("all") else request.POST.getlist("key")
    step = accept_resplit(article, keys=keys, by=here.user)
    n = len(step.changes) if step is not None else 0
    messages.success(request, f"{n:,} claims follow the newer splitting." if n else "Nothing was chosen.")
    return go("correct", here.slug, article.pk)


@require_POST
@project_page("correct_claims", tab="articles")
def lock(request: HttpRequest, here: Here) -> HttpResponse:
    """Lock the claims of one article, or of all that are split."""
    written = request.POST.get("article", "")
    if written and not (written.isascii() and written.isdigit() and len(written) < 19):
        raise Http404
    n = lock_claims(here.project, articles=[int(written)] if written else None, by=here.user)
    messages.success(request, f"The claims of {n:,} article{'' if n == 1 else 's'} are locked.")
    return go("article", here.slug, int(written)) if written else go("project", here.slug)


@require_POST
@project_page("correct_claims", tab="articles")
def unlock(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    unlock_claims(article_here(here, pk), reason=request.POST.get("reason", ""), by=here.user)
    messages.success(request, "The claims can be corrected again.")
    return go("article", here.slug, pk)


# --- one's own cut ----------------------------------------------------------------------------------------------------


def _readable(here: Here, pk: int) -> tuple[Article, TextVersion]:
    """The article's text alone: who cuts sees neither the claims that stand nor what others cut."""
    article = article_here(here, pk)
    text = article.text_versions.order_by("-n").first()
    if text is None or text.erased_at is not None or article.state not in ("imported", "split"):
        raise Http404
    return article, text


@project_page("label", tab="articles")
def cut(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    article, text = _readable(here, pk)
    own = ArticleCut.objects.filter(article=article, user=here.user).first()
    part = part_at(text.text, number_in(request, "part") or 0)
    claims = own.claims if own is not None else []
    marks = [Mark(start, end, "claim", n) for n, claim in enumerate(claims, 1) for start, end in claim]
    inside = [mark for mark in marks if mark.start < part.end and mark.end > part.start]
    rows = text.segments.filter(start__lt=part.end, end__gt=part.start).order_by("start")
    segments = [
        (max(start, part.start), min(end, part.end), role, language)
        for start, end, role, language in rows.values_list("start", "end", "role", "language")
    ] or [(part.start, part.end, "body", "und")]
    return show(
        request,
        "cut",
        here,
        article=article,
        part=part,
        blocks=list(zip((s for s, *_ in segments), blocks_of(text.text, segments, inside), strict=True)),
        claims=[
            (" … ".join(text.text[start:end] for start, end in claim), ",".join(f"{s}-{e}" for s, e in claim))
            for claim in claims
            if claim[0][0] < part.end and claim[-1][1] > part.start
        ],
        n_claims=len(claims),
        is_handed_in=own is not None and own.ended_at is not None,
        is_closed=own is not None and own.ended_at is not None,
        round=round_to_cut_for(article, here.user),
    )


@require_POST
@project_page("label", tab="articles")
def cut_deed(request: HttpRequest, here: Here, pk: int, step: str) -> HttpResponse:
    article, _ = _readable(here, pk)
    sent = Sent(article, here, request.POST)
    try:
        said = _do(sent, step)
    except NotFound:
        raise
    except Refused as refusal:
        if wants_json(request):
            return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
        return refused_page(request, refusal)
    part = request.POST.get("part", "0")[:6]
    to = reverse("cut", args=[here.slug, pk]) + (f"?part={part}" if part.isdigit() else "")
    asked = round_to_cut_for(article, here.user) if step == "hand-in" else None
    if asked is not None:
        to = reverse("round", args=[here.slug, asked.pk])
    if wants_json(request):
        return JsonResponse({"to": to, "said": said})
    messages.success(request, said)
    return HttpResponseRedirect(to, status=303)


def _do(sent: Sent, step: str) -> str:
    by = sent.here.user
    if step == "add":
        pieces = [(start, end) for start, end in sent.pieces]
        add_to_cut(sent.article, pieces=pieces, by=by)
        return "Claim added."
    if step == "remove":
        remove_from_cut(sent.article, pieces=sent.pieces, by=by)
        return "Claim removed."
    if step == "hand-in":
        hand_in_cut(sent.article, by=by)
        return "Your cut is handed in."
    raise Http404
