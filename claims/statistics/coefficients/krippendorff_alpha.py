"""Krippendorff's alpha (2011, Computing Krippendorff's Alpha-Reliability): 1 - observed / expected disagreement.

Units with one label are left out. Any distance between choices can be given as a matrix (sets: `statistics.sets`).
"""

from __future__ import annotations

import numpy as np

from claims.statistics.scales import LEVELS, Measure, Scale, distance_matrix
from claims.statistics.tables import Floats, LabelTable

from .chance_corrected import divided, products_of_shares
from .coefficient import Coefficient


def _sums(table: LabelTable, scale: Scale, level: Measure) -> Floats:
    """rows x features: labels per choice, then what the unit adds to the observed disagreement.

    Ordinal distances are known only from all labels together, so there the pairs of choices are summed instead.
    """
    pairable = table.labels >= 2
    counts = np.where(pairable[:, None], table.counts, 0).astype(np.float64)
    others = np.maximum(table.labels - 1, 1).astype(np.float64)
    if isinstance(level, str) and level == "ordinal":
        pairs = counts[:, :, None] * (counts[:, None, :] - np.eye(scale.size)) / others[:, None, None]
        return np.column_stack([counts, pairs.reshape(len(counts), scale.size**2)])
    disagreement = (counts * (counts @ distance_matrix(scale, level))).sum(axis=1) / others
    return np.column_stack([counts, disagreement])


def _estimate(totals: Floats, scale: Scale, level: Measure) -> Floats:
    counts, rest = totals[:, : scale.size], totals[:, scale.size :]
    labels = counts.sum(axis=1)
    if isinstance(level, str) and level == "ordinal":
        observed, expected = _ordinal_disagreement(counts, rest)
    else:
        observed = rest[:, 0]
        expected = products_of_shares(counts, distance_matrix(scale, level), counts)
    ratio = divided(observed * (labels - 1), expected)
    alpha: Floats = 1 - ratio
    return alpha


def _ordinal_disagreement(counts: Floats, pairs: Floats) -> tuple[Floats, Floats]:
    """Ordinal distance is the squared difference of mid-ranks; here they are counted from their mean, half of all."""
    ranks = np.cumsum(counts, axis=1) - counts / 2 - counts.sum(axis=1, keepdims=True) / 2
    apart = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    observed = (pairs * apart.reshape(pairs.shape)).sum(axis=1)
    expected: Floats = 2 * counts.sum(axis=1) * (counts * ranks**2).sum(axis=1)
    return observed, expected


KRIPPENDORFF_ALPHA = Coefficient("Krippendorff's alpha", LEVELS, _sums, _estimate)
