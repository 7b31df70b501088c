"""What Gwet's family shares: weighted percent agreement and (observed - chance) / (1 - chance)."""

from __future__ import annotations

import numpy as np

from claims.statistics.scales import WEIGHTS, Measure, Scale, weight_matrix
from claims.statistics.tables import Floats, LabelTable

WEIGHT_WORDS = tuple(WEIGHTS)
MARGINALS = 3  # where the shares of the choices begin in a line of sums


def agreement_sums(table: LabelTable, scale: Scale, weights: Measure) -> Floats:
    """rows x (3 + choices): pairable unit, its share of agreeing pairs, labelled unit, its share of labels per choice.

    Gwet (2014), section 2.3 and 4.4: agreement is averaged over units with two labels or more, while the shares of
    the choices are averaged over all units with a label.
    """
    matrix = weight_matrix(scale, weights)
    counts, labels = table.counts.astype(np.float64), table.labels.astype(np.float64)
    pairable, labelled = labels >= 2, labels >= 1
    agreeing = (counts * (counts @ matrix)).sum(axis=1) - (counts * np.diag(matrix)).sum(axis=1)
    share = np.divide(agreeing, labels * (labels - 1), out=np.zeros_like(labels), where=pairable)
    marginals = counts / np.maximum(labels, 1)[:, None]
    return np.column_stack([pairable.astype(np.float64), share, labelled.astype(np.float64), marginals])


def observed_agreement(totals: Floats) -> Floats:
    """draws: mean share of agreeing pairs over pairable units, nan without any."""
    return divided(totals[:, 1], totals[:, 0])


def choice_shares(totals: Floats) -> Floats:
    """draws x choices: how often each choice is given, averaged over labelled units."""
    shares: Floats = totals[:, MARGINALS:] / np.maximum(totals[:, 2], 1)[:, None]
    return shares


def products_of_shares(one: Floats, matrix: Floats, other: Floats) -> Floats:
    """Sum over all pairs of choices of one's share x the matrix x the other's share, along the last axis."""
    products: Floats = ((one @ matrix) * other).sum(axis=-1)
    return products


def divided(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient of two lines of figures, nan where the denominator is 0."""
    quotient: Floats = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient


def corrected(observed: Floats, chance: Floats) -> Floats:
    """(observed - chance) / (1 - chance), nan where chance leaves no room: there all labels are one choice."""
    room = 1 - chance
    room[np.abs(room) < 1e-12] = 0  # shares are rounded, so that a chance of exactly 1 can miss 1 by a bit or two
    return divided(observed - chance, room)
