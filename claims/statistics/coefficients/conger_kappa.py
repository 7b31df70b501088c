"""Conger's kappa (1980, Psychol Bull 88:322-328): Cohen's for any number of reviewers (with missing labels and weights,
Gwet 2014, section 4.5). Chance is taken from each reviewer's own shares of the choices.
"""

from __future__ import annotations

import numpy as np

from claims.statistics.scales import Measure, Scale, weight_matrix
from claims.statistics.tables import Floats, LabelTable

from .chance_corrected import WEIGHT_WORDS, agreement_sums, corrected, observed_agreement, products_of_shares
from .coefficient import Coefficient


def _sums(table: LabelTable, scale: Scale, weights: Measure) -> Floats:
    """rows x (2 + reviewers x choices): pairable unit, its share of agreeing pairs, who gave which choice."""
    answers = table.answers if table.answers is not None else np.zeros((len(table.units), 0), dtype=np.int64)
    given = (answers[:, :, None] == np.arange(scale.size)).reshape(len(answers), -1)
    return np.column_stack([agreement_sums(table, scale, weights)[:, :2], given.astype(np.float64)])


def _estimate(totals: Floats, scale: Scale, weights: Measure) -> Floats:
    by_reviewer = totals[:, 2:].reshape(len(totals), -1, scale.size)
    labels = by_reviewer.sum(axis=2, keepdims=True)
    shares = by_reviewer / np.maximum(labels, 1)
    matrix = weight_matrix(scale, weights)
    reviewers = (labels[:, :, 0] > 0).sum(axis=1).astype(np.float64)
    together = shares.sum(axis=1)
    with_all = products_of_shares(together, matrix, together)
    with_self = products_of_shares(shares, matrix, shares).sum(axis=1)
    pairs = reviewers * (reviewers - 1)
    chance = np.divide(with_all - with_self, pairs, out=np.full(len(totals), np.nan), where=pairs > 0)
    return corrected(observed_agreement(totals), chance)


CONGER_KAPPA = Coefficient("Conger's kappa", WEIGHT_WORDS, _sums, _estimate, needs_reviewers=True)
