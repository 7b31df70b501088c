"""The verbs of job rows. The row is the queue and the truth; a message only says "look at job N".

A lost, doubled or late message is harmless: a job is claimed by one conditional update with a fresh token and a lease
by the database's clock, every chunk's effects commit together with the job's cursor under that token, and the sweep
sends again what is due. Handlers are registered in `claims.tasks.HANDLERS`.
"""

from __future__ import annotations

import json
import mmap
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from claims import audit
from claims.models import Heartbeat, Job, JobError, Project, User
from claims.models.job import SENT_AGAIN
from claims.models.statements import fetch_one
from claims.permissions import check_can_cancel_job
from claims.turns import MIDDLE, rank_of, waiting_before

LEASE = timedelta(seconds=60)  # renewed with each chunk; "stalled after 60 s"
RETRY = SENT_AGAIN
MAX_ATTEMPTS = 3  # without progress
OUTAGES_FORGIVEN = timedelta(days=1)
SWEEP_BATCH = 200
SWEEP_OVERDUE = timedelta(seconds=30)
ERRORS_KEPT = 10_000
DEACTIVATED = "The login of whoever asked for this was deactivated. Ask for it again if it is still wanted."


_IS_STOPPING = mmap.mmap(-1, 1)  # one byte that a worker and the processes it forked see


class GaveWay(Exception):  # noqa: N818 - the job goes on, later
    """The job is back in the queue, from where its last chunk left it: leave."""


class LostLease(Exception):  # noqa: N818 - the job goes on, with somebody else
    """Another worker took the job over, or it was cancelled: roll back and leave."""


def enqueue(
    kind: str,
    *,
    project: Project | None = None,
    by: User | None = None,
    args: Mapping[str, Any] | None = None,
    file: str = "",
) -> Job:
    """Write a job in the caller's transaction; the nudge goes out after commit and may fail: the sweep repeats it."""
    job = Job.objects.create(kind=kind, project=project, args=dict(args or {}), file=file, created_by=by)
    transaction.on_commit(lambda: nudge(job.pk), robust=True)
    return job


ENQUEUE_ONCE = """
INSERT INTO claims_job (kind, project_id, args, file, state, reason, sentence, counts, cursor, attempts, token,
    coalesce_key, due_at)
VALUES (%(kind)s, %(project)s, %(args)s, '', 'queued', '', '', '{}', '{}', 0, '', %(key)s,
    statement_timestamp() + make_interval(secs => %(gather)s))
ON CONFLICT (kind, coalesce_key) WHERE state = 'queued' AND coalesce_key IS NOT NULL DO NOTHING RETURNING id
"""


def enqueue_once(
    kind: str,
    *,
    key: str,
    project: Project | None = None,
    args: Mapping[str, Any] | None = None,
    gather: float = 0,
) -> None:
    """Like `enqueue`, but a job of the same kind and key that still waits is enough.

    One statement; the partial unique index claims_job_waits_once_per_key arbitrates, and a loser writes nothing.
    `gather` (seconds) lets the job wait for more of the same before a worker looks at it.
    """
    values = {
        "kind": kind,
        "project": project.pk if project else None,
        "args": json.dumps(dict(args or {})),
        "key": key,
        "gather": gather,
    }
    row = fetch_one(ENQUEUE_ONCE, values)
    if row is not None:
        transaction.on_commit(lambda: nudge(row[0], after=gather), robust=True)


def nudge(job_id: int, after: float = 0) -> None:
    """Send the message. A broker that is away is not an error, only slower."""
    try:
        current_app.send_task("claims.tasks.run_job", (job_id,), retry=False, expires=300, countdown=after or None)
    except (BrokerError, OSError):
        return


def claim(job_id: int) -> Job | None:
    """Take a job that is queued or abandoned; None when somebody has it or it has ended."""
    token = uuid.uuid4().hex
    free = Q(state="queued") | Q(state="running", lease_until__lt=Now())
    taken = Job.objects.filter(free, pk=job_id).update(
        state="running",
        token=token,
        attempts=F("attempts") + 1,
        lease_until=Now() + LEASE,
        heartbeat_at=Now(),
        started_at=Coalesce("started_at", Now()),
    )
    return Job.objects.select_related("created_by").get(pk=job_id) if taken else None


@contextmanager
def chunk(job: Job) -> Iterator[None]:
    """One transaction for a piece of the work: its effects, `job.counts` and `job.cursor` commit together or not at
    all. Renews the lease and counts as progress. Raises LostLease when the job is no longer ours or was cancelled, and
    GaveWay after it when the worker is to stop, the sweep is overdue, or the kind stands behind others and one of those
    waits: its handler goes on from `job.cursor` another time."""
    with transaction.atomic():
        yield
        if job.state != "running":
            return  # ended by `finish` inside the chunk, under the same token
        kept = Job.objects.filter(pk=job.pk, token=job.token, state="running", cancel_requested_at=None).update(
            counts=job.counts, cursor=job.cursor, attempts=1, lease_until=Now() + LEASE, heartbeat_at=Now()
        )
        if not kept:
            raise LostLease
    job.attempts = 1
    # A job of some seconds is in nobody's way: the question is asked of longer ones.
    gives_way = rank_of(job.kind) > MIDDLE and waiting_before(job.kind) is not None
    is_long = job.started_at is not None and timezone.now() - job.started_at > SWEEP_OVERDUE
    if (gives_way or _IS_STOPPING[0] or (is_long and is_sweep_overdue())) and put_back(job):
        raise GaveWay


def stop_soon() -> None:
    """Called in a worker that is told to end: its processes put their jobs back after the chunk they are at."""
    _IS_STOPPING[0] = 1


def renew(job: Job, *, shown: Mapping[str, int] | None = None) -> None:
    """Keep the lease during work that takes long outside a chunk. Raises LostLease like `chunk`.

    `shown` are counts for people who look on. They are no progress in the sense of a chunk: a worker that dies again
    and again at the same place still runs out of attempts.
    """
    mine = Job.objects.filter(pk=job.pk, token=job.token, state="running", cancel_requested_at=None)
    counts = {} if shown is None else {"counts": shown}
    if not mine.update(lease_until=Now() + LEASE, heartbeat_at=Now(), **counts):
        raise LostLease


def note_error(job: Job, *, code: str, sentence: str, member: str = "", line: int | None = None) -> None:
    """Keep one refused line; the first ERRORS_KEPT are kept, all are counted by the handler."""
    if job.counts.get("failed", 0) <= ERRORS_KEPT:
        JobError.objects.bulk_create(
            [JobError(job=job, member=member[:300], line=line, code=code, sentence=sentence)], ignore_conflicts=True
        )


def finish(job: Job, state: str, *, reason: str = "", sentence: str = "") -> None:
    """End the job under our token, best inside its last chunk. Raises LostLease when it is not ours any more."""
    ended = Job.objects.filter(pk=job.pk, token=job.token, state="running", cancel_requested_at=None).update(
        state=state, reason=reason, sentence=sentence, counts=job.counts, cursor=job.cursor, ended_at=Now()
    )
    if not ended:
        raise LostLease
    job.state = state


def give_back(job: Job, *, reason: str, sentence: str, is_its_fault: bool = True) -> None:
    """After a failure: wait and try again, or end as failed once MAX_ATTEMPTS were made without progress.

    Where the database went away meanwhile it was not the job's fault, and the attempt does not count: for a day, in
    case that the job is what it goes away for.
    """
    mine = Job.objects.filter(pk=job.pk, token=job.token, state="running")
    counts = is_its_fault or job.created_at < timezone.now() - OUTAGES_FORGIVEN
    if counts and job.attempts >= MAX_ATTEMPTS:
        mine.update(state="failed", reason=reason, sentence=sentence, ended_at=Now())
    else:
        again = {"due_at": Now() + RETRY * max(job.attempts, 1), "reason": reason, "sentence": sentence}
        mine.update(state="queued", coalesce_key=None, attempts=job.attempts - (not counts), **again)


def cancel_job(job: Job, *, by: User) -> None:
    """A waiting job ends at once; a running one at its next chunk."""
    check_can_cancel_job(by, job)
    with transaction.atomic():
        Job.objects.filter(pk=job.pk).update(cancel_requested_at=Now())
        Job.objects.filter(pk=job.pk, state="queued").update(
            state="cancelled", reason="cancelled", sentence="Cancelled before it began.", ended_at=Now()
        )
        audit.record("cancel_job", job, by=by)


def end_cancelled(job_id: int) -> None:
    Job.objects.filter(pk=job_id, state="running", cancel_requested_at__isnull=False).update(
        state="cancelled", reason="cancelled", sentence="Cancelled. What was done by then is kept.", ended_at=Now()
    )


def sweep() -> int:
    """Send again what is due and end what cannot go on; called by beat every few seconds. Returns how many were sent.

    SKIP LOCKED: two sweeps never take the same row, and none waits for another.
    """
    with transaction.atomic():
        due = list(Job.objects.due().select_for_update(skip_locked=True).order_by("due_at")[:SWEEP_BATCH])
        lost = [job.pk for job in due if job.state == "running" and job.attempts >= MAX_ATTEMPTS]
        Job.objects.filter(pk__in=lost).update(
            state="failed",
            reason="worker_lost",
            sentence=f"The worker died {MAX_ATTEMPTS} times at the same place. What was done before is kept.",
            ended_at=Now(),
        )
        cancelled = [job.pk for job in due if job.cancel_requested_at is not None and job.pk not in lost]
        for pk in cancelled:
            end_cancelled(pk)
        again = [job.pk for job in due if job.pk not in lost and job.pk not in cancelled]
        Job.objects.filter(pk__in=again, state="queued").update(due_at=Now() + RETRY)
    for pk in again:
        nudge(pk)
    return len(again)


def beat_heart(component: str, name: str) -> None:
    """Say that a worker or beat is alive, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO claims_heartbeat (name, component, seen_at) VALUES (%s, %s, now()) "
            "ON CONFLICT (name) DO UPDATE SET seen_at = now(), component = EXCLUDED.component",
            [name, component],
        )


def is_sweep_overdue() -> bool:
    """Whether there was no sweep for longer than one can wait: where long jobs keep all processes of all workers busy,
    the messages of beat expire. A job gives way for it then, and whoever takes the next message sweeps first."""
    swept = Heartbeat.objects.filter(component="worker").exclude(name__contains="@")  # those are workers themselves
    newest = swept.aggregate(at=Max("seen_at"), recent=Max("seen_at", filter=Q(seen_at__gt=Now() - SWEEP_OVERDUE)))
    return newest["at"] is not None and newest["recent"] is None


def is_alive(component: str, within: timedelta = timedelta(seconds=30)) -> bool:
    return Heartbeat.objects.filter(component=component, seen_at__gt=Now() - within).exists()


def put_back(job: Job) -> bool:
    """Between two chunks: back into the queue, behind what waits. False, and the job goes on, where another of its kind
    and key is queued already. Raises LostLease."""
    mine = Job.objects.filter(pk=job.pk, token=job.token, state="running", cancel_requested_at=None)
    try:
        with transaction.atomic():
            back = {"state": "queued", "token": "", "lease_until": None, "attempts": 0}
            if not mine.update(**back, due_at=Now(), heartbeat_at=Now()):
                raise LostLease
            transaction.on_commit(lambda: nudge(job.pk), robust=True)
    except IntegrityError:
        return False
    return True


def let_others(job: Job) -> bool:
    """Between two chunks: put the job back in the queue when another person waits for one of its kind, or one waits
    that goes before it. False: nobody does, go on. Raises LostLease."""
    others = Job.objects.waiting().filter(kind=job.kind).exclude(created_by=job.created_by)
    if waiting_before(job.kind) is None and not others.exists():
        return False
    return put_back(job)


Handler = Callable[[Job], None]


def run(job_id: int, handlers: Mapping[str, Handler]) -> None:
    """Do one job to its end, to the loss of its lease, or to its failure."""
    job = claim(job_id)
    if job is None:
        return
    try:
        if job.created_by is None or job.created_by.is_active:
            handlers[job.kind](job)
        else:
            finish(job, "failed", reason="person_deactivated", sentence=DEACTIVATED)
    except GaveWay:
        return
    except LostLease:
        end_cancelled(job.pk)
    except MemoryError as error:
        give_back(job, reason="out_of_memory", sentence=f"The worker ran out of memory: {error}")
    except Exception as error:  # whatever a handler does, its job ends with a reason (INV-7)
        went_away = is_outage(error)
        if went_away:
            connection.close()  # the next statement opens another
        give_back(
            job,
            reason="database_away" if went_away else "internal_error",
            sentence=f"{type(error).__name__} while doing this job. It is in the log.",
            is_its_fault=not went_away,
        )
        raise


def is_outage(error: Exception) -> bool:
    """Whether the connection broke or the server shut down: no code, class 08 or 57P (PostgreSQL, appendix A)."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, OperationalError | InterfaceError) and (not state or state.startswith(("08", "57P")))
