"""Which choice is right and how each reviewer errs, together (Dawid and Skene 1979, Applied Statistics 28:20-28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .tables import Floats, Ints, draw_names

if TYPE_CHECKING:
    from scipy import sparse


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


BLOCK = 8_192  # lines worked on at once: few enough to stay in the processor's cache


@dataclass(frozen=True)
class Block:
    """Some lines. `given` is lines x (reviewers * choices): how often a reviewer gave a choice (sparse); `weight` how
    many units stand in each line."""

    given: sparse.csr_array
    weight: Floats


@dataclass(frozen=True)
class Answers:
    """The labels, with units that got the same answers from the same reviewers in one line. `line` is that of each
    unit."""

    blocks: tuple[Block, ...]
    line: Ints
    n_reviewers: int
    size: int


@dataclass(frozen=True)
class Sums:
    """What one pass over the labels tells.

    seen    reviewers x right choice x given choice: labels, shared out by how likely each choice is the right one
    common  choices: units, shared out likewise
    """

    seen: Floats
    common: Floats
    log_likelihood: float


def read_answers(units: Ints, reviewers: Ints, values: Ints, size: int) -> Answers:
    """Units alike are found by a sum of random whole numbers, one an answer; that none met by chance is checked."""
    from scipy import sparse  # late: half a second of a start

    n_units, n_reviewers = int(units.max()) + 1, int(reviewers.max()) + 1
    shape = (n_units, n_reviewers * size)
    given = sparse.csr_array((np.ones(len(units)), (units, reviewers * size + values)), shape=shape)
    given.sum_duplicates()
    names = given @ draw_names(shape[1], n_units).astype(np.float64)
    _, first, line = np.unique(names, return_index=True, return_inverse=True)
    weight = np.bincount(line).astype(np.float64)
    if 2 * len(first) < n_units and _is_same(merged := given[first], given, line):
        given = merged
    else:
        weight, line = np.ones(n_units), np.arange(n_units)
    blocks = tuple(Block(given[at : at + BLOCK], weight[at : at + BLOCK]) for at in range(0, given.shape[0], BLOCK))
    return Answers(blocks, line.astype(np.int64), n_reviewers, size)


def _is_same(merged: sparse.csr_array, given: sparse.csr_array, line: Ints) -> bool:
    again = merged[line]
    return all(np.array_equal(getattr(again, part), getattr(given, part)) for part in ("indptr", "indices", "data"))


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
    answers = read_answers(units, reviewers, values, size)
    sums, likelihood, done, converged = _first_sums(answers), -np.inf, 0, False
    while done < most_iterations and not converged:
        marginals, rates = sums.common / sums.common.sum(), _error_rates(sums.seen, smoothing)
        sums = _sums(answers, marginals, rates)
        converged = bool(sums.log_likelihood - likelihood <= tolerance * abs(sums.log_likelihood))
        likelihood, done = sums.log_likelihood, done + 1
    return Consensus(_posteriors(answers, marginals, rates), marginals, rates, likelihood, done, converged)


def _error_rates(seen: Floats, smoothing: float) -> Floats:
    """reviewers x right choice x given choice. A reviewer who never met a choice gets an even line."""
    rates = seen + smoothing
    total = rates.sum(axis=2, keepdims=True)
    return np.where(total > 0, rates / np.where(total > 0, total, 1), 1 / rates.shape[2])


def _first_sums(answers: Answers) -> Sums:
    """As if the shares of the labels on each unit were the chances of its choices; even where there are none."""
    choice_of = np.tile(np.eye(answers.size), (answers.n_reviewers, 1))
    parts = []
    for block in answers.blocks:
        counts: Floats = block.given @ choice_of
        total = counts.sum(axis=1, keepdims=True)
        parts.append(_shared(answers, block, np.where(total > 0, counts / np.maximum(total, 1), 1 / answers.size)))
    return _added(parts)


def _sums(answers: Answers, marginals: Floats, rates: Floats) -> Sums:
    by_answer, by_choice = _logarithms(marginals, rates)
    parts = []
    for block in answers.blocks:
        shares, logs = _posteriors_of(block, by_answer, by_choice)
        parts.append(_shared(answers, block, shares, float(block.weight @ logs)))
    return _added(parts)


def _shared(answers: Answers, block: Block, shares: Floats, log_likelihood: float = 0.0) -> Sums:
    seen = block.given.T @ (block.weight[:, None] * shares)
    by_reviewer = seen.reshape(answers.n_reviewers, answers.size, answers.size).transpose(0, 2, 1)
    return Sums(by_reviewer, block.weight @ shares, log_likelihood)


def _added(parts: Sequence[Sums]) -> Sums:
    seen = np.sum([part.seen for part in parts], axis=0)
    common = np.sum([part.common for part in parts], axis=0)
    return Sums(seen, common, sum(part.log_likelihood for part in parts))


def _logarithms(marginals: Floats, rates: Floats) -> tuple[Floats, Floats]:
    """((reviewers * given choice) x right choice, choices)."""
    with np.errstate(divide="ignore"):
        return np.log(rates.transpose(0, 2, 1).reshape(-1, len(marginals))), np.log(marginals)


def _posteriors_of(block: Block, by_answer: Floats, by_choice: Floats) -> tuple[Floats, Floats]:
    """(lines x choices, log-likelihood of each line).

    Column by column: numpy takes many times as long for operations along a last axis of a few choices.
    """
    joint: Floats = block.given @ by_answer
    for column, share in zip(joint.T, by_choice, strict=True):
        np.add(column, share, out=column)
    highest = joint[:, 0].copy()
    for column in joint.T[1:]:
        np.maximum(highest, column, out=highest)
    for column in joint.T:
        np.subtract(column, highest, out=column)
    np.exp(joint, out=joint)
    total = joint @ np.ones(len(by_choice))
    for column in joint.T:
        np.divide(column, total, out=column)
    highest += np.log(total)
    return joint, highest


def _posteriors(answers: Answers, marginals: Floats, rates: Floats) -> Floats:
    """units x choices."""
    logarithms = _logarithms(marginals, rates)
    lines = np.concatenate([_posteriors_of(block, *logarithms)[0] for block in answers.blocks])
    return lines[answers.line]


def is_connected(units: Ints, reviewers: Ints) -> bool:
    """Whether every reviewer can be compared with every other through shared units. False: their rates are not
    comparable."""
    from scipy import sparse
    from scipy.sparse import csgraph

    people, place = np.unique(reviewers, return_inverse=True)
    size = len(people) + int(units.max(initial=-1)) + 1
    links = sparse.coo_array((np.ones(len(units), dtype=np.int8), (place, len(people) + units)), shape=(size, size))
    _, group = csgraph.connected_components(links, directed=False)
    return len(np.unique(group[: len(people)])) <= 1


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
    answers = read_answers(units, reviewers, values, size)
    labels = np.bincount(reviewers, minlength=answers.n_reviewers)
    marginals = np.full(size, 1 / size)
    sums, reached, done, converged = _first_sums(answers), -np.inf, 0, False
    while done < most_iterations and not converged:
        right = (np.einsum("rkk->r", sums.seen) + 1) / (labels + 2)
        rates = np.where(np.eye(size, dtype=bool), right[:, None, None], ((1 - right) / (size - 1))[:, None, None])
        sums = _sums(answers, marginals, rates)
        # the likelihood with the added labels: what climbs
        objective = sums.log_likelihood + float((np.log(right) + np.log(1 - right)).sum())
        converged = bool(objective - reached <= tolerance * abs(objective))
        reached, done = objective, done + 1
    posteriors = _posteriors(answers, marginals, rates)
    return Consensus(posteriors, marginals, rates, sums.log_likelihood, done, converged)
