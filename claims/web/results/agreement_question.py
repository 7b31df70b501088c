"""One question's agreement in full, with the sentences to copy and to explain it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from claims.agreement.camps import shown_strata
from claims.agreement.details import question_detail
from claims.agreement.overview import why_hidden
from claims.agreement.patterns import VIEWS
from claims.agreement.sentences import methods_sentence, paradox_sentence, plain_sentence
from claims.models import Round
from claims.models.label import PHASES
from claims.web.page import Here, project_page, show
from claims.web.results.agreement import band, chosen_stratum
from claims.web.results.charts import confusion_grid, pair_grid, trend_chart
from claims.web.results.disputes import subjects_of

PAIRS_DRAWN = 20  # reviewers; a larger square is read in the table


@project_page("see_agreement", tab="agreement")
def agreement_question(request: HttpRequest, here: Here, pk: int, question: str) -> HttpResponse:
    rounds = Round.objects.in_project(here.project).exclude(state="draft")
    round_ = rounds.select_related("codebook_version__codebook").filter(pk=pk).first()
    stratum = chosen_stratum(request, shown_strata(round_)) if round_ else None
    if round_ is None or stratum is None or why_hidden(round_):
        raise Http404
    phase, view = request.GET.get("phase", PHASES[0]), request.GET.get("view", VIEWS[0])
    detail = question_detail(round_, question, phase, view, stratum.name)
    row = detail.row
    names = {pair.one for pair in row.pairs or ()} | {pair.other for pair in row.pairs or ()}
    part = "" if stratum.kind == "all" else f"{stratum.kind} {stratum.title}"
    about = subjects_of([unit.unit for unit in detail.costly])
    return show(
        request,
        "agreement_question",
        here,
        round=round_,
        stratum=stratum,
        question=row,
        band=band(row),
        detail=detail,
        costly=[(unit, about[unit.unit]) for unit in detail.costly],
        methods=methods_sentence(round_, row, part),
        plain=plain_sentence(row),
        paradox=paradox_sentence(row),
        grid=confusion_grid(detail.confusions) if detail.confusions else None,
        pairs=pair_grid(row.pairs) if row.pairs and len(names) <= PAIRS_DRAWN else None,
        trend=trend_chart(detail.weeks) if len(detail.weeks) > 1 else None,
    )
