"""One question in full: which choices are confused, which units cost most, and how the figure went over the weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from claims.agreement.folding import plan_round
from claims.agreement.overview import QuestionAgreement, agreement_overview
from claims.agreement.patterns import QuestionPlan
from claims.agreement.strata import CAMP, WHOLE, kind_of
from claims.errors import NotFound
from claims.models import AgreementScore, PatternCount, Round, UnitPattern
from claims.statistics.coincidences import costs, expected_coincidences, observed_coincidences
from claims.statistics.tables import table_from_patterns
from claims.statistics.trend import Point, change_points

COSTLY = 10
CONFIDENCE_TO_ERROR = 2 * 1.959964  # widths of a standard error in a 95 % interval


@dataclass(frozen=True)
class Confusion:
    """A pair of choices: share of all comparable labels that pair up so, and what chance would give."""

    one: str
    other: str
    observed: float
    expected: float

    @property
    def excess(self) -> float:
        return self.observed - self.expected


@dataclass(frozen=True)
class CostlyUnit:
    """`share` of all observed disagreement on the question; `answers` are (label, number)."""

    unit: int
    answers: tuple[tuple[str, int], ...]
    share: float


@dataclass(frozen=True)
class Week:
    """The headline of one ISO week; `changed_from` is the level before, where a new one begins here."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    changed_from: float | None = None
    changed_to: float | None = None

    @property
    def monday(self) -> date:
        year, week = self.name.split("-W")
        return date.fromisocalendar(int(year), int(week), 1)


@dataclass(frozen=True)
class Sibling:
    """The same figure in another round of the project."""

    round: str
    codebook: str
    is_here: bool
    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class QuestionDetail:
    """`confusions` are rows of cells, choices x choices; `weeks` from the first to the last with a figure. Of a camp no
    units are told."""

    row: QuestionAgreement
    confusions: tuple[tuple[Confusion, ...], ...]
    costly: tuple[CostlyUnit, ...]
    weeks: tuple[Week, ...]
    siblings: tuple[Sibling, ...]


def question_detail(round_: Round, code: str, phase: str, view: str, stratum: str = WHOLE) -> QuestionDetail:
    """Raises NotFound for a question, phase or view that the round does not count, and while scores are hidden."""
    rows = agreement_overview(round_, stratum, pairs_of=(code,))
    row = next((r for r in rows if (r.code, r.phase, r.view) == (code, phase, view)), None)
    if row is None:
        raise NotFound
    plan = plan_round(round_)[code]
    found = PatternCount.objects.filter(round=round_, question=code, phase=phase, stratum=stratum, article=None)
    patterns = {tuple(counts): n for counts, n in found.values_list("counts", "n_units")}
    whole, scale = plan.table_of(table_from_patterns(patterns, len(plan.choices)), view)
    share = costs(whole, scale, plan.level_of(view)) if len(whole.counts) else np.zeros(0)
    place = {"round": round_, "question": code, "phase": phase}
    return QuestionDetail(
        row=row,
        confusions=_confusions(plan.labels_of(view), observed_coincidences(whole)),
        costly=()
        if kind_of(stratum) == CAMP
        else _costly(plan, place, stratum, dict(zip(_patterns_of(patterns), share.tolist(), strict=True))),
        weeks=_weeks(AgreementScore.objects.filter(**place, view=view, coefficient=row.headline.coefficient)),
        siblings=_siblings(round_, row),
    )


def _patterns_of(patterns: Mapping[tuple[int, ...], int]) -> list[tuple[int, ...]]:
    """In the order of the rows of `table_from_patterns`, which collapsing does not change."""
    return [pattern for pattern, n in sorted(patterns.items()) if n and any(pattern)]


def _confusions(labels: tuple[str, ...], observed: np.ndarray) -> tuple[tuple[Confusion, ...], ...]:
    total = observed.sum()
    if not total:
        return ()
    expected = expected_coincidences(observed)
    return tuple(
        tuple(
            Confusion(one, other, float(observed[n, m] / total), float(expected[n, m] / total))
            for m, other in enumerate(labels)
        )
        for n, one in enumerate(labels)
    )


def _costly(
    plan: QuestionPlan, place: Mapping[str, object], stratum: str, share: Mapping[tuple[int, ...], float]
) -> tuple[CostlyUnit, ...]:
    """The units of the dearest patterns, oldest first: each look-up is by the pattern, whatever the round holds."""
    found: list[CostlyUnit] = []
    for pattern, cost in sorted(share.items(), key=lambda item: (-item[1], item[0])):
        if not cost > 0 or len(found) >= COSTLY:
            break
        units = UnitPattern.objects.filter(**place, counts=list(pattern))
        if stratum != WHOLE:
            units = units.filter(strata__contains=[stratum])
        answers = tuple((choice.label, n) for choice, n in zip(plan.choices, pattern, strict=True) if n)
        pks = units.order_by("unit_id").values_list("unit_id", flat=True)[: COSTLY - len(found)]
        found += [CostlyUnit(unit, answers, cost) for unit in pks]
    return tuple(found)


def _weeks(scores: Iterable[AgreementScore]) -> tuple[Week, ...]:
    """Change points count weeks with an interval only: without one, nobody knows how far a figure may be off."""
    found = sorted(
        (score for score in scores if score.stratum.startswith("week:") and score.n_pairable),
        key=lambda score: score.stratum,
    )
    weeks = [Week(s.stratum.removeprefix("week:"), s.value, s.low, s.high, s.n_pairable) for s in found]
    sure = [(n, week, _error(week)) for n, week in enumerate(weeks) if _error(week)]
    points = [Point(week.value or 0, error) for _, week, error in sure]
    changes = {sure[change.at][0]: change for change in change_points(points)}
    return tuple(
        Week(w.name, w.value, w.low, w.high, w.n, changes[n].before, changes[n].after) if n in changes else w
        for n, w in enumerate(weeks)
    )


def _error(week: Week) -> float:
    if week.value is None or week.low is None or week.high is None:
        return 0
    return (week.high - week.low) / CONFIDENCE_TO_ERROR


def _siblings(round_: Round, row: QuestionAgreement) -> tuple[Sibling, ...]:
    """Rounds of the project that ask a question of this code, oldest first; those that hide their scores are left
    out. One codebook version a round, so these are the versions, too."""
    scores = AgreementScore.objects.filter(
        round__project=round_.project_id, question=row.code, phase=row.phase, view=row.view, stratum=WHOLE,
        coefficient=row.headline.coefficient,
    ).select_related("round__codebook_version__codebook").order_by("round_id")[:50]  # fmt: skip
    return tuple(
        Sibling(
            score.round.name,
            f"{score.round.codebook_version.codebook.name} {score.round.codebook_version.n}",
            score.round_id == round_.pk,
            score.value,
            score.low,
            score.high,
            score.n_pairable,
        )
        for score in scores
        if score.round.shows_live_scores or score.round.state == "closed"
    )
