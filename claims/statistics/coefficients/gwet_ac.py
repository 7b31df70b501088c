"""Gwet's AC1 (identity weights) and AC2 (others): Gwet (2008), Br J Math Stat Psychol 61:29-48; (2014), chapter 4."""

from __future__ import annotations

from claims.statistics.scales import Measure, Scale, weight_matrix
from claims.statistics.tables import Floats

from .chance_corrected import WEIGHT_WORDS, agreement_sums, choice_shares, corrected, observed_agreement
from .coefficient import Coefficient


def _estimate(totals: Floats, scale: Scale, weights: Measure) -> Floats:
    shares = choice_shares(totals)
    total_weight = float(weight_matrix(scale, weights).sum())
    chance = (shares * (1 - shares)).sum(axis=1) * (total_weight / (scale.size * (scale.size - 1)))
    return corrected(observed_agreement(totals), chance)


GWET_AC = Coefficient("Gwet's AC", WEIGHT_WORDS, agreement_sums, _estimate)
