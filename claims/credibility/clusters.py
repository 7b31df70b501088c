"""Which claims are one and the same: those that people decided to be, and all that hang together by such decisions."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from claims.models import ClaimRelation

MOST = 10_000  # claims that one look gathers; more than that hang together by mistake


def same_claims(claims: Collection[int]) -> dict[int, int]:
    """Each of the claims, and every other that is the same as one of them -> the first claim of its cluster."""
    first = {claim: claim for claim in claims}
    frontier = set(claims)
    while frontier and len(first) < MOST:
        pairs = ClaimRelation.objects.filter(Q(left__in=frontier) | Q(right__in=frontier), relation="same")
        frontier = set()
        for left, right in pairs.values_list("left_id", "right_id"):
            frontier |= {claim for claim in (left, right) if claim not in first}
            low, high = sorted(_root(first, claim) for claim in (left, right))
            first[high] = low
    return {claim: _root(first, claim) for claim in first}


def _root(first: dict[int, int], claim: int) -> int:
    """The end of the chain; `first` learns of a claim that was not in it."""
    first.setdefault(claim, claim)
    while first[claim] != claim:
        claim = first[claim]
    return claim
