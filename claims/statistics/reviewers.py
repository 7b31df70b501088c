"""How near one reviewer's labels are to those of the others on the same units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .quantiles import wilson_interval
from .scales import Measure, Scale, weight_matrix
from .tables import Floats, Ints

PANEL_WEIGHT = 20  # labels' worth of the panel's own figure mixed into everybody's
SHOWN_FROM = 30  # shared labels


@dataclass(frozen=True)
class PeerAgreement:
    """n labels on units that others labelled too, the `raw` agreement with them, and what it is drawn towards.

    `shrunk` = (n x raw + 20 x panel) / (n + 20), so that few labels neither praise nor blame; `low` and `high` are the
    Wilson interval of as many labels. All are None without a shared label.
    """

    n: int
    raw: float | None = None
    shrunk: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_shown(self) -> bool:
        """Whether there are enough shared labels to show the figure to people."""
        return self.n >= SHOWN_FROM


def label_agreement(units: Ints, values: Ints, scale: Scale, weights: Measure = "identity") -> Floats:
    """labels: for each, the mean agreement weight with the OTHER labels on its unit; nan where there are none.

    Identity weights give the share of others who chose the same; quadratic ones 1 - d squared / largest d squared.
    """
    n_units = int(units.max(initial=-1)) + 1
    counts = np.bincount(units * scale.size + values, minlength=n_units * scale.size).reshape(n_units, scale.size)
    matrix = weight_matrix(scale, weights)
    others = counts.sum(axis=1)[units] - 1
    agreeing = (counts @ matrix)[units, values] - matrix[values, values]
    agreement: Floats = np.full(len(units), np.nan)
    np.divide(agreeing, others, out=agreement, where=others > 0)
    return agreement


def agreement_without(units: Ints, agreement: Floats) -> Floats:
    """labels: the agreement of the OTHER labels on the unit among themselves: how hard the unit is without this label.

    `agreement` is that of `label_agreement`. Where there is only one other label, the mean over all units.
    """
    m = np.bincount(units)[units]
    pairs = np.bincount(units, weights=np.nan_to_num(agreement))[units] * (m - 1)  # ordered pairs of the unit
    rest: Floats = np.full(len(units), np.nanmean(agreement) if not np.isnan(agreement).all() else np.nan)
    np.divide(pairs - 2 * np.nan_to_num(agreement) * (m - 1), (m - 1) * (m - 2), out=rest, where=m > 2)
    return rest


def peer_agreement(
    units: Ints, reviewers: Ints, values: Ints, scale: Scale, weights: Measure = "identity"
) -> list[PeerAgreement]:
    """One line per reviewer code, from single labels of one question (codes from 0)."""
    return summarise_peers(reviewers, label_agreement(units, values, scale, weights))


def summarise_peers(reviewers: Ints, agreement: Floats) -> list[PeerAgreement]:
    """One line per reviewer code, from the agreement of each label with the others (of several questions, too)."""
    length = int(reviewers.max(initial=-1)) + 1
    shared = ~np.isnan(agreement)
    if not shared.any():
        return [PeerAgreement(0)] * length
    panel = float(agreement[shared].mean())
    numbers = np.bincount(reviewers[shared], minlength=length)
    totals = np.bincount(reviewers[shared], weights=agreement[shared], minlength=length)
    return [_peer(int(n), float(total), panel) for n, total in zip(numbers, totals, strict=True)]


def _peer(n: int, total: float, panel: float) -> PeerAgreement:
    if not n:
        return PeerAgreement(0)
    agreeing, labels = total + PANEL_WEIGHT * panel, n + PANEL_WEIGHT
    low, high = wilson_interval(agreeing, labels) or (None, None)
    return PeerAgreement(n, total / n, agreeing / labels, low, high)
