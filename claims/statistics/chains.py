"""Agreement on who says something, over whom: chains of sources, the original speaker first.

The last hop is the outermost source, nearest to the article's own words: of nested attributions it is the one that
PolNeAR annotates (Newell, Margolin and Ruths 2018, An Attribution Relations Corpus for Political News, LREC).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Chain = Sequence[Hashable]  # hops, the original speaker first; empty: the author's own voice


@dataclass(frozen=True)
class ChainShares:
    """Of the pairs of people who gave a chain to one unit, the shares that are alike.

    exact      all hops, in their order
    outermost  the last hop, where two empty chains are alike
    """

    exact: float
    outermost: float


def chain_shares(chains: Sequence[Chain]) -> ChainShares | None:
    """Of one unit, a chain a person; None with fewer than two, as there is no pair."""
    if len(chains) < 2:
        return None
    whole = [tuple(chain) for chain in chains]
    return ChainShares(_share_alike(whole), _share_alike([chain[-1:] for chain in whole]))


def _share_alike(parts: Sequence[tuple[Hashable, ...]]) -> float:
    alike = sum(n * (n - 1) for n in Counter(parts).values())
    return alike / (len(parts) * (len(parts) - 1))
