"""The import job: errors by row, going on after a crash, two workers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from claims import jobs
from claims.errors import Conflict, Refused
from claims.importing import intake
from claims.importing.actions import retry_failed, start_import
from claims.importing.intake import run_import
from claims.models import (
    Article,
    Job,
    JobError,
    Outlet,
    TextVersion,
)
from claims.turns import fair_choice
from tests.factories import make_project, member, owner_of
from tests.importing.test_actions import NOTICE, StoppedHere, bring_in, errors_of, row_counts, rows_of, run, upload
from tests.importing.test_archives import packed

pytestmark = pytest.mark.django_db


def test_bad_rows_are_errors_and_the_rest_goes_in() -> None:
    rows = '{"text": "One."}\n{"text": "a", "text": "b"}\n{"text": "Two.", "date": "2026-02-30"}\n{"text": "Three."}\n'
    job = bring_in(make_project(), upload("rows.jsonl", rows))
    assert (job.state, job.reason) == ("partial", "some_failed")
    assert job.counts == {"total": 4, "read": 4, "imported": 2, "failed": 2}
    assert errors_of(job) == [("rows.jsonl", 2, "duplicate_key"), ("rows.jsonl", 3, "invalid_date")]
    assert "2 not imported" in job.sentence


def test_a_job_in_which_everything_failed_says_why() -> None:
    project = make_project()
    job = bring_in(project, upload("one.jsonl", '{"title": "no text"}'))
    assert (job.state, job.reason) == ("failed", "missing_field")
    job = bring_in(project, upload("two.jsonl", '{"title": "no text"}\n{"text": 1}\n'))
    assert (job.state, job.reason) == ("failed", "nothing_imported")
    with pytest.raises(Refused, match=r"head\.csv holds no article") as refused:  # known before there is a job
        bring_in(project, upload("head.csv", "text,title\n"))
    assert refused.value.code == "empty"


def test_one_useless_file_does_not_stop_the_others() -> None:
    page = upload("bad.html", b"<html><body></body></html>")
    job = bring_in(make_project(), page, upload("good.txt", NOTICE))
    assert (job.state, job.counts) == ("partial", {"total": 2, "read": 2, "imported": 1, "failed": 1})
    assert errors_of(job) == [("bad.html", None, "empty")]


def test_up_43_a_text_with_too_many_lines_is_an_error_and_nothing_half_written() -> None:
    job = bring_in(make_project(), text="a\n" * 20_002)
    assert (job.state, job.reason) == ("failed", "too_many_blocks")
    assert row_counts()["Article"] == row_counts()["Segment"] == 0


def test_retry_reads_only_what_failed() -> None:
    project = make_project()
    first = bring_in(project, upload("rows.jsonl", '{"text": "One."}\n{"text": 2}\n{"text": "Three."}\n'))
    again = run(retry_failed(first, by=owner_of(project)))
    assert (again.state, again.counts) == ("failed", {"total": 1, "read": 1, "failed": 1})
    assert errors_of(again) == [("rows.jsonl", 2, "invalid_field")]
    good = bring_in(project, text="Four is closed.")
    with pytest.raises(Conflict):
        retry_failed(good, by=owner_of(project))


def test_retry_of_an_import_that_was_cut_off_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHUNK_ARTICLES", 2)
    project = make_project()
    job = start_import(project, files=[upload("rows.csv", rows_of(7))], by=owner_of(project))
    with pytest.raises(StoppedHere):
        run_until_chunk(job, 2)
    Job.objects.filter(pk=job.pk).update(state="failed", reason="worker_lost")
    job.refresh_from_db()
    again = run(retry_failed(job, by=owner_of(project)))
    assert (again.state, again.counts["imported"]) == ("succeeded", 3)
    assert Article.objects.count() == 7


def test_a_retry_says_from_its_beginning_how_much_there_is() -> None:
    project = make_project()
    rows = '{"text": "One."}\n{"text": "Two.", "date": "2026-02-30"}\n{"text": "Three.", "date": "never"}\n'
    job = bring_in(project, upload("rows.jsonl", rows))
    assert retry_failed(job, by=owner_of(project)).counts == {"total": 2}
    Job.objects.filter(pk=job.pk).update(cursor={"source": 0, "item": 2}, counts={"total": 3, "read": 2})
    job.refresh_from_db()
    assert retry_failed(job, by=owner_of(project)).counts == {"total": 1}


def run_until_chunk(job: Job, chunk: int) -> None:
    """Run a job and stop inside its n-th chunk (from 0), before the commit."""
    passed = iter(range(1_000))

    def stopping(handler: Job) -> None:
        store = intake.store

        def counting(*args: Any, **kwargs: Any) -> Any:
            stored = store(*args, **kwargs)
            if next(passed) == chunk:
                raise StoppedHere
            return stored

        intake.store = counting
        try:
            run_import(handler)
        finally:
            intake.store = store

    jobs.run(job.pk, {"import_articles": stopping})


@pytest.mark.parametrize("chunk", range(4))
def test_ft_02_an_import_that_is_cut_off_at_any_chunk_goes_on_without_loss_or_doubling(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CHUNK_ARTICLES", 2)
    project = make_project()
    job = start_import(project, files=[upload("rows.csv", rows_of(7))], by=owner_of(project))
    with pytest.raises(StoppedHere):
        run_until_chunk(job, chunk)
    job.refresh_from_db()
    assert job.counts.get("imported", 0) == Article.objects.count() == 2 * chunk
    assert run(job).counts == {"total": 7, "read": 7, "imported": 7}
    assert job.state == "succeeded"
    split = [
        pk
        for args in Job.objects.filter(kind="split_article").values_list("args", flat=True)
        for pk in args["articles"]
    ]
    assert sorted(split) == sorted(Article.objects.values_list("pk", flat=True))


def test_ft_02_an_import_of_several_files_goes_on_in_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHUNK_ARTICLES", 2)
    project = make_project()
    files = [
        upload("a.csv", rows_of(2)),
        upload("b.txt", NOTICE),
        upload("c.jsonl", '{"text": "Last one."}\n{"text": 1}\n'),
    ]
    job = start_import(project, files=files, by=owner_of(project))
    with pytest.raises(StoppedHere):
        run_until_chunk(job, 1)
    assert (run(job).counts, job.state) == ({"total": 5, "read": 5, "imported": 4, "failed": 1}, "partial")
    assert errors_of(job) == [("c.jsonl", 2, "invalid_field")]


def test_ft_03_same_message_twice_gives_the_same_rows() -> None:
    project = make_project()
    job = start_import(project, files=[upload("rows.csv", rows_of(3))], by=owner_of(project))
    run(job)
    before = row_counts()
    run(job)
    assert (job.counts, row_counts()) == ({"total": 3, "read": 3, "imported": 3}, before)


def test_ft_19_input_that_ends_the_worker_each_time_fails_after_three_attempts() -> None:
    project = make_project()
    job = start_import(project, text=NOTICE, by=owner_of(project))
    for _ in range(3):
        with pytest.raises(StoppedHere):
            run_until_chunk(job, 0)
    job.refresh_from_db()
    assert (job.state, Article.objects.count()) == ("failed", 0)
    assert job.reason


def test_a_cancelled_import_keeps_what_was_done_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHUNK_ARTICLES", 2)
    project = make_project()
    job = start_import(project, files=[upload("rows.csv", rows_of(6))], by=owner_of(project))
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    jobs.cancel_job(claimed, by=owner_of(project))
    with pytest.raises(jobs.LostLease):
        run_import(claimed)
    assert Article.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", ["file", "address"])
def test_co_11_and_12_two_workers_with_the_same_articles_write_one_set(same: str) -> None:
    project = make_project()
    if same == "file":
        variants = [("rows.csv", rows_of(20))] * 2
    else:
        urls = ["https://Tidal.example/a?utm_source=1", "http://tidal.example:80/a/#x"]
        variants = [(f"{n}.csv", f"text,url\nThe pier is closed.,{url}\n") for n, url in enumerate(urls)]
    owner = owner_of(project)
    started = [start_import(project, files=[upload(*variant)], by=owner) for variant in variants]
    in_parallel([lambda job=job: run(job) for job in started])
    for job in started:
        job.refresh_from_db()
    n = 20 if same == "file" else 1
    assert sorted(job.state for job in started) == ["succeeded", "succeeded"]
    assert Article.objects.count() == TextVersion.objects.count() == n
    assert sum(job.counts.get("imported", 0) for job in started) == n
    assert sum(job.counts.get("duplicate", 0) for job in started) == n
    assert Outlet.objects.count() <= 1


def in_parallel(works: list[Callable[[], Any]]) -> None:
    failures: list[BaseException] = []

    def work(act: Callable[[], Any]) -> None:
        try:
            act()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(act,)) for act in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def archive_of(n: int) -> bytes:
    return packed(*((f"{i}.txt", f"Pier {i} is closed for repairs.".encode()) for i in range(n)))


def test_an_archive_goes_in_with_its_errors_by_member() -> None:
    data = packed(("a.txt", b"Pier 1 is closed."), ("b.zip", packed()), ("c.jsonl", b'{"text": "Two."}\n{"text": 2}\n'))
    job = bring_in(make_project(), upload("many.zip", data))
    assert (job.state, job.counts) == ("partial", {"total": 4, "read": 4, "imported": 2, "failed": 2})
    assert errors_of(job) == [("many.zip/b.zip", None, "nested_archive"), ("many.zip/c.jsonl", 2, "invalid_field")]
    again = run(retry_failed(job, by=owner_of(job.project)))
    assert again.counts == {"total": 2, "read": 2, "failed": 2}


def test_up_01_an_archive_that_is_a_bomb_fails_with_nothing_brought_in() -> None:
    project = make_project()
    with pytest.raises(Refused) as refusal:
        bring_in(project, upload("bomb.zip", packed(("a.txt", b"Fine."), ("b.txt", bytes(201_000_000)))))
    assert (refusal.value.code, refusal.value.status) == ("archive_too_large", 413)
    job = bring_in(project, upload("bomb.zip", packed(("a.txt", b"Fine."), ("b.txt", bytes(100_000_000)))))
    assert (job.state, job.reason) == ("failed", "archive_ratio")
    assert not Article.objects.exists()


@pytest.mark.parametrize(("name", "data"), [("m.zip", archive_of(3)), ("m.csv", rows_of(3).encode())])
def test_up_40_the_same_bytes_again_are_a_duplicate_at_once(name: str, data: bytes) -> None:
    project = make_project()
    assert bring_in(project, upload(name, data)).counts["imported"] == 3
    before = row_counts()
    again = start_import(project, files=[upload("renamed-" + name, data)], by=owner_of(project))
    assert (again.state, again.reason) == ("succeeded", "duplicate_of")
    assert row_counts() == before


def test_up_40_bytes_that_failed_in_part_are_read_again() -> None:
    project = make_project()
    data = '{"text": "One."}\n{"text": 2}\n'
    first = bring_in(project, upload("rows.jsonl", data))
    again = bring_in(project, upload("rows.jsonl", data))
    assert (first.state, again.state) == ("partial", "partial")
    assert again.counts == {"total": 2, "read": 2, "duplicate": 1, "failed": 1}


def test_a_file_that_cannot_be_read_is_left_out_and_the_rest_goes_in() -> None:
    project = make_project()
    given = {"a.txt": "The pier is closed.", "fake.pdf": "This is no such thing.", "empty.txt": "", "tool.exe": "MZ"}
    job = bring_in(project, *(upload(name, data) for name, data in given.items()))
    assert (job.state, job.counts) == ("partial", {"total": 4, "read": 4, "imported": 1, "failed": 3})
    noted = dict(JobError.objects.filter(job=job).values_list("member", "code"))
    wanted = {"fake.pdf": "unsupported_content", "empty.txt": "empty", "tool.exe": "unsupported_format"}
    assert noted == wanted
    with pytest.raises(Conflict, match="are not kept"):
        retry_failed(job, by=owner_of(project))
    files = [upload(name, data) for name, data in given.items()]
    again = start_import(project, files=files, by=owner_of(project))
    assert (again.state, again.counts["duplicate"], again.counts["failed"]) == ("partial", 1, 3)


def test_without_a_file_that_can_be_read_nothing_begins() -> None:
    project = make_project()
    with pytest.raises(Refused) as refusal:
        start_import(project, files=[upload("empty.txt", ""), upload("tool.exe", "MZ")], by=owner_of(project))
    assert refusal.value.code == "empty"
    assert not Job.objects.exists()


def test_the_same_file_twice_in_one_upload_is_listed_twice() -> None:
    project = make_project()
    data = "The pier is closed."
    bring_in(project, upload("pier.txt", data))
    job = bring_in(project, upload("pier.txt", data), upload("pier.txt", data))
    assert job.counts["duplicate"] == 2
    listed = JobError.objects.filter(job=job, code="duplicate_of").order_by("id")
    assert list(listed.values_list("member", flat=True)) == ["pier.txt", "pier (2).txt"]


def test_up_41_one_person_cannot_queue_without_end_and_others_are_not_held_up() -> None:
    project = make_project(curator="curator")
    eager, other = owner_of(project), member(project, "curator")
    queued = [start_import(project, text=f"Pier {n} is closed.", by=eager) for n in range(20)]
    with pytest.raises(Refused) as refusal:
        start_import(project, text="One more pier is closed.", by=eager)
    assert (refusal.value.code, refusal.value.status) == ("too_many_imports", 429)
    run(queued[0])
    theirs = start_import(project, text="The bridge is open.", by=other)
    assert fair_choice(queued[1].pk) == theirs.pk
    run(theirs)
    assert fair_choice(theirs.pk) == queued[1].pk  # the message of one that is done does another


def test_up_41_a_long_import_lets_another_persons_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHUNK_ARTICLES", 2)
    monkeypatch.setattr(intake, "TURN_SECONDS", 0.0)
    project = make_project(curator="curator")
    long = start_import(project, files=[upload("rows.csv", rows_of(7))], by=owner_of(project))
    theirs = start_import(project, text="The bridge is open.", by=member(project, "curator"))
    run(long)
    assert (long.state, long.counts["imported"]) == ("queued", 2)
    run(theirs)
    assert (run(long).state, long.counts["imported"]) == ("succeeded", 7)


@pytest.mark.django_db(transaction=True)
def test_co_11_the_same_archive_by_two_workers_at_once_is_one_set_of_articles() -> None:
    project = make_project()
    data = archive_of(30)
    both = [start_import(project, files=[upload("m.zip", data)], by=owner_of(project)) for _ in range(2)]

    def work(job: Job) -> None:
        jobs.run(job.pk, {"import_articles": run_import})
        connection.close()

    threads = [threading.Thread(target=work, args=(job,)) for job in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [Job.objects.get(pk=job.pk) for job in both]
    assert sorted(job.counts.get("imported", 0) for job in found) == [0, 30]
    assert sorted(job.reason for job in found) == ["", "duplicate_of"]
    assert Article.objects.count() == 30


def test_up_15_a_row_of_which_nothing_can_be_stored_says_so_and_the_others_go_in() -> None:
    texts = ("\\ud83d", "\\u0000 \\u0001", "Half \\ud83d of one.", " ", "Whole.")
    rows = "".join(f'{{"text": "{text}"}}\n' for text in texts)
    job = bring_in(make_project(), upload("rows.jsonl", rows))
    assert (job.state, job.counts["imported"], job.counts["control_chars_removed"]) == ("partial", 2, 1)
    assert errors_of(job) == [
        ("rows.jsonl", 1, "invalid_characters"),
        ("rows.jsonl", 2, "invalid_characters"),
        ("rows.jsonl", 4, "empty"),
    ]
    assert "U+D83D at character 1" in job.errors.get(line=1).sentence
