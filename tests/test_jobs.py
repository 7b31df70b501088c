"""The row is the queue: claiming, fencing, retrying, sweeping, with real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from claims import jobs
from claims.errors import Conflict, NotPermitted
from claims.models import Heartbeat, Job, JobError, Project
from claims.tasks import HANDLERS, run_job
from claims.turns import RANKS, fair_choice, waiting_before
from tests.factories import make_project, member, owner_of

pytestmark = pytest.mark.django_db


def count_to(n: int) -> Callable[[Job], None]:
    """A handler of n chunks."""

    def handler(job: Job) -> None:
        while job.cursor.get("next", 0) < n:
            with jobs.chunk(job):
                job.cursor["next"] = job.cursor.get("next", 0) + 1
                job.counts["read"] = job.counts.get("read", 0) + 1
        jobs.finish(job, "succeeded")

    return handler


def forget_lease(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_is_done_once_and_keeps_its_counts() -> None:
    job = jobs.enqueue("count")
    jobs.run(job.pk, {"count": count_to(3)})
    jobs.run(job.pk, {"count": count_to(3)})
    job.refresh_from_db()
    assert (job.state, job.counts, job.cursor) == ("succeeded", {"read": 3}, {"next": 3})
    assert job.ended_at is not None


def test_ft_03_a_message_delivered_twice_at_once_finds_the_job_taken() -> None:
    job = jobs.enqueue("count")
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


def test_ft_21_a_worker_that_lost_its_lease_can_write_nothing() -> None:
    job = jobs.enqueue("count")
    slow = jobs.claim(job.pk)
    assert slow is not None
    forget_lease(job)
    quick = jobs.claim(job.pk)
    assert quick is not None
    slow.counts["read"] = 99
    with pytest.raises(jobs.LostLease), jobs.chunk(slow):
        Project.objects.create(slug="from-the-slow-one", name="x", goal="code_corpus")
    assert not Project.objects.filter(slug="from-the-slow-one").exists()
    with pytest.raises(jobs.LostLease):
        jobs.finish(slow, "succeeded")
    jobs.finish(quick, "succeeded")
    job.refresh_from_db()
    assert job.state == "succeeded"


def test_a_job_ends_with_its_last_chunk_or_not_at_all() -> None:
    job = jobs.enqueue("count")
    worker = jobs.claim(job.pk)
    assert worker is not None
    with jobs.chunk(worker):
        Project.objects.create(slug="last-effect", name="x", goal="code_corpus")
        jobs.finish(worker, "succeeded")
    job.refresh_from_db()
    assert job.state == "succeeded"
    assert Project.objects.filter(slug="last-effect").exists()


def test_a_successor_goes_on_where_the_dead_worker_stopped() -> None:
    job = jobs.enqueue("count")
    dead = jobs.claim(job.pk)
    assert dead is not None
    with jobs.chunk(dead):
        dead.cursor["next"], dead.counts["read"] = 1, 1
    forget_lease(job)
    jobs.run(job.pk, {"count": count_to(3)})
    job.refresh_from_db()
    assert (job.state, job.counts["read"]) == ("succeeded", 3)


def fail(job: Job) -> None:
    raise ValueError("bad day")


def test_inv_7_a_failing_job_is_tried_three_times_and_ends_with_its_reason() -> None:
    job = jobs.enqueue("fail")
    for _ in range(jobs.MAX_ATTEMPTS):
        with pytest.raises(ValueError, match="bad day"):
            jobs.run(job.pk, {"fail": fail})
    job.refresh_from_db()
    assert (job.state, job.reason) == ("failed", "internal_error")
    assert "ValueError" in job.sentence
    assert "bad day" not in job.sentence


def test_ft_19_input_that_kills_the_worker_each_time_ends_as_worker_lost() -> None:
    poison, other = jobs.enqueue("count"), jobs.enqueue("count")
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(poison.pk) is not None
        forget_lease(poison)
        jobs.sweep()
    poison.refresh_from_db()
    assert (poison.state, poison.reason) == ("failed", "worker_lost")
    jobs.run(other.pk, {"count": count_to(1)})
    other.refresh_from_db()
    assert other.state == "succeeded"


def test_progress_resets_the_attempts() -> None:
    job = jobs.enqueue("count")
    for step in range(1, 6):
        worker = jobs.claim(job.pk)
        assert worker is not None
        with jobs.chunk(worker):
            worker.cursor["next"] = step
        forget_lease(job)
    jobs.sweep()
    job.refresh_from_db()
    assert job.state == "running"


def test_ft_05_what_lost_its_message_is_sent_again() -> None:
    job = jobs.enqueue("count")
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    assert jobs.sweep() == 1
    assert jobs.sweep() == 0, "sent a moment ago: not due again yet"


@pytest.mark.django_db(transaction=True)
def test_co_13_a_hundred_triggers_leave_one_waiting_job() -> None:
    def trigger() -> None:
        for _ in range(25):
            jobs.enqueue_once("count", key="round 1")
        connection.close()

    threads = [threading.Thread(target=trigger) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.filter(kind="count").count() == 1


def test_a_trigger_while_the_job_runs_leaves_another_one() -> None:
    jobs.enqueue_once("count", key="round 1")
    jobs.claim(Job.objects.get().pk)
    jobs.enqueue_once("count", key="round 1")
    assert sorted(Job.objects.values_list("state", flat=True)) == ["queued", "running"]


def test_cancelling_ends_a_waiting_job_at_once_and_a_running_one_at_its_next_chunk() -> None:
    project = make_project()
    carol = owner_of(project)
    waiting, running = jobs.enqueue("count", project=project), jobs.enqueue("count", project=project)

    def cancel_in_the_middle(job: Job) -> None:
        with jobs.chunk(job):
            job.counts["read"] = 1
        jobs.cancel_job(Job.objects.get(pk=job.pk), by=carol)
        with jobs.chunk(job):
            job.counts["read"] = 2

    jobs.cancel_job(waiting, by=carol)
    jobs.run(running.pk, {"count": cancel_in_the_middle})
    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Job.objects.get(pk=running.pk).counts == {"read": 1}
    with pytest.raises(Conflict, match="already ended"):
        jobs.cancel_job(Job.objects.get(pk=waiting.pk), by=carol)


def test_reviewers_cancel_nothing() -> None:
    project = make_project(alice="reviewer")
    with pytest.raises(NotPermitted):
        jobs.cancel_job(jobs.enqueue("count", project=project), by=member(project, "alice"))


def test_what_nobody_waits_for_gives_way_between_two_steps_and_goes_on_where_it_was() -> None:
    matching = jobs.enqueue("match_claims")
    jobs.run(matching.pk, {"match_claims": count_to(1)})  # nothing else waits: it goes on to its end
    matching.refresh_from_db()
    assert matching.state == "succeeded"

    matching, brought = jobs.enqueue("match_claims"), jobs.enqueue("import_articles")
    jobs.run(matching.pk, {"match_claims": count_to(2)})
    matching.refresh_from_db()
    assert (matching.state, matching.counts, matching.attempts) == ("queued", {"read": 1}, 0)
    assert fair_choice(matching.pk) == brought.pk
    jobs.run(brought.pk, {"import_articles": count_to(2)})
    jobs.run(matching.pk, {"match_claims": count_to(2)})
    matching.refresh_from_db()
    assert (matching.state, matching.counts) == ("succeeded", {"read": 2})


@pytest.mark.parametrize(
    ("kind", "waiting", "first"),
    [
        ("match_claims", ("find_copies", "tally_outlets"), None),
        ("match_claims", ("find_copies", "split_article", "import_articles", "fold_round"), "fold_round"),
        ("split_article", ("match_claims", "build_release"), "build_release"),
        ("import_articles", ("split_article", "build_release"), None),
        ("import_articles", ("build_release", "send_mail"), "send_mail"),
        ("fold_round", ("send_mail", "import_articles"), None),
    ],
)
def test_what_goes_before_what(kind: str, waiting: tuple[str, ...], first: str | None) -> None:
    queued = {jobs.enqueue(name).pk: name for name in waiting}
    found = waiting_before(kind)
    assert (queued[found] if found else None) == first


def test_every_kind_with_a_rank_is_one_that_is_done() -> None:
    assert set(RANKS) <= set(HANDLERS)


def test_what_the_sweep_has_just_sent_again_still_waits() -> None:
    brought = jobs.enqueue("import_articles")
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert jobs.sweep() == 1
    assert waiting_before("match_claims") == brought.pk
    Job.objects.update(attempts=1)  # it failed and pauses
    assert waiting_before("match_claims") is None


def test_what_a_dead_worker_left_goes_before_what_is_behind_it() -> None:
    brought, matching = jobs.enqueue("import_articles"), jobs.enqueue("match_claims")
    jobs.claim(brought.pk)
    assert waiting_before("match_claims") is None
    Job.objects.filter(pk=brought.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.run(matching.pk, {"match_claims": count_to(2)})
    assert Job.objects.get(pk=matching.pk).state == "queued"
    assert fair_choice(matching.pk) == brought.pk


def test_a_worker_that_is_told_to_end_puts_its_job_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_IS_STOPPING", bytearray(1))
    job = jobs.enqueue("count")

    def count(job: Job) -> None:
        for n in range(1, 4):
            with jobs.chunk(job):
                job.counts["read"] = n
            jobs.stop_soon()

    jobs.run(job.pk, {"count": count})
    job.refresh_from_db()
    assert (job.state, job.counts, job.attempts, job.lease_until) == ("queued", {"read": 2}, 0, None)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_does_not_use_up_the_attempts_of_a_job() -> None:
    job = jobs.enqueue("count")

    def lose(job: Job) -> None:
        raise OperationalError("consuming input failed") from psycopg.OperationalError("consuming input failed")

    def run_for(times: int) -> Job:
        for _ in range(times):
            with pytest.raises(OperationalError):
                jobs.run(job.pk, {"count": lose})
        return Job.objects.get(pk=job.pk)

    after = run_for(jobs.MAX_ATTEMPTS + 2)
    assert (after.state, after.reason, after.attempts) == ("queued", "database_away", 0)
    Job.objects.update(created_at=timezone.now() - jobs.OUTAGES_FORGIVEN)
    assert run_for(jobs.MAX_ATTEMPTS).state == "failed"


def test_what_has_waited_for_a_minute_takes_a_step_before_others() -> None:
    matching = jobs.enqueue("match_claims")
    brought = jobs.enqueue("import_articles")
    assert fair_choice(matching.pk) == brought.pk
    Job.objects.filter(pk=matching.pk).update(created_at=timezone.now() - timedelta(seconds=61))
    assert fair_choice(matching.pk) == matching.pk


def test_of_two_with_one_key_the_one_that_runs_goes_on() -> None:
    jobs.enqueue_once("tally_outlets", key="all")
    first = Job.objects.get()
    running = jobs.claim(first.pk)
    assert running is not None
    jobs.enqueue_once("tally_outlets", key="all")
    jobs.enqueue("fold_round")
    assert not jobs.put_back(running)
    with jobs.chunk(running):
        running.counts["articles"] = 1
    jobs.finish(running, "succeeded")


def test_a_refused_line_is_kept_once() -> None:
    job = jobs.enqueue("count")
    for _ in range(2):
        jobs.note_error(job, code="invalid_date", sentence="Line 3: 2026-02-30 is no date.", member="a.csv", line=3)
    assert JobError.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_take_each_job_once() -> None:
    for _ in range(50):
        jobs.enqueue("count")
    Job.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    sent: list[int] = []

    def sweep() -> None:
        sent.append(jobs.sweep())
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 50


def test_hearts_are_heard_by_the_databases_clock() -> None:
    assert not jobs.is_alive("worker")
    jobs.beat_heart("worker", "host-1")
    jobs.beat_heart("worker", "host-1")
    assert jobs.is_alive("worker")
    assert not jobs.is_alive("beat")


def test_what_is_enqueued_in_a_transaction_that_fails_never_was() -> None:
    with transaction.atomic():
        jobs.enqueue("count")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_job_gives_way_to_a_sweep_that_is_overdue_and_the_next_message_sweeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two long jobs on a worker of two processes kept it from sweeping for as long as they took: feeds were not read,
    and nothing that was lost was sent again."""
    monkeypatch.setitem(HANDLERS, "count", f"{__name__}.count_to_three")
    jobs.beat_heart("worker", "a-host")
    jobs.beat_heart("worker", "worker@a-host:7")
    Heartbeat.objects.filter(name="a-host").update(seen_at=timezone.now() - timedelta(minutes=1))
    short = jobs.enqueue("count")
    jobs.run(short.pk, {"count": count_to(3)})  # it was not in the way of the sweep for as long as that
    short.refresh_from_db()
    assert short.state == "succeeded"
    job = jobs.enqueue("count")
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(minutes=1))
    jobs.run(job.pk, {"count": count_to(3)})
    job.refresh_from_db()
    assert (job.state, job.cursor) == ("queued", {"next": 1})
    lost = jobs.enqueue("count")
    Job.objects.filter(pk=lost.pk).update(due_at=timezone.now() - timedelta(minutes=2))
    run_job(job.pk)
    job.refresh_from_db()
    lost.refresh_from_db()
    assert (job.state, job.cursor) == ("succeeded", {"next": 3})
    assert lost.due_at > timezone.now()  # the sweep sent it again
    assert not jobs.is_sweep_overdue()


def test_where_nothing_was_ever_swept_no_job_gives_way() -> None:
    jobs.beat_heart("worker", "worker@a-host:7")
    assert not jobs.is_sweep_overdue()


def count_to_three(job: Job) -> None:
    count_to(3)(job)
