"""One number for an outlet, where a project switched it on: the weighted share of the criteria that it meets.

Not applicable and insufficient evidence leave the denominator; coverage says how much of it is left. The range says
what the number would be if everything that is not known were failed, or met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from claims.credibility.criteria import VOTES, Observation, newest_formula, observations_of, settled_of
from claims.models import Outlet, ScoreFormula
from claims.models.formula import CRITERIA

FORMULA = "criteria-1"  # version of the arithmetic; a project's weights have a version of their own
LEAST_COVERAGE = 0.5  # of the weight that applies; under it no number is printed


@dataclass(frozen=True)
class Component:
    """One criterion. `share` (0 failed to 1 met) is None where `state` says why it is left out.

    `basis` is settled or reviewers; `camps` the mean of each camp where camps are declared.
    """

    criterion: str
    title: str
    weight: float
    state: str  # met, failed, divided, not_applicable, insufficient_evidence
    share: float | None
    basis: str
    reviewers: int
    agreement: float | None  # share of pairs of people who gave the same answer; None under two
    camps: Mapping[str, float]
    observations: Sequence[Observation]

    @property
    def points(self) -> float | None:
        return None if self.share is None else self.share * self.weight


@dataclass(frozen=True)
class Composite:
    """0 to 100. `coverage` is the share of the weight that applies and is known; `reason` why there is no value."""

    formula: ScoreFormula
    components: Sequence[Component]
    value: float | None
    low: float | None
    high: float | None
    coverage: float
    reason: str = ""


def composite_of(outlet: Outlet) -> Composite | None:
    """The outlet's composite by the formula that stands; None where the project has none or switched it off."""
    formula = newest_formula(outlet.project)
    if formula is None or not formula.is_on:
        return None
    observed, settled = observations_of(outlet), settled_of(outlet)
    components = [
        component(criterion, weight, observed.get(criterion, ()), settled.get(criterion, ""), formula.camps)
        for criterion in CRITERIA
        if (weight := float(formula.weights.get(criterion, 0))) > 0
    ]
    return add_up(formula, components, is_confirmed=outlet.confirmed_at is not None)


def add_up(formula: ScoreFormula, components: Sequence[Component], *, is_confirmed: bool = True) -> Composite:
    """The weighted mean of what is known, 0 to 100, with its range under everything that is not."""
    applies = [each for each in components if each.state != "not_applicable"]
    whole = sum(each.weight for each in applies)
    known = sum(each.weight for each in applies if each.share is not None)
    points = sum(each.points or 0.0 for each in applies)
    coverage = known / whole if whole else 0.0
    if not is_confirmed:
        return Composite(formula, components, None, None, None, coverage, "outlet_not_confirmed")
    if not known:
        return Composite(formula, components, None, None, None, coverage, "no_observations")
    if coverage < LEAST_COVERAGE:
        return Composite(formula, components, None, None, None, coverage, "coverage_too_low")
    low, high = 100 * points / whole, 100 * (points + whole - known) / whole
    return Composite(formula, components, 100 * points / known, low, high, coverage)


def component(
    criterion: str, weight: float, observed: Sequence[Observation], settled: str, camps: Mapping[str, str]
) -> Component:
    """What is known about one criterion: what was settled, else the mean of the camps, else of the people."""
    votes = [row for row in observed if row.counts]
    means = camp_means(votes, camps)
    basis = "reviewers"
    share = sum(means.values()) / len(means) if means else None
    if settled in VOTES and any(row.answer == settled for row in votes):
        share, basis = VOTES[settled], "settled"
    elif settled in ("not_applicable", "insufficient_evidence"):
        share, basis = None, "settled"
    state = _state(share, settled, observed)
    shown = {camp: mean for camp, mean in means.items() if camp}
    return Component(
        criterion=criterion,
        title=CRITERIA[criterion][0],
        weight=weight,
        state=state,
        share=share,
        basis=basis,
        reviewers=len({row.reviewer for row in votes}),
        agreement=agreement_of([row.answer for row in observed]),
        camps=shown,
        observations=observed,
    )


def camp_means(votes: Sequence[Observation], camps: Mapping[str, str]) -> dict[str, float]:
    """Camp -> its mean. With camps declared, people without one are left out; without, all are one camp ("")."""
    by_camp: dict[str, list[float]] = defaultdict(list)
    for row in votes:
        camp = camps.get(str(row.reviewer), "")
        if camp or not camps:
            by_camp[camp].append(VOTES[row.answer])
    return {camp: sum(found) / len(found) for camp, found in sorted(by_camp.items())}


def agreement_of(answers: Sequence[str]) -> float | None:
    """The share of pairs that are the same; None under two answers."""
    pairs = list(combinations(answers, 2))
    return sum(first == second for first, second in pairs) / len(pairs) if pairs else None


def _state(share: float | None, settled: str, observed: Sequence[Observation]) -> str:
    if share is not None:
        return {1.0: "met", 0.0: "failed"}.get(share, "divided")
    answers = {row.answer for row in observed}
    if settled == "not_applicable" or (not settled and answers == {"not_applicable"}):
        return "not_applicable"
    return "insufficient_evidence"
