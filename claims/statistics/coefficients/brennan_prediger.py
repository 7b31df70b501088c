"""Brennan-Prediger (1981, Educ Psychol Meas 41:687-699): chance is one over the number of declared choices.

The same figure is Bennett's S for two reviewers and Randolph's free-marginal kappa for a constant number of labels.
"""

from __future__ import annotations

import numpy as np

from claims.statistics.scales import Measure, Scale, weight_matrix
from claims.statistics.tables import Floats

from .chance_corrected import WEIGHT_WORDS, agreement_sums, corrected, observed_agreement
from .coefficient import Coefficient


def _estimate(totals: Floats, scale: Scale, weights: Measure) -> Floats:
    chance = float(weight_matrix(scale, weights).mean())
    return corrected(observed_agreement(totals), np.full(len(totals), chance))


BRENNAN_PREDIGER = Coefficient("Brennan-Prediger", WEIGHT_WORDS, agreement_sums, _estimate)
