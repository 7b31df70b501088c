"""How good each reviewer's work is: the same figures for everybody, shown only where there is enough to say."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from claims.adjudication.cards.card import make_cards
from claims.adjudication.cards.flags import flags_of
from claims.adjudication.cards.reading import read_panel
from claims.adjudication.reviewer_quality import reviewer_table
from claims.adjudication.reviews import SUBJECTS, review_work
from claims.errors import Refused
from claims.models import Project, Reviewer, Round, WorkReview
from claims.web.page import Here, project_page, show
from claims.web.results.agreement import begun_rounds, chosen_round
from claims.web.results.charts import drift_chart
from claims.web.results.disputes import REASON_WORDS, subjects_of

DEEDS = {
    "message": "Send a message",
    "requalify": "Ask to qualify again",
    "pause": "Pause all work",
    "resume": "Resume the work",
    "reopen_range": "Ask to look again at the answers of some days",
    "void_range": "Take the answers of some days out of scores and releases",
    "unvoid_range": "Let answers that were taken out count again",
}


@project_page("see_reviewers", tab="reviewers")
def reviewers(request: HttpRequest, here: Here) -> HttpResponse:
    rounds = begun_rounds(here)
    round_ = chosen_round(request, rounds) if request.GET.get("round") else None
    rows = reviewer_table(round_ or here.project)
    flags = flags_within(round_ or here.project, {row.reviewer.pk: row.reviewer for row in rows})
    listed = [(row, flags.get(row.reviewer.pk, [])) for row in rows]
    return show(request, "reviewers", here, rounds=rounds, round=round_, rows=listed)


def flags_within(within: Project | Round, people: dict[int, Reviewer]) -> dict[int, list[str]]:
    """Reviewer id -> what a person should look at; nothing where there are too many labels for a page."""
    try:
        panel = read_panel(within)
    except Refused:
        return {}
    return {pk: [flag.code for flag in flags_of(card, panel)] for pk, card in make_cards(panel, people).items()}


@project_page("see_reviewers", tab="reviewers")
def reviewer(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """One card; a post acts on the reviewer's work."""
    who = Reviewer.objects.in_project(here.project).exclude(kind="machine").filter(pk=pk).first()
    if who is None:
        raise Http404
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            _act(request, here, who)
        except Refused as error:
            refusal = error
        else:
            messages.success(request, "Done, and told to the reviewer.")
            return HttpResponseRedirect(reverse("reviewer", args=[here.slug, who.pk]), status=303)
    return _card_page(request, here, who, refusal)


def _act(request: HttpRequest, here: Here, who: Reviewer) -> None:
    post = request.POST
    written = post.get("of_round", "")
    known = written.isascii() and written.isdigit() and len(written) < 19
    round_ = Round.objects.in_project(here.project).filter(pk=int(written)).first() if known else None
    review_work(
        who,
        post.get("kind", ""),
        words=post.get("words", ""),
        by=here.user,
        round_=round_,
        first_day=_day(post.get("first_day", "")),
        last_day=_day(post.get("last_day", "")),
    )


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused("invalid_date", f"{written[:20]!r} is not a date like 2026-03-14.") from None


def _card_page(request: HttpRequest, here: Here, who: Reviewer, refusal: Refused | None) -> HttpResponse:
    rounds = begun_rounds(here)
    round_ = chosen_round(request, rounds) if request.GET.get("round") else None
    panel = read_panel(round_ or here.project)
    people = Reviewer.objects.in_project(here.project).exclude(kind="machine").in_bulk()
    card = make_cards(panel, people)[who.pk]
    flags = flags_of(card, panel)
    about = subjects_of(sorted({example.unit for flag in flags for example in flag.examples}))
    reviews = WorkReview.objects.in_project(here.project).filter(reviewer=who).exclude(kind="reply")
    return show(
        request,
        "reviewer",
        here,
        status=refusal.status if refusal else 200,
        refusal=refusal,
        reviewer=who,
        row=next((row for row in reviewer_table(round_ or here.project) if row.reviewer.pk == who.pk), None),
        rounds=rounds,
        round=round_,
        card=card,
        drift=drift_chart(card.weeks) if len(card.weeks) > 1 else None,
        flags=[(flag, [(example, about.get(example.unit, "")) for example in flag.examples]) for flag in flags],
        overrules=[(REASON_WORDS[code], n) for code, n in sorted(card.overrules.items())],
        reviews=reviews.select_related("created_by", "round").prefetch_related("replies").order_by("-pk"),
        deeds={code: DEEDS[code] for code in DEEDS if code != ("resume" if who.state == "active" else "pause")},
        subjects=SUBJECTS,
        is_own=who.user_id == here.user.pk,
        sent=request.POST,
    )
