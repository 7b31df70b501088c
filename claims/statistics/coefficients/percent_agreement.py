"""Percent agreement: mean over units of the share of agreeing pairs (Gwet 2014, section 2.3).

Units count alike however many labels they have; the label-weighted mean that other tools print differs when labels
are missing. With weights, near misses count in part.
"""

from __future__ import annotations

from claims.statistics.scales import Measure, Scale
from claims.statistics.tables import Floats

from .chance_corrected import WEIGHT_WORDS, agreement_sums, observed_agreement
from .coefficient import Coefficient


def _estimate(totals: Floats, scale: Scale, weights: Measure) -> Floats:
    return observed_agreement(totals)


PERCENT_AGREEMENT = Coefficient("Percent agreement", WEIGHT_WORDS, agreement_sums, _estimate, lowest=0.0)
