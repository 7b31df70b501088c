"""What a unit's labels say without a model: shares of the choices, and the choice of most, where there is one."""

from __future__ import annotations

from .tables import Floats, LabelTable, Pattern


def soft_labels(pattern: Pattern) -> tuple[float, ...] | None:
    """The share of the labels that each choice got; None without a label."""
    labels = sum(pattern)
    return tuple(n / labels for n in pattern) if labels else None


def majority(pattern: Pattern, *, least_share: float = 0.5) -> int | None:
    """The choice that got more than `least_share` of the labels; None is "no agreement", a legal outcome.

    Ties never have a winner, whatever share is asked for.
    """
    most = max(pattern, default=0)
    if not most or most <= least_share * sum(pattern) or pattern.count(most) > 1:
        return None
    return pattern.index(most)


def specific_agreement(table: LabelTable) -> list[float | None]:
    """choices: of the pairs of labels on a unit with one such label, the share in which the other is the same.

    With two choices these are positive and negative agreement (Cicchetti and Feinstein 1990, J Clin Epidemiol
    43:551-558; several reviewers: Uebersax 1982). None for a choice that no pair has.
    """
    counts, others = table.counts, table.labels[:, None] - 1
    same: Floats = table.units @ (counts * (counts - 1))
    pairs: Floats = table.units @ (counts * others)
    return [float(a) / float(b) if b > 0 else None for a, b in zip(same, pairs, strict=True)]
