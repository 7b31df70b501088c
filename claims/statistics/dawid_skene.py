"""Which choice is right and how each reviewer errs, together (Dawid and Skene 1979, Applied Statistics 28:20-28)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tables import Floats, Ints


@dataclass(frozen=True)
class Consensus:
    """posteriors   units x choices: how likely each choice is the right one; rows of units without labels are the prior
    marginals     choices: how common each choice is
    error_rates   reviewers x choices x choices: chance of the given answer (last) when the choice (middle) is right
    log_likelihood of the labels; iterations done; whether the last one changed less than the tolerance
    """

    posteriors: Floats
    marginals: Floats
    error_rates: Floats
    log_likelihood: float
    iterations: int
    converged: bool

    @property
    def competence(self) -> Floats:
        """reviewers: chance of giving the right choice, over the choices as common as they are."""
        correct: Floats = np.einsum("k,rkk->r", self.marginals, self.error_rates)
        return correct


def estimate_consensus(
    units: Ints,
    reviewers: Ints,
    values: Ints,
    size: int,
    *,
    smoothing: float = 0.0,
    most_iterations: int = 1000,
    tolerance: float = 1e-10,
) -> Consensus:
    """Expectation maximisation from the shares of the labels on each unit (their equation 3.1), in logarithms.

    One entry per label: unit, reviewer and choice as codes from 0; a reviewer may label a unit several times.
    `smoothing` is added to each cell of a reviewer's table, so that few labels do not rule a confusion out. Ends when
    the log-likelihood grows by less than `tolerance` of itself.
    """
    n_units, n_reviewers = int(units.max()) + 1, int(reviewers.max()) + 1
    given = reviewers * size + values
    shares = np.bincount(values * n_units + units, minlength=n_units * size).reshape(size, n_units).astype(np.float64)
    labels = shares.sum(axis=0)
    shares = np.where(labels > 0, shares / np.maximum(labels, 1), 1 / size)
    likelihood, done, converged = -np.inf, 0, False
    while done < most_iterations and not converged:
        marginals = shares.mean(axis=1)
        rates = _error_rates(units, given, shares, n_reviewers, smoothing)
        shares, newer = _posteriors(units, given, marginals, rates)
        converged = bool(newer - likelihood <= tolerance * abs(newer))
        likelihood, done = newer, done + 1
    return Consensus(shares.T, marginals, rates, likelihood, done, converged)


def _error_rates(units: Ints, given: Ints, shares: Floats, n_reviewers: int, smoothing: float) -> Floats:
    """reviewers x right choice x given choice. A reviewer who never met a choice gets an even line."""
    size = len(shares)
    seen = np.stack([np.bincount(given, weights=line[units], minlength=n_reviewers * size) for line in shares])
    rates = seen.reshape(size, n_reviewers, size).transpose(1, 0, 2) + smoothing
    total = rates.sum(axis=2, keepdims=True)
    return np.where(total > 0, rates / np.where(total > 0, total, 1), 1 / size)


def _posteriors(units: Ints, given: Ints, marginals: Floats, rates: Floats) -> tuple[Floats, float]:
    """choices x units (a line a choice keeps the sums over choices quick), and the log-likelihood of all labels."""
    size, n_units = len(marginals), int(units.max()) + 1
    with np.errstate(divide="ignore"):
        by_choice = np.log(rates).transpose(1, 0, 2).reshape(size, -1)
        joint = np.log(marginals)[:, None] + np.stack(
            [np.bincount(units, weights=line[given], minlength=n_units) for line in by_choice]
        )
    highest = joint.max(axis=0)
    joint -= highest
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint, float((np.log(total) + highest).sum())


def is_connected(units: Ints, reviewers: Ints) -> bool:
    """Whether every reviewer can be compared with every other through shared units. False: their rates are not
    comparable."""
    group = {code: code for code in np.unique(reviewers).tolist()}

    def root(code: int) -> int:
        while group[code] != code:
            group[code] = group[group[code]]
            code = group[code]
        return code

    first: dict[int, int] = {}
    for unit, reviewer in zip(units.tolist(), reviewers.tolist(), strict=True):
        group[root(reviewer)] = root(first.setdefault(unit, reviewer))
    return len({root(code) for code in group}) <= 1


LEAST_LABELS = 100  # for tables of confusions; with fewer, one figure a reviewer is all that the labels can tell


def fit_consensus(units: Ints, reviewers: Ints, values: Ints, size: int) -> Consensus | None:
    """The model that the labels can carry: one coin a reviewer below LEAST_LABELS labels, else tables of confusions
    with smoothing 1 / size. None where reviewers share no units with each other, directly or by others: their error
    rates are not comparable."""
    if not len(units) or not is_connected(units, reviewers):
        return None
    if len(units) < LEAST_LABELS:
        return estimate_one_coin(units, reviewers, values, size)
    return estimate_consensus(units, reviewers, values, size, smoothing=1 / size)


def estimate_one_coin(
    units: Ints,
    reviewers: Ints,
    values: Ints,
    size: int,
    *,
    most_iterations: int = 1000,
    tolerance: float = 1e-10,
) -> Consensus:
    """Like `estimate_consensus`, with one chance of being right for each reviewer and all mistakes alike.

    Each reviewer starts with one label right and one wrong added, so that nobody is held to be beyond mistakes. The
    choices are taken as equally common. Needs two choices or more.
    """
    n_units, n_reviewers = int(units.max()) + 1, int(reviewers.max()) + 1
    given = reviewers * size + values
    shares = np.bincount(values * n_units + units, minlength=n_units * size).reshape(size, n_units).astype(np.float64)
    shares /= np.maximum(shares.sum(axis=0), 1)
    labels = np.bincount(reviewers, minlength=n_reviewers)
    marginals = np.full(size, 1 / size)
    reached, done, converged = -np.inf, 0, False
    while done < most_iterations and not converged:
        right = (np.bincount(reviewers, weights=shares[values, units], minlength=n_reviewers) + 1) / (labels + 2)
        rates = np.where(np.eye(size, dtype=bool), right[:, None, None], ((1 - right) / (size - 1))[:, None, None])
        shares, likelihood = _posteriors(units, given, marginals, rates)
        objective = likelihood + float((np.log(right) + np.log(1 - right)).sum())  # what the added labels make it climb
        converged = bool(objective - reached <= tolerance * abs(objective))
        reached, done = objective, done + 1
    return Consensus(shares.T, marginals, rates, likelihood, done, converged)
