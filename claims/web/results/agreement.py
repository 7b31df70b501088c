"""How far reviewers agree, question by question, with what must be read beside each figure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from claims.agreement.camps import shown_strata
from claims.agreement.marks import mark_figures
from claims.agreement.overview import QuestionAgreement, agreement_overview, why_hidden
from claims.agreement.strata import Stratum
from claims.models import Job, Round
from claims.web.filters import code_in
from claims.web.page import Here, number_in, project_page, show

# Where the lower bound lies beside the two lines of Krippendorff (2004), as a place and not as a mark: much published
# work on stance and bias lies under both. Landis and Koch's words are not used: they were never meant as thresholds.
BANDS = (
    (0.8, "good", "the interval lies above .800, Krippendorff's line for firm conclusions"),
    (0.667, "", "the interval begins between .667 and .800, Krippendorff's lines for tentative and firm conclusions"),
    (-1.0, "", "the interval begins under .667, Krippendorff's lower line; read it beside prevalence and disputes"),
)


def begun_rounds(here: Here) -> list[Round]:
    """Those that ask questions; how alike people cut articles has a page of its own."""
    begun = Round.objects.in_project(here.project).exclude(state="draft").exclude(purpose="splitting")
    return list(begun.order_by("-id")[:100])


def rounds_of_cutting(here: Here) -> list[Round]:
    if not here.may["correct_claims"]:
        return []
    begun = Round.objects.in_project(here.project).filter(purpose="splitting").exclude(state="draft")
    return list(begun.order_by("-id")[:20])


def chosen_round(request: HttpRequest, rounds: list[Round]) -> Round | None:
    """The round that the address names, else the newest; None when no round has begun."""
    asked = number_in(request, "round")
    if asked is None:
        return rounds[0] if rounds else None
    for round_ in rounds:
        if round_.pk == asked:
            return round_
    raise Http404


def chosen_stratum(request: HttpRequest, strata: list[Stratum]) -> Stratum | None:
    """The stratum that the address names; the whole round for one that this round does not have (another round's)."""
    asked = code_in(request, "stratum", [stratum.name for stratum in strata])
    return next((stratum for stratum in strata if stratum.name == asked), strata[0] if strata else None)


def band(question: QuestionAgreement) -> tuple[str, str] | None:
    """(colour, words) for the headline's interval; None without one, or when a warning says more."""
    low = question.headline.low
    if low is None or question.warnings:
        return None
    return next((colour, words) for floor, colour, words in BANDS if low >= floor)


def is_being_scored(round_: Round) -> bool:
    return Job.objects.filter(kind="fold_round", state__in=("queued", "running"), args__round=round_.pk).exists()


@project_page("see_agreement", tab="agreement")
def agreement(request: HttpRequest, here: Here) -> HttpResponse:
    rounds = begun_rounds(here)
    round_ = chosen_round(request, rounds)
    strata = shown_strata(round_) if round_ else []
    stratum = chosen_stratum(request, strata)
    questions = agreement_overview(round_, stratum.name, pairs_of=()) if round_ and stratum else []
    return show(
        request,
        "agreement",
        here,
        rounds=rounds,
        round=round_,
        strata=strata if len(strata) > 2 else [],
        stratum=stratum,
        hidden=why_hidden(round_) if round_ else "",
        questions=[(question, band(question)) for question in questions],
        marks=mark_figures(round_) if round_ and stratum and stratum.kind == "all" else [],
        is_scoring=round_ is not None and is_being_scored(round_),
        rounds_of_cutting=rounds_of_cutting(here),
    )
