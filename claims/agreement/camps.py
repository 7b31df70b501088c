"""Camps of a panel: whose answers are counted with which camp, and when a camp may be shown.

A camp is the leaning that a place of the round's panel is for; who sat there follows from the assignment. Nobody is
told where somebody stands: a camp is shown from SMALLEST_CAMP people on, and only beside camps that are as large,
since what is missing from the whole would tell of the small one. Pairs, units and names are never shown by camp.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from claims.agreement.strata import CAMP, Stratum, camp_stratum, strata_of
from claims.models import ReviewerCount, Round

SMALLEST_CAMP = 3
ACROSS_UP_TO_UNITS = 200_000  # above this, pairing the camps of every unit takes longer than a page may

SEATS = """
SELECT unit_id, reviewer_id, slot FROM claims_assignment
WHERE round_id = %s AND unit_id = ANY(%s) AND state = 'submitted' AND reviewer_id IS NOT NULL AND slot <= %s
"""
# Pairs of answers of different camps to the same unit, and those that are alike.
ACROSS = """
SELECT sum(alike), sum(pairs) FROM (
    SELECT (SELECT sum(x.a * x.b) FROM unnest(a.counts::bigint[], b.counts::bigint[]) AS x(a, b)) AS alike,
           cardinality(a.reviewers) * cardinality(b.reviewers) AS pairs
    FROM claims_camppattern a JOIN claims_camppattern b USING (round_id, unit_id, question, phase)
    WHERE round_id = %s AND question = %s AND phase = %s AND a.camp < b.camp) AS met
"""
# The same within each camp, from the counts of patterns.
WITHIN = """
SELECT stratum, sum(n_units * alike), sum(n_units * pairs) FROM (
    SELECT stratum, n_units,
           (SELECT sum(x * (x - 1)) FROM unnest(counts::bigint[]) AS x) / 2 AS alike,
           (SELECT sum(x) * (sum(x) - 1) FROM unnest(counts::bigint[]) AS x) / 2 AS pairs
    FROM claims_patterncount
    WHERE round_id = %s AND question = %s AND phase = %s AND article_id IS NULL AND stratum LIKE 'camp:%%') AS met
GROUP BY stratum
"""


@dataclass(frozen=True)
class Seats:
    """Who sat for which camp, unit by unit; empty where the round has no panel."""

    camps: dict[tuple[int, int], str] = field(default_factory=dict)  # (unit, reviewer) -> camp

    def camps_of(self, unit: int, reviewers: Iterable[int]) -> dict[str, list[int]]:
        """Everybody under the empty name, and the members of each camp among them."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for reviewer in reviewers:
            found[""].append(reviewer)
            if camp := self.camps.get((unit, reviewer)):
                found[camp].append(reviewer)
        return found


def read_seats(round_: Round, units: Sequence[int]) -> Seats:
    if not round_.panel:
        return Seats()
    with connection.cursor() as cursor:
        cursor.execute(SEATS, [round_.pk, list(units), len(round_.panel)])
        return Seats({(unit, reviewer): round_.seat(slot) for unit, reviewer, slot in cursor})


Asked = tuple[str, str]  # question, phase


def shown_camps(round_: Round) -> dict[Asked, tuple[str, ...]]:
    """The camps that may be shown, question by question: all that answered it, or none where one is too small."""
    if not round_.panel:
        return {}
    people: defaultdict[Asked, dict[str, int]] = defaultdict(dict)
    rows = ReviewerCount.objects.filter(round=round_, stratum__startswith=f"{CAMP}:", n_units__gt=0)
    for question, phase, stratum in rows.values_list("question", "phase", "stratum"):
        camps = people[question, phase]
        camps[stratum] = camps.get(stratum, 0) + 1
    return {asked: tuple(sorted(camps)) for asked, camps in people.items() if _are_large(round_, camps)}


def _are_large(round_: Round, camps: dict[str, int]) -> bool:
    expected = {camp_stratum(seat) for seat in round_.panel}
    return all(camps.get(stratum, 0) >= SMALLEST_CAMP for stratum in expected | camps.keys())


def shown_strata(round_: Round) -> list[Stratum]:
    """The parts of a round to choose from: without camps that no question may be shown for."""
    shown: Collection[str] = {stratum for camps in shown_camps(round_).values() for stratum in camps}
    return [stratum for stratum in strata_of(round_) if stratum.kind != CAMP or stratum.name in shown]


@dataclass(frozen=True)
class Meeting:
    """Two answers to the same unit, by people of one camp or (no camp named) of different ones: how many are alike."""

    camp: str
    alike: int
    pairs: int

    @property
    def share(self) -> float | None:
        return self.alike / self.pairs if self.pairs else None


def meetings_of(round_: Round, question: str, phase: str, camps: Sequence[str]) -> tuple[Meeting, ...]:
    """Each of the camps that may be shown by its name, and then all meetings across camps; none of one camp alone."""
    if len(camps) < 2 or _units_of(round_, question, phase) > ACROSS_UP_TO_UNITS:
        return ()
    place = (round_.pk, question, phase)
    with connection.cursor() as cursor:
        cursor.execute(WITHIN, place)
        within = {stratum: (int(alike), int(pairs)) for stratum, alike, pairs in cursor}
        cursor.execute(ACROSS, place)
        across = tuple(int(n or 0) for n in cursor.fetchone())
    found = [Meeting(stratum.partition(":")[2], *within.get(stratum, (0, 0))) for stratum in camps]
    return (*found, Meeting("", across[0], across[1]))


def _units_of(round_: Round, question: str, phase: str) -> int:
    counts = round_.pattern_counts.filter(question=question, phase=phase, stratum="all", article=None)
    return sum(counts.values_list("n_units", flat=True))
