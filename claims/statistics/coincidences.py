"""Which choices are confused with which: pairs of labels on a unit, observed and as chance would make them.

After Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: each unit with m labels adds its
ordered pairs, each weighing 1 / (m - 1), so that every comparable label counts once.
"""

from __future__ import annotations

import numpy as np

from .scales import Scale, distance_matrix
from .tables import Floats, LabelTable


def observed_coincidences(table: LabelTable) -> Floats:
    """choices x choices: sums over units of pairs / (m - 1); its total is the number of comparable labels."""
    pairable = table.labels >= 2
    counts = table.counts[pairable].astype(np.float64)
    weight = table.units[pairable] / (table.labels[pairable] - 1)
    together: Floats = (counts * weight[:, None]).T @ counts - np.diag(weight @ counts)
    return together


def expected_coincidences(observed: Floats) -> Floats:
    """choices x choices: what the same labels would give, put together without regard to units."""
    totals = observed.sum(axis=1)
    labels = totals.sum()
    if labels < 2:
        return np.zeros_like(observed)
    expected: Floats = (np.outer(totals, totals) - np.diag(totals)) / (labels - 1)
    return expected


def distances(table: LabelTable, scale: Scale, level: str) -> Floats:
    """choices x choices: how far apart two choices are; ordinal distances follow from how often each was given."""
    if level != "ordinal":
        return distance_matrix(scale, level)
    totals = observed_coincidences(table).sum(axis=1)
    ranks = np.cumsum(totals) - totals / 2
    apart: Floats = (ranks[:, None] - ranks[None, :]) ** 2
    return apart


def costs(table: LabelTable, scale: Scale, level: str) -> Floats:
    """rows: the share of all observed disagreement that one unit of the row makes; nan where there is none."""
    counts, others = table.counts.astype(np.float64), np.maximum(table.labels - 1, 1)
    own = (counts * (counts @ distances(table, scale, level))).sum(axis=1) / others
    own[table.labels < 2] = 0
    total = float(own @ table.units)
    share: Floats = own / total if total else np.full(len(own), np.nan)
    return share
