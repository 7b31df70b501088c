"""What follows doubt. Overlap: where a unit's labels leave one, another reviewer is asked, up to the round's cap.

The fold hands over the units whose labels it has counted. A unit grows by one place at a time, and only when all its
places are answered; the round is locked meanwhile, so a change of the overlap, a correction of the claim or another
growth comes before or after. A label that arrives later is folded later, and its unit is looked at again.
Order: in a round that offers doubtful units first, their open places are marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from claims import jobs
from claims.assignment.strategies import STRATEGIES
from claims.models import Job, PatternCount, Round, UnitPattern
from claims.statistics.one_coin import accuracy_of, posterior_of_leader
from claims.statistics.tables import Pattern

DERIVED = "path:"  # patterns of two answers together: what is doubtful are the answers themselves

GROW = """
WITH asked AS (
    SELECT ru.id, ru.unit_id, ru.position, ru.overlap FROM claims_roundunit ru
    WHERE ru.round_id = %(round)s AND ru.unit_id = ANY(%(doubtful)s) AND ru.overlap < %(cap)s AND NOT ru.is_control
      AND ru.overlap = (SELECT count(*) FROM claims_assignment a
                        WHERE a.round_id = ru.round_id AND a.unit_id = ru.unit_id AND a.state = 'submitted')
), added AS (
    INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
    SELECT %(round)s, unit_id, (
        SELECT min(n.slot) FROM generate_series(1, asked.overlap + 1) AS n (slot)
        WHERE NOT EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = %(round)s AND a.unit_id = asked.unit_id
                          AND a.slot = n.slot AND a.state IN ('open', 'reserved', 'submitted'))
    ), position, 'open', '' FROM asked
), grown AS (
    UPDATE claims_roundunit ru SET overlap = ru.overlap + 1, is_grown = true FROM asked WHERE ru.id = asked.id
    RETURNING 1
)
SELECT count(*) FROM grown
"""
MARK = """
UPDATE claims_assignment SET is_urgent = NOT is_urgent
WHERE round_id = %(round)s AND unit_id = ANY(%(units)s) AND state = 'open'
  AND is_urgent <> (unit_id = ANY(%(doubtful)s))
"""


def run_follow_doubt(job: Job) -> None:
    """For the job's units: ask one more reviewer where all who were asked have answered and there is doubt; mark."""
    with jobs.chunk(job):
        round_ = Round.objects.select_for_update(no_key=True).get(pk=job.args["round"])
        if round_.state in ("open", "paused"):
            units = job.args["units"]
            doubtful = sorted(doubtful_units(round_, units))
            asked = {"round": round_.pk, "units": units, "doubtful": doubtful, "cap": round_.grows_to or 0}
            with connection.cursor() as cursor:
                cursor.execute(GROW, asked)
                job.counts = {"doubtful": len(doubtful), "added": cursor.fetchone()[0]}
                if STRATEGIES[round_.order].follows_labels:
                    cursor.execute(MARK, asked)
        jobs.finish(job, "succeeded")


def doubtful_units(round_: Round, units: Iterable[int]) -> set[int]:
    """Those of the units with a question that people answer differently, or whose likeliest answer is not likely
    enough, as the round has it."""
    patterns = UnitPattern.objects.filter(round=round_, unit__in=list(units), phase="first")
    patterns = patterns.exclude(question__startswith=DERIVED)
    if round_.grows_below is None:
        return set(patterns.filter(is_split=True).values_list("unit", flat=True))
    found: set[int] = set()
    accuracies = _accuracies(round_)
    for unit, question, counts in patterns.values_list("unit", "question", "counts"):
        accuracy = accuracies.get(question, accuracy_of([], len(counts)))
        if sum(counts) and posterior_of_leader(tuple(counts), accuracy) < round_.grows_below:
            found.add(unit)
    return found


def _accuracies(round_: Round) -> dict[str, float]:
    """How often a label is right, by question, from how the whole round agrees so far."""
    counted: defaultdict[str, list[tuple[Pattern, int]]] = defaultdict(list)
    rows = PatternCount.objects.filter(round=round_, stratum="all", article=None, phase="first")
    for question, counts, n_units in rows.values_list("question", "counts", "n_units"):
        counted[question].append((tuple(counts), n_units))
    return {question: accuracy_of(rows, len(rows[0][0])) for question, rows in counted.items()}
