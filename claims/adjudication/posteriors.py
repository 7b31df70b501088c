"""How likely each answer to a disputed question is, by the model that weighs reviewers by how they err."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from claims.adjudication.cards.reading import Column, read_panel
from claims.adjudication.disputes import Dispute, disputes
from claims.errors import Refused
from claims.models import Round
from claims.statistics.dawid_skene import fit_consensus

QUEUE = 1_000  # disputes that are put in order of their posterior; the most divided ones of more


@dataclass(frozen=True)
class Likely:
    """The likeliest choice, and how likely it is. It is shown beside the answers and decides nothing."""

    label: str
    posterior: float


Key = tuple[int, str]  # unit, question


def likely_answers(round_: Round, found: Sequence[Dispute]) -> dict[Key, Likely]:
    """For those disputes that the model can say anything about: reviewers are linked by common units, and the round is
    not too large for a page."""
    wanted = {(dispute.unit, dispute.question) for dispute in found}
    try:
        panel = read_panel(round_)
    except Refused:
        return {}
    answers: dict[Key, Likely] = {}
    for column in panel.columns:
        if any(question == column.plan.code for _, question in wanted):
            answers |= _of_column(column, wanted)
    return answers


def _of_column(column: Column, wanted: set[Key]) -> dict[Key, Likely]:
    ids, units = np.unique(column.units, return_inverse=True)
    people = np.unique(column.reviewers, return_inverse=True)[1]
    size = len(column.plan.codes)
    if size < 2:
        return {}
    model = fit_consensus(units.astype(np.int64), people.astype(np.int64), column.values, size)
    if model is None:
        return {}
    best = model.posteriors.argmax(axis=1)
    return {
        (unit, column.plan.code): Likely(column.plan.labels[best[n]], float(model.posteriors[n, best[n]]))
        for n, unit in enumerate(ids.tolist())
        if (unit, column.plan.code) in wanted
    }


def least_certain(
    round_: Round, question: str | None, *, settled: bool, limit: int
) -> tuple[list[Dispute], dict[Key, Likely]]:
    """Disputes whose likeliest answer is least likely first; those that the model says nothing about come last."""
    found = disputes(round_, question, settled=settled, limit=QUEUE)
    answers = likely_answers(round_, found)

    def place(dispute: Dispute) -> tuple[float, float, int, str]:
        likely = answers.get((dispute.unit, dispute.question))
        return (likely.posterior if likely else 2.0, -dispute.division, dispute.unit, dispute.question)

    return sorted(found, key=place)[:limit], answers
