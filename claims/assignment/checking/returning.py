"""Giving a unit back for more evidence where the blind check came to another verdict: once, and by itself.

The fold hands over units of a check, or of the round that it checks, whose answers it has counted. Both rounds are
locked while a unit goes back, so its two new places, for evidence and for the check of it, come into being together,
and a change of either overlap comes before or after.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from claims import audit, jobs, notices
from claims.assignment.checking.standing import standing_of
from claims.models import EvidenceReturn, Job, Membership, Round
from claims.permissions import ALLOWED

# A place more for the unit in both rounds, where all its places are answered in both.
ADD_PLACES = """
WITH asked AS (
    SELECT ru.id, ru.round_id, ru.unit_id, ru.position, ru.overlap FROM claims_roundunit ru
    WHERE ru.round_id IN (%(check)s, %(evidence)s) AND ru.unit_id = %(unit)s
      AND ru.overlap = (SELECT count(*) FROM claims_assignment a
                        WHERE a.round_id = ru.round_id AND a.unit_id = ru.unit_id AND a.state = 'submitted')
), both_sides AS (
    SELECT asked.*, (
        SELECT min(n.slot) FROM generate_series(1, asked.overlap + 1) AS n (slot)
        WHERE NOT EXISTS (SELECT FROM claims_assignment a WHERE a.round_id = asked.round_id
                          AND a.unit_id = asked.unit_id AND a.slot = n.slot
                          AND a.state IN ('open', 'reserved', 'submitted'))
    ) AS slot FROM asked WHERE (SELECT count(*) FROM asked) = 2
), added AS (
    INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
    SELECT round_id, unit_id, slot, position, 'open', '' FROM both_sides
), grown AS (
    UPDATE claims_roundunit ru SET overlap = ru.overlap + 1, is_grown = true FROM both_sides WHERE ru.id = both_sides.id
)
SELECT round_id, slot FROM both_sides
"""


def run_follow_check(job: Job) -> None:
    """For the job's units: send back those whose verdicts differ and that were not sent back; tell of those that still
    differ afterwards."""
    with jobs.chunk(job):
        check = Round.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.args["round"])
        evidence = Round.objects.select_for_update(no_key=True, of=("self",)).get(pk=check.checks_id)
        check.checks = evidence
        returned: list[int] = []
        if {check.state, evidence.state} <= {"open", "paused"}:
            rows = standing_of(check, job.args["units"])
            returned = [row.unit for row in rows if row.state == "returned" and _send_back(check, row.unit)]
            unresolved = [row.unit for row in rows if row.state == "unresolved"]
            _tell(check, returned, unresolved)
            job.counts = {"returned": len(returned), "unresolved": len(unresolved)}
        jobs.finish(job, "succeeded")


def _send_back(check: Round, unit: int) -> bool:
    """Whether it went back now; False for one that did before, or whose places are not all answered."""
    if EvidenceReturn.objects.filter(round=check, unit=unit).exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(ADD_PLACES, {"check": check.pk, "evidence": check.checks_id, "unit": unit})
        slots = dict(cursor.fetchall())
    if not slots:
        return False
    made = EvidenceReturn.objects.create(
        round=check, unit_id=unit, evidence_slot=slots[check.checks_id], check_slot=slots[check.pk]
    )
    audit.record("return_evidence", made, by=None, project=check.project, round=check.pk, unit=unit)
    return True


def _tell(check: Round, returned: Sequence[int], unresolved: Sequence[int]) -> None:
    """Those who run rounds hear once a day that units went back, and that some still differ: the page says which."""
    told = {
        "returned": (returned, "A blind check came to other verdicts: claims went back for more evidence"),
        "unresolved": (unresolved, "Verdicts still differ after more evidence: they wait for somebody to settle them"),
    }
    people = Membership.objects.filter(project=check.project, role__in=ALLOWED["manage_rounds"]).select_related("user")
    for word, (units, subject) in told.items():
        for seat in people if units else ():
            notices.send_message(
                seat.user, kind="reopened", subject=subject, project=check.project,
                path=reverse("round-check", args=[check.project.slug, check.pk]),
                key=f"check-{check.pk}-{word}-{timezone.now():%Y-%m-%d}",
            )  # fmt: skip
