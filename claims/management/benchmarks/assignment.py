"""How long the next unit takes to draw, at any size of round and however much one has done; beside a bare queue.

Every reviewer has a connection of their own and draws and finishes in a closed loop. The bare queue is one table from
which the lowest free row is taken with SKIP LOCKED: the same work without overlap, walks or checks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from claims import jobs
from claims.assignment.actions import create_round, draw_next, open_round
from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import own_database, percentile
from claims.models import Assignment, Job, Reviewer, Round, RoundReviewer, User
from claims.tasks import HANDLERS, do

DONE_BEFORE = 100_000
AIM = 0.050  # seconds at the 95th percentile
BARE = "DROP TABLE IF EXISTS bare_queue; CREATE TABLE bare_queue AS SELECT n AS id, 0 AS taken FROM {series} AS n"
BARE_INDEX = "ALTER TABLE bare_queue ADD PRIMARY KEY (id); CREATE INDEX ON bare_queue (id) WHERE taken = 0"
BARE_TAKE = """
UPDATE bare_queue SET taken = 1 WHERE id = (SELECT id FROM bare_queue WHERE taken = 0 ORDER BY id LIMIT 1
                                            FOR UPDATE SKIP LOCKED) RETURNING id
"""
# What somebody did before, in one statement: their first slots of so many units.
DO_BEFORE = """
WITH mine AS (
    SELECT id FROM claims_assignment WHERE round_id = %(round)s AND slot = 1 AND state = 'open'
    ORDER BY position LIMIT %(done)s
)
UPDATE claims_assignment a SET state = 'submitted', reviewer_id = %(reviewer)s, reserved_at = now(), ended_at = now()
FROM mine WHERE a.id = mine.id
"""
# What ended is drawn again: a small round would be through before its time is.
FREE = """
UPDATE claims_assignment SET state = 'open', reviewer_id = NULL, reserved_at = NULL, ended_at = NULL, expires_at = NULL
WHERE round_id = %(round)s AND state IN ('reserved', 'submitted')
"""
FREE_BARE = "UPDATE bare_queue SET taken = 0 WHERE taken = 1"
Say = Callable[[str], None]


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """Each size with each number of reviewers, then one who did 100,000 units before; times in milliseconds."""
    with own_database():
        for size in sizes:
            say(f"filling a project with {size:,} units ...")
            round_ = filling.fill(size)
            measure_opening(round_, size, say)
            fill_bare(size)
            say("    units reviewers who        draws/s    p50    p95")
            for count in reviewers:
                free_all(round_)
                say(line(size, count, "bare", in_parallel([take_bare] * count, seconds), seconds))
                people = [new_reviewer(round_, f"{size}-{count}-{n}") for n in range(count)]
                times = in_parallel([drawing(round_, who) for who in people], seconds)
                say(line(size, count, "ours", times, seconds) + verdict(times))
            free_all(round_)
            done, veteran = do_before(round_, min(DONE_BEFORE, size // 2))
            times = in_parallel([drawing(round_, veteran)], seconds)
            say(line(size, 1, f"did {done}", times, seconds) + verdict(times))


def verdict(times: Sequence[float]) -> str:
    return "" if percentile(times, 0.95) <= AIM else f"   p95 ABOVE the aim of {AIM * 1000:.0f} ms"


def line(size: int, count: int, who: str, times: Sequence[float], seconds: float) -> str:
    p50, p95 = (percentile(times, share) * 1000 for share in (0.5, 0.95))
    return f"{size:>9} {count:>9} {who:<10} {len(times) / seconds:>7.0f} {p50:>6.1f} {p95:>6.1f}"


def measure_opening(round_: Round, size: int, say: Say) -> None:
    """A second round over the same claims, opened by the job as a worker would."""
    by = User.objects.get(membership__project=round_.project, membership__role="owner")
    version = round_.codebook_version
    second = create_round(round_.project, name="Second", codebook_version=version, overlap=filling.OVERLAP, by=by)
    began = time.perf_counter()
    job = open_round(second, by=by)
    jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
    spent = time.perf_counter() - began
    state = Job.objects.get(pk=job.pk).state
    slots = Assignment.objects.filter(round=second).count()
    say(f"opening a round of {size:,} units, {slots:,} slots: {spent:.1f} s in the background, {state}")


def new_reviewer(round_: Round, name: str) -> Reviewer:
    pk, _ = filling.sign_in(round_.project, f"reviewer-{name}")
    return Reviewer.objects.get(pk=pk)


def do_before(round_: Round, done: int) -> tuple[int, Reviewer]:
    """A reviewer whose walk begins at the front, where they did `done` units already."""
    who = new_reviewer(round_, f"veteran-{done}")
    with connection.cursor() as cursor:
        cursor.execute(DO_BEFORE, {"round": round_.pk, "reviewer": who.pk, "done": done})
        done = cursor.rowcount
    RoundReviewer.objects.create(round=round_, reviewer=who, cursor=-1, done=done)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE claims_assignment")
    return done, who


def drawing(round_: Round, who: Reviewer) -> Callable[[], float | None]:
    """Draw one and finish it; the seconds that drawing took, None when there is nothing left."""

    def act() -> float | None:
        began = time.perf_counter()
        held = draw_next(round_, who)
        spent = time.perf_counter() - began
        if held is None:
            return None
        Assignment.objects.filter(pk=held.pk).update(state="submitted", expires_at=None)
        return spent

    return act


def fill_bare(rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE.format(series=f"generate_series(1, {max(rows, 100_000)})"))
        cursor.execute(BARE_INDEX)
        cursor.execute("ANALYZE bare_queue")


def free_all(round_: Round) -> None:
    """Both queues as they were when the round was opened."""
    with connection.cursor() as cursor:
        cursor.execute(FREE, {"round": round_.pk})
        cursor.execute(FREE_BARE)
        for table in ("claims_assignment", "bare_queue"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def take_bare() -> float | None:
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE_TAKE)
        row = cursor.fetchone()
    return time.perf_counter() - began if row else None


def in_parallel(acts: Sequence[Callable[[], float | None]], seconds: float) -> list[float]:
    """Each act again and again on a connection of its own, all at once; the seconds of every draw."""
    times: list[float] = []
    faults: list[Exception] = []
    until = time.perf_counter() + seconds

    def loop(act: Callable[[], float | None]) -> None:
        try:
            while time.perf_counter() < until and (spent := act()) is not None:
                times.append(spent)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=loop, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return times
