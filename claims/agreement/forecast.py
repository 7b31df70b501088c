"""How many more units a round needs until each of its figures is known as well as one wants."""

from __future__ import annotations

from dataclasses import dataclass

from claims.agreement.folding import plan_round
from claims.agreement.overview import why_hidden
from claims.errors import Refused
from claims.models import AgreementScore, Round
from claims.statistics.planning import more_needed

WITHIN = 0.05


@dataclass(frozen=True)
class Forecast:
    """One question's headline figure. `more` is None without an interval to judge from."""

    question: str
    title: str
    coefficient: str
    value: float | None
    low: float | None
    high: float | None
    n_units: int  # with two labels or more
    more: int | None


def forecasts_of(round_: Round, within: float = WITHIN) -> list[Forecast]:
    """In the order of the questions, none while the round's figures are hidden. Refused `invalid_width` unless
    0 < within < 1."""
    if not 0 < within < 1:
        raise Refused("invalid_width", f"How near a figure is to be known is between 0 and 1, not {within}.")
    if why_hidden(round_):
        return []
    scores = AgreementScore.objects.filter(round=round_, phase="first", stratum="all", view="full")
    found = {(score.question, score.coefficient): score for score in scores}
    rows = []
    for plan in plan_round(round_).values():
        score = found.get((plan.code, plan.scores_of("full")[0]))
        if plan.path is None and score is not None:
            rows.append(_forecast(score, plan.title, within))
    return rows


def _forecast(score: AgreementScore, title: str, within: float) -> Forecast:
    value, low, high, more = score.value, score.low, score.high, None
    if value is not None and low is not None and high is not None:
        more = more_needed(score.n_pairable, max(high - value, value - low), within)
    return Forecast(score.question, title, score.coefficient, value, low, high, score.n_pairable, more)
