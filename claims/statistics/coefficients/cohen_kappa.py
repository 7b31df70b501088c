"""Cohen's kappa (1960, Educ Psychol Meas 20:37-46) and weighted kappa (1968, Psychol Bull 70:213-220): two reviewers.

Only units that both labelled count.
"""

from __future__ import annotations

import numpy as np

from claims.statistics.scales import Measure, Scale, weight_matrix
from claims.statistics.tables import Floats, LabelTable

from .chance_corrected import WEIGHT_WORDS, corrected, divided, products_of_shares
from .coefficient import Coefficient


def _sums(table: LabelTable, scale: Scale, weights: Measure) -> Floats:
    """rows x choices squared: the cell of the two reviewers' table that the unit falls in."""
    answers = table.answers if table.answers is not None else np.zeros((0, 2), dtype=np.int64)
    answers = answers[:, (answers >= 0).any(axis=0)]
    both = np.flatnonzero((answers >= 0).all(axis=1))
    cells: Floats = np.zeros((len(answers), scale.size**2))
    cells[both, answers[both, 0] * scale.size + answers[both, 1]] = 1
    return cells


def _estimate(totals: Floats, scale: Scale, weights: Measure) -> Floats:
    matrix = weight_matrix(scale, weights)
    cells = totals.reshape(len(totals), scale.size, scale.size)
    units = totals.sum(axis=1)
    observed = divided((cells * matrix).sum(axis=(1, 2)), units)
    products = products_of_shares(cells.sum(axis=2), matrix, cells.sum(axis=1))
    return corrected(observed, divided(products, units**2))


COHEN_KAPPA = Coefficient("Cohen's kappa", WEIGHT_WORDS, _sums, _estimate, True, True)
