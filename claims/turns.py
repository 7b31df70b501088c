"""Which of the waiting jobs is done next: by what hangs on it and who was served longest ago; none waits for ever."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Coalesce, Now

from claims.models import Job
from claims.models.statements import fetch_one

# Who goes first where several kinds wait. What is short and what pages show go before what a person started and waits
# for (1: every kind not named), that before what follows from it, and last what nobody waits for.
RANKS = {
    "fold_round": 0,
    "open_round": 0,
    "change_overlap": 0,
    "follow_doubt": 0,
    "follow_check": 0,
    "anchor_claims": 0,
    "send_mail": 0,
    "split_article": 2,
    "match_claims": 3,
    "find_copies": 3,
    "tally_outlets": 3,
    "recount_round": 3,
    "label_by_model": 3,
}
MIDDLE = 1
PATIENCE = timedelta(seconds=60)  # after that long without a step, a job takes one before those of a lower rank
MOST_LOOKED_AT = 200
FAIR_KINDS = ("import_articles",)  # a person may bring many and long ones of these
# The person who was served longest ago goes first; their own jobs go in their order.
NEXT_FAIR = """
SELECT j.id FROM claims_job j
WHERE j.kind = %(kind)s AND (j.state = 'queued' AND j.due_at <= statement_timestamp()
                             OR j.state = 'running' AND j.lease_until < statement_timestamp())
ORDER BY (SELECT max(o.heartbeat_at) FROM claims_job o
          WHERE o.kind = j.kind AND o.created_by_id IS NOT DISTINCT FROM j.created_by_id) NULLS FIRST, j.id
LIMIT 1
"""


def rank_of(kind: str) -> int:
    return RANKS.get(kind, MIDDLE)


def waiting_before(kind: str) -> int | None:
    """The id of a job that is due and goes before one of this kind, the first that should be done; None: there is none.

    Reads the partial index claims_job_waiting.
    """
    own = rank_of(kind)
    due = Job.objects.waiting().exclude(kind__in=[name for name, rank in RANKS.items() if rank >= own])
    if own <= MIDDLE:
        due = due.filter(kind__in=[name for name, rank in RANKS.items() if rank < own])
    first = due.order_by("id").values_list("kind", "id")[:MOST_LOOKED_AT]
    return min(((rank_of(name), pk) for name, pk in first), default=(0, None))[1]


def fair_choice(job_id: int) -> int:
    """The job to do when a worker is told to look at this one: one that goes before it, if it has not waited for very
    long; and of some kinds, whichever person's turn it is.

    A message is spent on what was chosen. What it was sent for is sent again by the sweep; of the fair kinds, the
    message of the chosen one finds another.
    """
    asked = Job.objects.filter(pk=job_id)
    kind = asked.values_list("kind", flat=True).first()
    if kind is None:
        return job_id
    has_waited = asked.alias(seen=Coalesce("heartbeat_at", "created_at")).filter(seen__lt=Now() - PATIENCE)
    before = None if has_waited.exists() else waiting_before(kind)
    if before is not None:
        return before
    turn = fetch_one(NEXT_FAIR, {"kind": kind}) if kind in FAIR_KINDS else None
    return int(turn[0]) if turn else job_id
