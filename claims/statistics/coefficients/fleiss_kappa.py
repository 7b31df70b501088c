"""Fleiss' kappa (1971, Psychol Bull 76:378-382), for any number of labels a unit and weights (Gwet 2014, section 4.4).

With two reviewers it is Scott's pi (1955, Public Opin Q 19:321-325), kept under both names.
"""

from __future__ import annotations

from claims.statistics.scales import Measure, Scale, weight_matrix
from claims.statistics.tables import Floats

from .chance_corrected import (
    WEIGHT_WORDS,
    agreement_sums,
    choice_shares,
    corrected,
    observed_agreement,
    products_of_shares,
)
from .coefficient import Coefficient


def _estimate(totals: Floats, scale: Scale, weights: Measure) -> Floats:
    shares = choice_shares(totals)
    chance = products_of_shares(shares, weight_matrix(scale, weights), shares)
    return corrected(observed_agreement(totals), chance)


FLEISS_KAPPA = Coefficient("Fleiss' kappa", WEIGHT_WORDS, agreement_sums, _estimate)
SCOTT_PI = Coefficient("Scott's pi", WEIGHT_WORDS, agreement_sums, _estimate, True, True)
