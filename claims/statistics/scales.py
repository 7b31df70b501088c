"""What a question's choices are worth to each other: distances for alpha, agreement weights for the kappa family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .tables import Floats

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Scale:
    """The declared choices of a question, in their declared order, used or not.

    `values` are their numbers, where they have any; interval and ratio distances need them.
    """

    size: int
    values: tuple[float, ...] | None = None


Measure = str | Floats  # the word of a level or of weights, or a matrix of its own


def distance_matrix(scale: Scale, level: Measure) -> Floats:
    """choices x choices: squared difference for nominal, interval and ratio data (Krippendorff 2011, section C-D).

    Ordinal distances depend on the labels themselves; see `krippendorff_alpha`. A matrix is returned as given.
    """
    if not isinstance(level, str):
        return np.asarray(level, dtype=np.float64)
    if level == "nominal":
        return 1.0 - np.eye(scale.size)
    if level not in ("interval", "ratio"):
        raise ValueError(f'There is no fixed distance for the level "{level}"; known are nominal, interval and ratio.')
    if scale.values is None:
        raise ValueError(f'The level "{level}" needs a number for every choice; declare them or use ordinal.')
    numbers = np.array(scale.values, dtype=np.float64)
    apart: Floats = numbers[:, None] - numbers
    if level == "ratio":
        together = numbers[:, None] + numbers
        apart = np.divide(apart, together, out=np.zeros_like(apart), where=together != 0)
    squared: Floats = apart**2
    return squared


def _ordinal_weights(apart: Floats) -> Floats:
    """1 - pairs of ranks between two choices over pairs of all ranks (Gwet 2014, section 3.5)."""
    between = (apart + 1) * apart / 2
    weights: Floats = 1 - between / between.max()
    return weights


# Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapter 3; over the ranks 1..q of the declared choices.
WEIGHTS: dict[str, Callable[[Floats], Floats]] = {
    "identity": lambda apart: (apart == 0).astype(np.float64),
    "linear": lambda apart: 1 - apart / apart.max(),
    "quadratic": lambda apart: 1 - (apart / apart.max()) ** 2,
    "ordinal": _ordinal_weights,
    "radical": lambda apart: 1 - np.sqrt(apart / apart.max()),
}


def weight_matrix(scale: Scale, weights: Measure) -> Floats:
    """choices x choices: 1 on the diagonal, less the further two choices are apart. A matrix is returned as given."""
    if not isinstance(weights, str):
        return np.asarray(weights, dtype=np.float64)
    if weights not in WEIGHTS:
        raise ValueError(f'There are no weights "{weights}"; known are {", ".join(WEIGHTS)}.')
    if scale.size < 2:
        return np.ones((scale.size, scale.size))
    ranks = np.arange(scale.size, dtype=np.float64)
    return WEIGHTS[weights](np.abs(ranks[:, None] - ranks))


def weights_from_disagreement(disagreement: Sequence[Sequence[float]]) -> Floats:
    """Cohen's (1968) table of how bad each confusion is, as agreement weights; kappa does not change with its unit."""
    table = np.array(disagreement, dtype=np.float64)
    weights: Floats = 1 - table / table.max()
    return weights
