"""How likely the leading answer of a unit is, where every reviewer is taken to be right equally often.

The one-coin model: a label is right with probability `a`, and a wrong one is any of the other K - 1 choices with the
same probability (the special case of Dawid and Skene 1979 that Zhang, Chen, Zhou and Jordan, "Spectral methods meet
EM", JMLR 17 (2016), section 2, call so). Two labels then agree with probability p = a^2 + (1 - a)^2 / (K - 1), which
gives `a` from the agreement that is observed; with equal priors the posterior follows from the counts alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from .tables import Pattern

# What is believed before there are labels: of five pairs four agree. It also keeps `a` below 1.
PRIOR_PAIRS, PRIOR_AGREEING = 5, 4


def accuracy_of(patterns: Iterable[tuple[Pattern, int]], n_choices: int) -> float:
    """`a` from (pattern, number of units with it); 1/K where people agree no more often than by chance."""
    pairs, agreeing = PRIOR_PAIRS, PRIOR_AGREEING
    for pattern, n_units in patterns:
        labels = sum(pattern)
        pairs += n_units * labels * (labels - 1) // 2
        agreeing += n_units * sum(n * (n - 1) for n in pattern) // 2
    p = agreeing / pairs
    excess = max(n_choices * p - 1, 0.0)
    return (1 + math.sqrt((n_choices - 1) * excess)) / n_choices


def posterior_of_leader(pattern: Pattern, accuracy: float) -> float:
    """Probability that the answer given most often is right; 1/K without labels."""
    if accuracy >= 1:
        raise ValueError("an accuracy of 1 leaves no doubt to compute")
    n_choices, most = len(pattern), max(pattern)
    odds = accuracy * (n_choices - 1) / (1 - accuracy)  # of one label for its choice, against any other
    return 1 / sum(odds ** (n - most) for n in pattern)
