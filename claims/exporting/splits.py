"""Sharing the units of a release out to train, validation and test so that none leaks into another. Plain Python.

Units that share what they are grouped by form one group, directly or by others, and a group goes to one split: the one
that lacks most of what the group holds, the largest groups first, groups of one size in the order of a seeded hash.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from claims.exporting.selecting import SplitPlan


class Member(NamedTuple):
    """A unit and what it has in common with others. `copies` names a cluster of articles of nearly the same text."""

    unit: int
    article: int | None
    copies: int | None
    claim: int | None
    outlet: int | None
    day: str | None
    stratum: str | None


class Place(NamedTuple):
    """Where a unit went; no split: its day is not known, and the plan is by time. `group` is its first unit."""

    split: str | None
    group: int


def share_out(members: Sequence[Member], plan: SplitPlan) -> dict[int, Place]:
    if "time" in plan.by:
        return _by_time(members, plan)
    groups = _groups(members, plan.by)
    return {member.unit: Place(split, group[0].unit) for group, split in _assigned(groups, plan) for member in group}


def _keys(member: Member, by: Iterable[str]) -> Iterable[Hashable]:
    for name in by:
        if name == "article" and member.copies is not None:
            yield "copies", member.copies
        elif (value := getattr(member, name)) is not None:
            yield name, value


def _groups(members: Sequence[Member], by: Sequence[str]) -> list[list[Member]]:
    """Connected by a key in common; each in order of its units."""
    above = list(range(len(members)))

    def top(n: int) -> int:
        while above[n] != n:
            above[n] = above[above[n]]
            n = above[n]
        return n

    first: dict[Hashable, int] = {}
    for n, member in enumerate(members):
        for key in _keys(member, by):
            above[top(n)] = top(first.setdefault(key, n))
    groups: dict[int, list[Member]] = defaultdict(list)
    for n, member in enumerate(members):
        groups[top(n)].append(member)
    return [sorted(group) for group in groups.values()]


def _assigned(groups: list[list[Member]], plan: SplitPlan) -> Iterable[tuple[list[Member], str]]:
    total = Counter(member.stratum for group in groups for member in group)
    parts = sum(plan.shares.values())
    wanted = {split: {stratum: n * part / parts for stratum, n in total.items()} for split, part in plan.shares.items()}
    given = {split: Counter[str | None]() for split in plan.shares}
    for group in sorted(groups, key=lambda group: (-len(group), _hash(plan.seed, group[0].unit))):
        held = Counter(member.stratum for member in group)

        def lack(split: str, held: Counter[str | None] = held) -> float:
            return sum(n * (1 - given[split][stratum] / wanted[split][stratum]) for stratum, n in held.items())

        chosen = max(plan.shares, key=lack)  # of equal ones the first
        given[chosen].update(held)
        yield group, chosen


def _hash(seed: int, unit: int) -> bytes:
    return hashlib.sha256(f"{seed}:{unit}".encode()).digest()


def _by_time(members: Sequence[Member], plan: SplitPlan) -> dict[int, Place]:
    """The units of a day stay together; a day goes where the middle of its units falls."""
    days: dict[str, list[int]] = defaultdict(list)
    for member in members:
        if member.day is not None:
            days[member.day].append(member.unit)
    n_dated, parts = sum(map(len, days.values())), sum(plan.shares.values())
    places = {member.unit: Place(None, member.unit) for member in members}
    before = 0
    for day in sorted(days):
        middle = (before + len(days[day]) / 2) / n_dated
        before += len(days[day])
        split = _at(plan, middle * parts)
        places |= {unit: Place(split, min(days[day])) for unit in days[day]}
    return places


def _at(plan: SplitPlan, part: float) -> str:
    reached = 0
    for split, share in plan.shares.items():
        reached += share
        if part < reached:
            return split
    return split


def shared(members: Sequence[Member], places: dict[int, Place]) -> dict[str, int]:
    """How many articles, clusters of copies, claims and outlets have units in more than one split."""
    found = {}
    for name in ("article", "copies", "claim", "outlet"):
        splits: dict[int, set[str]] = defaultdict(set)
        for member in members:
            value, split = getattr(member, name), places[member.unit].split
            if value is not None and split is not None:
                splits[value].add(split)
        found[name] = sum(len(of) > 1 for of in splits.values())
    return found
