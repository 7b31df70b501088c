"""What differs between two releases of a project: labels by question, settled values that moved, what the newsroom's
desk published, codebooks, and why.

Both are read as of their own seals and selections. Reviewers have other pseudonyms in each, so labels are compared by
who gave them, and only counts leave this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from claims.errors import Refused
from claims.exporting import sources
from claims.exporting.desk import DESK_CHECKS
from claims.exporting.editions import made_with_of
from claims.exporting.records import TABLES, parsed
from claims.exporting.scope import Params, scope_of
from claims.exporting.streaming import Row, stream
from claims.models import Release, User
from claims.permissions import check_can_download

MOST_MOVED = 1_000
PARAMETER = re.compile(r"%\((\w+)\)s")


def _side(name: str, query: str) -> str:
    """The query with the parameters of one of the two releases."""
    return PARAMETER.sub(rf"%({name}_\1)s", query)


LABELS = f"""
SELECT question, count(*) FILTER (WHERE o.reviewer IS NULL), count(*) FILTER (WHERE n.reviewer IS NULL),
       count(*) FILTER (WHERE o.value IS DISTINCT FROM n.value OR o.missing IS DISTINCT FROM n.missing)
       - count(*) FILTER (WHERE o.reviewer IS NULL OR n.reviewer IS NULL), count(*)
FROM ({_side("older", sources.ANSWERS)}) o FULL JOIN ({_side("newer", sources.ANSWERS)}) n
     USING (round_id, unit_id, question, reviewer, phase)
GROUP BY 1 ORDER BY question COLLATE "C"
"""  # noqa: S608

MOVED = f"""
SELECT round_id, unit_id, question, o.outcome, o.value, n.outcome, n.value, n.method, n.reason_code, n.rationale,
       count(*) OVER ()
FROM ({_side("older", sources.SETTLED)}) o JOIN ({_side("newer", sources.SETTLED)}) n
     USING (round_id, unit_id, question)
WHERE (o.outcome, o.value, o.missing) IS DISTINCT FROM (n.outcome, n.value, n.missing)
ORDER BY round_id, unit_id, question COLLATE "C" LIMIT {MOST_MOVED}
"""  # noqa: S608
SETTLED_COUNTS = f"""
SELECT count(*) FILTER (WHERE o.outcome IS NULL), count(*) FILTER (WHERE n.outcome IS NULL)
FROM ({_side("older", sources.SETTLED)}) o FULL JOIN ({_side("newer", sources.SETTLED)}) n
     USING (round_id, unit_id, question)
"""  # noqa: S608
# Checks are told by their id; of one with another verdict, other words or another link, both verdicts are shown.
_TOLD = "claim_id, value, text, rationale, link"
CHECKS = f"""
SELECT coalesce(o.id, n.id), coalesce(n.claim_id, o.claim_id), o.value, n.value, n.rationale,
       count(*) FILTER (WHERE o.id IS NULL) OVER (), count(*) FILTER (WHERE n.id IS NULL) OVER (), count(*) OVER ()
FROM (SELECT id, {_TOLD} FROM ({_side("older", DESK_CHECKS)}) x) o
FULL JOIN (SELECT id, {_TOLD} FROM ({_side("newer", DESK_CHECKS)}) x) n ON n.id = o.id
WHERE o IS DISTINCT FROM n ORDER BY 1 LIMIT {MOST_MOVED}
"""  # noqa: S608


def compare_releases(older: Release, newer: Release, *, by: User) -> dict[str, Any]:
    """What `differences` gives. Raises Refused `other_project` and `same_release`, and what downloading refuses."""
    check_can_download(by, older)
    check_can_download(by, newer)
    if older.project_id != newer.project_id:
        raise Refused("other_project", "Releases of two projects are not compared: they share no units.")
    if older.pk == newer.pk:
        raise Refused("same_release", f"Both are release {newer.number}. Choose two that differ.")
    return differences(*sorted((older, newer), key=lambda release: release.number))


def differences(older: Release, newer: Release) -> dict[str, Any]:
    """{"older", "newer": numbers, "labels": [{question, added, removed, changed, same}], "settled": {added, removed,
    moved: number, values: the first MOST_MOVED that moved}, "desk": {added, removed, changed: number, values: the first
    MOST_MOVED of them} or None when one of the two is from before there was such a table, "codebooks", "withheld":
    added and removed, "errata"}."""
    sides = {"older": _comparable(older), "newer": _comparable(newer)}
    params = {f"{side}_{name}": value for side, given in sides.items() for name, value in given.items()}
    labels = [
        {"question": question, "added": added, "removed": removed, "changed": changed}
        | {"same": total - added - removed - changed}
        for question, added, removed, changed, total in stream(LABELS, params)
    ]
    [(added, removed)] = stream(SETTLED_COUNTS, params)
    moved = list(stream(MOVED, params))
    return {
        "older": older.number,
        "newer": newer.number,
        "labels": labels,
        "settled": {
            "added": added,
            "removed": removed,
            "moved": moved[0][-1] if moved else 0,
            "values": [_moved(row) for row in moved],
        },
        "desk": _checks(params) if _has_desk(older) and _has_desk(newer) else None,
        "codebooks": _two_sided({side: _codebooks(given) for side, given in sides.items()}),
        "withheld": _two_sided({side: _withheld(given) for side, given in (("older", older), ("newer", newer))}),
        "errata": newer.errata,
    }


def _comparable(release: Release) -> Params:
    """The scope, with reviewers under one name in both."""
    scope = scope_of(release)
    return scope | {"names": [str(reviewer) for reviewer in scope["reviewers"]], "places": None, "split_plan": None}


def _moved(row: Row) -> dict[str, Any]:
    round_, unit, question, old_outcome, old_value, outcome, value, method, reason, rationale, _ = row
    return {
        "round": round_,
        "unit": unit,
        "question": question,
        "before": {"outcome": old_outcome, "value": parsed(old_value)},
        "after": {"outcome": outcome, "value": parsed(value)},
        "method": method,
        "reason_code": reason,
        "rationale": rationale,
    }


def _has_desk(release: Release) -> bool:
    edition: int = made_with_of(release)["edition"]
    return edition >= TABLES["desk"].since


def _checks(params: Params) -> dict[str, Any]:
    rows = list(stream(CHECKS, params))
    added, removed, total = rows[0][-3:] if rows else (0, 0, 0)
    values = [
        {"check": check, "claim": claim, "before": before, "after": after, "rationale": rationale}
        for check, claim, before, after, rationale, *_ in rows
    ]
    return {"added": added, "removed": removed, "changed": total - added - removed, "values": values}


def _codebooks(params: Params) -> set[str]:
    return {f"{slug}, version {n}" for _, slug, n, *_ in stream(sources.CODEBOOKS, params)}


def _withheld(release: Release) -> set[str]:
    kept: Mapping[str, list[int]] = release.filter.get("withheld", {})
    return {f"{kind.removesuffix('s')} {pk}" for kind, ids in kept.items() for pk in ids}


def _two_sided(sides: Mapping[str, set[str]]) -> dict[str, list[str]]:
    older, newer = sides["older"], sides["newer"]
    return {"added": sorted(newer - older), "removed": sorted(older - newer)}
