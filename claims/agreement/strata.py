"""Declared strata: the parts of a round whose agreement is kept beside the whole.

A unit belongs to the language and the outlet of its article, as they are written there now, and a question about it to
the ISO week (UTC) of its newest answer. A camp of the round's panel has the answers of those who sat in its places.
All of it follows from rows, so a recount finds the same strata.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from claims.models import Outlet, Round

WHOLE = "all"
CAMP = "camp"
KINDS = (CAMP, "language", "outlet", "week")

# In unit order, so that two workers with units in common wait for each other instead of for ever.
LOCK_UNITS = """
SELECT ru.unit_id, ru.is_control, u.article_id, a.language, a.outlet_id
FROM claims_roundunit ru JOIN claims_unit u ON u.id = ru.unit_id LEFT JOIN claims_article a ON a.id = u.article_id
WHERE ru.round_id = %s AND ru.unit_id = ANY(%s) ORDER BY ru.unit_id FOR UPDATE OF ru
"""
NAMES = """
SELECT DISTINCT stratum FROM claims_patterncount WHERE round_id = %s AND article_id IS NULL AND stratum <> 'all'
"""


@dataclass(frozen=True)
class Place:
    """A unit in the round, with the strata that follow from its article."""

    is_counted: bool
    article: int | None
    language: str | None
    outlet: int | None

    def strata(self, week: str) -> tuple[str, ...]:
        """In sorted order: the state of a unit is compared with its recount as it stands."""
        found = [f"week:{week}"]
        if self.article is not None:
            found += [f"language:{self.language}", f"outlet:{self.outlet or 'none'}"]
        return tuple(sorted(found))


def lock_units(round_: Round, units: Sequence[int]) -> dict[int, Place]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_UNITS, [round_.pk, list(units)])
        return {
            unit: Place(not is_control, article, language, outlet)
            for unit, is_control, article, language, outlet in cursor
        }


def articles_are_counted(stratum: str) -> bool:
    """A language or an outlet takes articles as a whole, so the articles of the whole round tell theirs."""
    return kind_of(stratum) not in ("language", "outlet")


def camp_stratum(camp: str) -> str:
    return f"{CAMP}:{camp}"


def kind_of(stratum: str) -> str:
    return stratum.partition(":")[0]


def article_rows(stratum: str) -> tuple[str, str, str | None]:
    """Which rows tell the stratum's articles: (their stratum, SQL condition on the article `a`, its parameter)."""
    kind, _, value = stratum.partition(":")
    if kind == "language":
        return WHOLE, "a.language = %s", value
    if kind == "outlet":
        return (WHOLE, "a.outlet_id IS NULL", None) if value == "none" else (WHOLE, "a.outlet_id = %s::bigint", value)
    return stratum, "true", None


@dataclass(frozen=True)
class Stratum:
    """A stratum with its words for people."""

    name: str
    kind: str
    title: str


def strata_of(round_: Round) -> list[Stratum]:
    """The whole round, then every stratum with a counted unit, by kind and title; weeks from the first on."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [round_.pk])
        names = [name for (name,) in cursor.fetchall()]
    titles = _outlet_names(names)
    found = [Stratum(name, kind_of(name), title_of(name, titles)) for name in names]
    found.sort(key=lambda s: (KINDS.index(s.kind), s.title))
    return [Stratum(WHOLE, WHOLE, "whole round"), *found]


def _outlet_names(names: Iterable[str]) -> Mapping[int, str]:
    pks = [int(name.partition(":")[2]) for name in names if kind_of(name) == "outlet" and not name.endswith(":none")]
    return dict(Outlet.objects.filter(pk__in=pks).values_list("pk", "name"))


def title_of(stratum: str, outlets: Mapping[int, str]) -> str:
    kind, _, value = stratum.partition(":")
    if kind == "outlet":
        return "no outlet" if value == "none" else outlets.get(int(value), value)
    if kind == "language" and value == "und":
        return "not known"
    return value
