"""Agreement on who says something to whom: chains of attribution, outermost source first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

Chain = Sequence[Hashable]  # hops, outermost first; empty: the author's own voice


@dataclass(frozen=True)
class ChainAgreement:
    """Means over the `n` units with two chains or more of the share of pairs that are alike; None without such a unit.

    exact      all hops, in their order
    outermost  the first hop, where two empty chains are alike
    """

    n: int
    exact: float | None = None
    outermost: float | None = None


def chain_agreement(rows: Iterable[Sequence[Chain | None]]) -> ChainAgreement:
    """From a units x reviewers matrix of chains, None where a reviewer gave none."""
    units = [[tuple(chain) for chain in row if chain is not None] for row in rows]
    pairable = [chains for chains in units if len(chains) >= 2]
    if not pairable:
        return ChainAgreement(0)
    return ChainAgreement(
        len(pairable), _mean_share(pairable, lambda chain: chain), _mean_share(pairable, lambda chain: chain[:1])
    )


def _mean_share(
    units: Sequence[Sequence[tuple[Hashable, ...]]], part: Callable[[tuple[Hashable, ...]], object]
) -> float:
    total = 0.0
    for chains in units:
        parts = [part(chain) for chain in chains]
        alike = sum(parts.count(one) - 1 for one in parts)
        total += alike / (len(parts) * (len(parts) - 1))
    return total / len(units)
