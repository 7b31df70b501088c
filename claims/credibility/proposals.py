"""Outlets that may be one publisher: proposed to a person, who merges them or says that they are two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import IntegrityError, transaction

from claims import audit
from claims.credibility.lookalikes import label_of, look_alike, near_keys
from claims.errors import NotFound
from claims.models import Outlet, OutletsApart, Project, User
from claims.permissions import check_can, check_not_archived

MOST = 200  # shown at once
MOST_OUTLETS = 20_000
MOST_A_KEY = 50  # outlets under one name: more says nothing about any of them
_TOLD_APART = re.compile(r"\s+(?:\([^()]*\.[^()]*\)|\d+)$")  # what an import adds to a name that is taken


@dataclass(frozen=True)
class Pair:
    """Two outlets and why they are shown together: `same_name`, `same_alias`, `name_is_domain` or `look_alike`."""

    kept: Outlet
    other: Outlet
    reason: str
    kept_domains: tuple[str, ...]
    other_domains: tuple[str, ...]


@dataclass(frozen=True)
class Proposals:
    """`merges` may be one publisher; `warnings` look alike, which is what an imitation does: these are not proposed."""

    merges: list[Pair]
    warnings: list[Pair]


def propose_merges(project: Project) -> Proposals:
    """Compare the outlets that stand for themselves; what a person kept apart is not shown again."""
    rows = Outlet.objects.in_project(project).filter(merged_into=None).prefetch_related("domains", "aliases")
    outlets = {row.pk: row for row in rows.order_by("pk")[:MOST_OUTLETS]}
    domains = {pk: tuple(sorted(d.domain for d in row.domains.all())) for pk, row in outlets.items()}
    apart = set(OutletsApart.objects.in_project(project).values_list("left", "right"))
    alike = _look_alikes(domains)
    merges: list[Pair] = []
    for (left, right), reason in _of_one_name(outlets, domains).items():
        if (left, right) not in apart and (left, right) not in alike:
            merges.append(Pair(outlets[left], outlets[right], reason, domains[left], domains[right]))
    warnings = [
        Pair(outlets[left], outlets[right], "look_alike", domains[left], domains[right])
        for left, right in sorted(alike)
        if (left, right) not in apart
    ]
    return Proposals(merges[:MOST], warnings[:MOST])


def keep_apart(one: Outlet, other: Outlet, *, by: User) -> None:
    """Say that two outlets are two publishers; they are not shown together again."""
    check_can("manage_outlets", by, one.project)
    check_not_archived(one.project)
    if one.project_id != other.project_id or one.pk == other.pk:
        raise NotFound
    left, right = sorted((one.pk, other.pk))
    try:
        with transaction.atomic():
            row = OutletsApart.objects.create(project=one.project, left_id=left, right_id=right, decided_by=by)
            audit.record("keep_outlets_apart", row, by=by, left=left, right=right)
    except IntegrityError:
        return  # said already


def _of_one_name(outlets: Mapping[int, Outlet], domains: Mapping[int, Sequence[str]]) -> dict[tuple[int, int], str]:
    """Pairs that are called the same, the older outlet first, with the strongest reason."""
    found: dict[tuple[int, int], str] = {}
    names = {pk: {folded_name(row.name)} for pk, row in outlets.items()}
    aliases = {pk: names[pk] | {folded_name(a.name) for a in row.aliases.all()} for pk, row in outlets.items()}
    labels = {pk: names[pk] | {folded_name(label_of(d)) for d in domains[pk]} for pk in outlets}
    for reason, keys in (("same_name", names), ("same_alias", aliases), ("name_is_domain", labels)):
        for pair in _sharing(keys):
            found.setdefault(pair, reason)
    return found


def _look_alikes(domains: Mapping[int, Sequence[str]]) -> set[tuple[int, int]]:
    near = {pk: set().union(*(near_keys(label_of(d)) for d in own)) for pk, own in domains.items() if own}
    return {
        (left, right)
        for left, right in _sharing(near)
        if any(look_alike(one, other) for one in domains[left] for other in domains[right])
    }


def _sharing(keys: Mapping[int, Iterable[str]]) -> list[tuple[int, int]]:
    """Pairs of outlets, the older first, that have a key in common."""
    holders: dict[str, list[int]] = {}
    for pk, own in keys.items():
        for key in own:
            if key:
                holders.setdefault(key, []).append(pk)
    pairs = {pair for held in holders.values() if len(held) <= MOST_A_KEY for pair in combinations(sorted(held), 2)}
    return sorted(pairs)


def folded_name(name: str) -> str:
    """Return one spelling of a name: no article, no ending of a site, no case, spaces or signs."""
    plain = unicodedata.normalize("NFKC", _TOLD_APART.sub("", name)).casefold().strip()
    plain = re.sub(r"^(?:the|www\.)\s*", "", plain)
    plain = re.sub(r"\.(?:com|org|net|news|co\.uk|[a-z]{2})$", "", plain)
    return "".join(c for c in plain if c.isalnum())
