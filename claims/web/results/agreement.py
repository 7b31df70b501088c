"""How far reviewers agree, question by question, with what must be read beside each figure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from claims.agreement.overview import QuestionAgreement, agreement_overview, why_hidden
from claims.models import Job, Round
from claims.web.page import Here, number_in, project_page, show

# Landis and Koch's words are not used: they were never meant as thresholds. These follow Krippendorff (2004).
BANDS = (
    (0.8, "good", "good enough to draw conclusions"),
    (0.667, "attention", "good enough for tentative conclusions only"),
    (-1.0, "problem", "too low to draw conclusions: look at the disputes and the wording of the question"),
)


def begun_rounds(here: Here) -> list[Round]:
    return list(Round.objects.in_project(here.project).exclude(state="draft").order_by("-id")[:100])


def chosen_round(request: HttpRequest, rounds: list[Round]) -> Round | None:
    """The round that the address names, else the newest; None when no round has begun."""
    asked = number_in(request, "round")
    if asked is None:
        return rounds[0] if rounds else None
    for round_ in rounds:
        if round_.pk == asked:
            return round_
    raise Http404


def band(question: QuestionAgreement) -> tuple[str, str] | None:
    """(colour, words) for the headline; by its lower bound where there is one, as the careful reading is the lower."""
    figure = question.headline
    value = figure.low if figure.low is not None else figure.value
    if value is None or question.warnings:
        return None
    return next((colour, words) for floor, colour, words in BANDS if value >= floor)


def is_being_scored(round_: Round) -> bool:
    return Job.objects.filter(kind="fold_round", state__in=("queued", "running"), args__round=round_.pk).exists()


@project_page("see_agreement", tab="agreement")
def agreement(request: HttpRequest, here: Here) -> HttpResponse:
    rounds = begun_rounds(here)
    round_ = chosen_round(request, rounds)
    questions = agreement_overview(round_) if round_ else []
    return show(
        request,
        "agreement",
        here,
        rounds=rounds,
        round=round_,
        hidden=why_hidden(round_) if round_ else "",
        questions=[(question, band(question)) for question in questions],
        is_scoring=round_ is not None and is_being_scored(round_),
    )
