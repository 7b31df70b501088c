"""Panel -> Card: every figure of one reviewer's work, with how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from claims.adjudication.cards.reading import Column, Panel
from claims.models import Reviewer
from claims.statistics.dawid_skene import fit_consensus
from claims.statistics.drift import Step, cusum
from claims.statistics.leaning import Leaning, leaning, others_mean
from claims.statistics.pace import Pace, compare_pace
from claims.statistics.quantiles import wilson_interval
from claims.statistics.reviewers import SHOWN_FROM, PeerAgreement, agreement_without, summarise_peers
from claims.statistics.straight_lining import Runs, compare_runs, holm
from claims.statistics.tables import Floats, Ints
from claims.statistics.trend import Point

MODEL_LABELS = 30  # a unit, below which a reviewer's confusions are not estimated
LEAST_IN_WEEK = 5


@dataclass(frozen=True)
class Control:
    """Answers to control items, and the share of right ones with its Wilson interval."""

    n: int
    right: int
    low: float
    high: float


@dataclass(frozen=True)
class Confusions:
    """What the reviewer answers when each choice is right, as Dawid and Skene's model sees it."""

    question: str
    labels: tuple[str, ...]
    rates: tuple[tuple[float, ...], ...]
    competence: float
    n: int

    @property
    def lines(self) -> list[tuple[str, tuple[float, ...]]]:
        """One line a right choice, with how often each answer is given then."""
        return list(zip(self.labels, self.rates, strict=True))


@dataclass(frozen=True)
class Lean:
    """`choice` is given more (or less) often than by the others; empty: ranks on an ordered scale."""

    question: str
    choice: str
    found: Leaning


@dataclass(frozen=True)
class WeekStep:
    """Own agreement minus the panel's on the same units in one ISO week, and where its sums stand."""

    week: str
    n: int
    difference: float
    step: Step


@dataclass(frozen=True)
class Line:
    """Runs in one question, with the p value after Holm over the whole panel."""

    question: str
    runs: Runs
    p: float


@dataclass
class Card:
    reviewer: Reviewer
    peer: PeerAgreement
    panel: float | None  # mean agreement of all
    control: Control | None = None
    confusions: list[Confusions] = field(default_factory=list)
    not_modelled: str = ""
    leans: list[Lean] = field(default_factory=list)
    weeks: list[WeekStep] = field(default_factory=list)
    pace: Pace | None = None
    lines: list[Line] = field(default_factory=list)
    overrules: dict[str, int] = field(default_factory=dict)


def make_cards(panel: Panel, reviewers: dict[int, Reviewer]) -> dict[int, Card]:
    """Reviewer id -> card, for the whole panel at once: what is unusual depends on the others."""
    peers, mean = _peers(panel)
    cards = {pk: Card(reviewer, peers.get(pk, PeerAgreement(0)), mean) for pk, reviewer in reviewers.items()}
    paces = compare_pace(panel.times[:, 0].astype(np.int64), panel.times[:, 1], panel.times[:, 2])
    lines = _lines(panel)
    for pk, card in cards.items():
        n, right = panel.controls.get(pk, (0, 0))
        if interval := wilson_interval(right, n):
            card.control = Control(n, right, *interval)
        card.weeks = _weeks(panel, pk)
        card.leans = [lean for column in panel.columns for lean in _leans(column, pk)]
        card.pace, card.lines, card.overrules = paces.get(pk), lines.get(pk, []), panel.overrules.get(pk, {})
    _add_confusions(panel, cards)
    return cards


def _peers(panel: Panel) -> tuple[dict[int, PeerAgreement], float | None]:
    if not panel.columns:
        return {}, None
    ids, codes = np.unique(np.concatenate([column.reviewers for column in panel.columns]), return_inverse=True)
    agreement = np.concatenate([column.agreement for column in panel.columns])
    mean = float(np.nanmean(agreement)) if not np.isnan(agreement).all() else None
    return dict(zip(ids.tolist(), summarise_peers(codes, agreement), strict=True)), mean


def _weeks(panel: Panel, reviewer: int) -> list[WeekStep]:
    """A label counts with its agreement with the others, minus that of the others among themselves on that unit."""
    weeks: list[str] = []
    differences: list[Floats] = []
    for column in panel.columns:
        own = (column.reviewers == reviewer) & ~np.isnan(column.agreement)
        rest = agreement_without(column.unit_codes(), column.agreement)
        weeks += [column.weeks[n] for n in np.flatnonzero(own)]
        differences.append((column.agreement - rest)[own])
    apart = np.concatenate(differences) if differences else np.zeros(0)
    spread = float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
    if spread == 0:
        return []
    named = np.array(weeks)
    counted = [(week, apart[named == week]) for week in sorted(set(weeks))]
    counted = [(week, line) for week, line in counted if len(line) >= LEAST_IN_WEEK]
    points = [Point(float(line.mean()), spread / len(line) ** 0.5) for _, line in counted]
    return [
        WeekStep(week, len(line), float(line.mean()), step)
        for (week, line), step in zip(counted, cusum(points), strict=True)
    ]


def _leans(column: Column, reviewer: int) -> list[Lean]:
    """On an ordered scale the ranks, else each choice by itself; only where the interval leaves 0 out."""
    own, units = column.reviewers == reviewer, column.unit_codes()
    if column.plan.level != "nominal":
        measured = [("", column.values.astype(np.float64))]
    else:
        measured = [(label, (column.values == n).astype(np.float64)) for n, label in enumerate(column.plan.labels)]
    found = []
    for name, values in measured:
        others = others_mean(units, values)
        shared = own & ~np.isnan(others)
        lean = leaning(values[shared], others[shared])
        if lean is not None and lean.is_clear:
            found.append(Lean(column.plan.title, name, lean))
    return found


def _lines(panel: Panel) -> dict[int, list[Line]]:
    tested: list[tuple[int, str, Runs]] = []
    for column in panel.columns:
        for reviewer in np.unique(column.reviewers).tolist():
            runs = compare_runs(column.values[column.reviewers == reviewer], seed=reviewer)
            if runs is not None:
                tested.append((reviewer, column.plan.title, runs))
    found: dict[int, list[Line]] = {}
    for (reviewer, title, runs), p in zip(tested, holm([runs.p for _, _, runs in tested]), strict=True):
        found.setdefault(reviewer, []).append(Line(title, runs, p))
    return found


def _add_confusions(panel: Panel, cards: dict[int, Card]) -> None:
    """Only units with three labels, where the model can tell who errs, and reviewers with enough of them."""
    reasons: dict[int, str] = {}
    for column in panel.columns:
        kept = _with_three_labels(column)
        ids, codes = np.unique(column.reviewers[kept], return_inverse=True)
        if not len(ids):
            continue
        units = np.unique(column.units[kept], return_inverse=True)[1].astype(np.int64)
        size = len(column.plan.codes)
        found = fit_consensus(units, codes.astype(np.int64), column.values[kept], size)
        for code, pk in enumerate(ids.tolist()):
            n = int((codes == code).sum())
            if found is None:
                reasons[pk] = "Reviewers are not comparable: not all share units with each other, even by others."
            elif n >= MODEL_LABELS and pk in cards:
                rates = tuple(tuple(row) for row in found.error_rates[code].tolist())
                competence = float(found.competence[code])
                cards[pk].confusions.append(Confusions(column.plan.title, column.plan.labels, rates, competence, n))
    for pk, card in cards.items():
        few = f"Too few: {MODEL_LABELS} answers to a question are needed, on units that three people answered."
        card.not_modelled = "" if card.confusions else reasons.get(pk, few)


def _with_three_labels(column: Column) -> Ints:
    codes = column.unit_codes()
    kept: Ints = np.flatnonzero(np.bincount(codes)[codes] >= 3)
    return kept


def too_few(peer: PeerAgreement) -> str:
    return "" if peer.is_shown else f"Too few: {peer.n} of {SHOWN_FROM} labels shared with others."
