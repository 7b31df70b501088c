"""Agreement on one choice at a time."""

from __future__ import annotations

from .tables import Floats, LabelTable


def specific_agreement(table: LabelTable) -> list[float | None]:
    """choices: of the pairs of labels on a unit with one such label, the share in which the other is the same.

    With two choices these are positive and negative agreement (Cicchetti and Feinstein 1990, J Clin Epidemiol
    43:551-558; several reviewers: Uebersax 1982). None for a choice that no pair has.
    """
    counts, others = table.counts, table.labels[:, None] - 1
    same: Floats = table.units @ (counts * (counts - 1))
    pairs: Floats = table.units @ (counts * others)
    return [float(a) / float(b) if b > 0 else None for a, b in zip(same, pairs, strict=True)]
