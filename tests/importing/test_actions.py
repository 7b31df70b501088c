"""Importing into the database: jobs, duplicates, outlets, errors, retries."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction

from claims import jobs
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.importing import intake
from claims.importing.actions import correct_segment_role, exclude_article, retry_failed, start_import
from claims.importing.intake import run_import
from claims.models import (
    Article,
    ArticleSource,
    AuditEvent,
    Job,
    JobError,
    Outlet,
    OutletDomain,
    Project,
    Segment,
    StoredFile,
    TextVersion,
)
from tests.factories import make_project, member, owner_of
from tests.importing.test_blocks import PARAGRAPHS
from tests.importing.test_readers import PAGE

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "seeds"
NOTICE = "Velmora closes its eastern pier\n\n" + "\n\n".join(PARAGRAPHS)

pytestmark = pytest.mark.django_db


def upload(name: str, data: bytes | str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def run(job: Job) -> Job:
    """What a worker does with this job; splitting is another stage's work."""
    jobs.run(job.pk, {"import_articles": run_import})
    job.refresh_from_db()
    return job


def bring_in(project: Project, *files: Any, **given: Any) -> Job:
    return run(start_import(project, files=files, by=owner_of(project), **given))


def refusal_of(project: Project, *files: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        start_import(project, files=files, by=owner_of(project), **given)
    assert not Job.objects.exists()
    assert not StoredFile.objects.exists()
    return refusal.value


def row_counts() -> dict[str, int]:
    tables = (Article, TextVersion, Segment, ArticleSource, Outlet, OutletDomain, StoredFile)
    return {model.__name__: model.objects.count() for model in tables}


def errors_of(job: Job) -> list[tuple[str, int | None, str]]:
    return list(job.errors.order_by("id").values_list("member", "line", "code"))


def test_it_works_for_a_pasted_text() -> None:
    project = make_project()
    job = bring_in(
        project,
        text=NOTICE,
        title="Velmora closes its pier",
        outlet="Harbour News",
        url="https://harbour.example/a/?utm_x=1",
    )
    assert (job.state, job.counts) == ("succeeded", {"total": 1, "read": 1, "imported": 1})
    article = Article.objects.get()
    version = article.text_versions.get()
    assert version.text == NOTICE
    assert version.sha256 == article.content_sha256 == hashlib.sha256(NOTICE.encode()).hexdigest()
    assert (article.headline, article.language, article.state) == ("Velmora closes its pier", "en", "imported")
    assert article.canonical_url == "https://harbour.example/a"
    assert article.outlet is not None
    assert article.outlet.name == "Harbour News"
    assert OutletDomain.objects.get().domain == "harbour.example"
    assert all(NOTICE[s.start : s.end] for s in version.segments.all())
    assert Job.objects.get(kind="split_article").args == {"articles": [article.pk]}
    source = article.sources.get()
    with source.file.open("rb") as kept:
        assert kept.read().decode() == NOTICE


@pytest.mark.parametrize(
    ("name", "data", "n"),
    [
        ("a.txt", NOTICE, 1),
        ("a.html", PAGE, 1),
        ("a.csv", "title,text\nOne,The pier is closed.\nTwo,The pier is open.\n", 2),
        ("a.jsonl", '{"text": "The pier is closed."}\n{"text": "The pier is open."}\n', 2),
    ],
)
def test_each_format_comes_in(name: str, data: str, n: int) -> None:
    project = make_project()
    job = bring_in(project, upload(name, data))
    assert (job.state, job.counts) == ("succeeded", {"total": n, "read": n, "imported": n})
    assert Article.objects.filter(project=project).count() == n
    assert AuditEvent.objects.filter(verb="start_import").count() == 1


def test_a_page_brings_its_metadata() -> None:
    project = make_project()
    bring_in(project, upload("pier.html", PAGE))
    article = Article.objects.get()
    assert (article.headline, article.byline) == ("Velmora closes its pier", "Tomas Aldergrove")
    assert (article.published_how, article.language) == ("metadata", "en")
    assert (article.outlet and article.outlet.name) == "Harbour News"
    assert article.text_versions.get().recipe.startswith("trafilatura ")
    assert article.text_versions.get().segments.order_by("n")[0].role == "headline"


@pytest.mark.parametrize(("role", "error"), [("reviewer", NotPermitted), ("observer", NotPermitted)])
def test_only_owners_and_curators_import(role: str, error: type[Refused]) -> None:
    project = make_project(alice=role)
    with pytest.raises(error):
        start_import(project, text="The pier is closed.", by=member(project, "alice"))
    with pytest.raises(NotFound):
        start_import(project, text="The pier is closed.", by=owner_of(make_project()))


@pytest.mark.parametrize(
    ("name", "data", "code", "status"),
    [
        ("a.txt", b"", "empty", 422),
        ("a.txt", b"\xef\xbb\xbf \n", "empty", 422),
        ("a.txt", b"caf\xe9", "encoding_unknown", 422),
        ("a.txt", b"MZ\x90\x00", "unsupported_content", 415),
        ("a.html", b"%PDF-1.4", "unsupported_content", 415),
        ("a.html", b" ", "empty", 422),
        ("a.csv", b"titel,datum\n1,2\n", "missing_column", 422),
        ("a.csv", b"text,text\n1,2\n", "duplicate_column", 422),
        ("a.exe", b"x", "unsupported_format", 415),
        ("a", b"x", "unsupported_format", 415),
        ("a.txt", b"a" * 1_000_001, "article_too_long", 422),
    ],
)
def test_up_10_to_43_useless_files_are_refused_before_a_job_is_made(
    name: str, data: bytes, code: str, status: int
) -> None:
    refusal = refusal_of(make_project(), upload(name, data))
    assert (refusal.code, refusal.status) == (code, status)


def test_other_requests_that_cannot_be_done_are_refused() -> None:
    project = make_project()
    assert refusal_of(project).code == "nothing_to_import"
    assert refusal_of(project, text="x" * 1_000_001).code == "article_too_long"
    assert refusal_of(project, text="x", url="javascript:alert(1)").code == "scheme_not_allowed"
    assert refusal_of(project, text="x", options={"colour": "red"}).code == "unknown_option"
    assert refusal_of(project, *[upload("a.txt", "x")] * 201).code == "too_many_files"
    large = upload("a.txt", "x")
    large.size = 50_000_001
    assert (refusal_of(project, large).code, refusal_of(project, large).status) == ("too_large", 413)


def test_up_15_control_characters_are_removed_counted_and_never_reach_the_database() -> None:
    job = bring_in(make_project(), text="The \x00pier\x07 is\ud800 closed.")
    assert TextVersion.objects.get().text == "The pier is closed."
    assert job.counts["control_chars_removed"] == 2


def test_up_39_a_hostile_file_name_is_kept_for_show_alone() -> None:
    name = '"><img src=x onerror=1>\u202e\n' + "n" * 300 + ".txt"
    file = ContentFile(b"The pier is closed.", name="x.txt")
    file.name = "../../" + name
    bring_in(make_project(), file, options={"format": "text"})
    source = ArticleSource.objects.get()
    assert "/" not in source.filename
    assert "\n" not in source.filename
    assert len(source.filename) <= 300
    assert source.file.name.startswith("imports/")
    assert len(source.file.name) == len("imports/") + 32


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_up_40_the_same_bytes_again_change_no_row_and_say_duplicate_of(name: str) -> None:
    project = make_project()
    data = NOTICE if name == "a.txt" else PAGE
    bring_in(project, upload(name, data))
    before = row_counts()
    job = start_import(project, files=[upload("other name" + name, data)], by=owner_of(project))
    assert (job.state, job.counts["duplicate"]) == ("succeeded", 1)
    assert errors_of(job) == [("other name" + name, None, "duplicate_of")]
    assert str(Article.objects.get().pk) in job.sentence
    assert row_counts() == before


def test_inv_8_the_same_rows_in_another_file_change_no_article() -> None:
    project = make_project()
    bring_in(project, upload("a.csv", "text\nOne is closed.\nTwo is closed.\n"))
    before = row_counts()
    job = bring_in(project, upload("b.jsonl", '{"text": "Two is closed."}\n{"text": "One is closed."}\n'))
    assert (job.state, job.counts) == ("succeeded", {"total": 2, "read": 2, "duplicate": 2})
    assert row_counts() == before | {"StoredFile": before["StoredFile"] + 1}
    job = bring_in(project, upload("c.csv", "text\nThree is closed.\nThree is closed.\n"))
    assert job.counts == {"total": 2, "read": 2, "imported": 1, "duplicate": 1}


def test_az_23_another_projects_articles_say_nothing_about_what_is_new() -> None:
    bring_in(make_project(), text=NOTICE)
    job = bring_in(make_project(), text=NOTICE)
    assert job.counts == {"total": 1, "read": 1, "imported": 1}


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
    job = bring_in(project, upload("head.csv", "text,title\n"))
    assert (job.state, job.reason) == ("failed", "empty")


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


class StoppedHere(Exception):  # noqa: N818 - an event, not a fault
    """The worker ends at once, as with kill -9: nothing of the open transaction is kept."""


def rows_of(n: int) -> str:
    return "text\n" + "".join(f"Pier {i} is closed for repairs.\n" for i in range(n))


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


@pytest.mark.parametrize(
    ("rows", "outlets"),
    [
        ([("A.", "Tidal Post", ""), ("B.", "tidal post", "")], {"Tidal Post": []}),
        (
            [("A.", "Tidal Post", "https://www.tidal.example/a"), ("B.", "", "https://tidal.example/b")],
            {"Tidal Post": ["tidal.example"]},
        ),
        ([("A.", "", "https://tidal.example/a")], {"tidal.example": ["tidal.example"]}),
        (
            [("A.", "tidal.example", ""), ("B.", "", "https://tidal.example/b")],
            {"tidal.example": [], "tidal.example 2": ["tidal.example"]},
        ),
        (
            [("A.", "Tidal Post", "https://tidal.example/a"), ("B.", "Tidal Post", "https://tıdal.example/b")],
            {"Tidal Post": ["tidal.example"], "Tidal Post (xn--tdal-lza.example)": ["xn--tdal-lza.example"]},
        ),
    ],
)
def test_up_45_outlets_are_found_by_domain_and_name_and_never_merged_by_likeness(
    rows: list[tuple[str, str, str]], outlets: dict[str, list[str]]
) -> None:
    project = make_project()
    data = "text,outlet,url\n" + "".join(",".join(row) + "\n" for row in rows)
    bring_in(project, upload("rows.csv", data))
    found = {o.name: sorted(o.domains.values_list("domain", flat=True)) for o in Outlet.objects.all()}
    assert found == outlets


def test_a_page_cannot_put_itself_under_another_outlets_name() -> None:
    project = make_project()
    bring_in(project, upload("pier.html", PAGE))
    copied = PAGE.replace("harbour.example", "copycat.example").replace("eleven weeks", "no week at all")
    bring_in(project, upload("copy.html", copied))
    assert {o.name for o in Outlet.objects.all()} == {"Harbour News", "Harbour News (copycat.example)"}


def test_an_article_can_be_taken_out_and_a_block_corrected() -> None:
    project = make_project(alice="reviewer")
    owner = owner_of(project)
    bring_in(project, text=NOTICE)
    article = Article.objects.get()
    segment = Segment.objects.order_by("n")[1]
    assert correct_segment_role(segment, role="caption", by=owner).decided_by == "person"
    with pytest.raises(Refused):
        correct_segment_role(segment, role="verse", by=owner)
    with pytest.raises(NotPermitted):
        exclude_article(article, reason="", by=member(project, "alice"))
    stale = Article.objects.get()
    assert exclude_article(article, reason="An advertisement.", by=owner).state == "excluded"
    with pytest.raises(Conflict):
        exclude_article(stale, reason="", by=owner)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"exclude_article", "correct_segment_role"}


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


def test_ft_04_the_job_and_its_bytes_are_committed_together_or_not_at_all() -> None:
    project = make_project()
    owner = owner_of(project)

    @transaction.atomic
    def start_and_stop() -> None:
        start_import(project, text=NOTICE, by=owner)
        raise StoppedHere

    with pytest.raises(StoppedHere):
        start_and_stop()
    assert (Job.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.parametrize("sqlstate", [None, "53100"])
def test_ft_10_a_full_storage_is_said_and_leaves_nothing(sqlstate: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*args: Any, **kwargs: Any) -> str:
        if sqlstate is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        cause = Exception()
        cause.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError from cause

    monkeypatch.setattr("claims.importing.actions.default_storage.save", no_room)
    refusal = refusal_of(make_project(), text=NOTICE)
    assert (refusal.code, refusal.status) == ("storage_full", 507)


@pytest.mark.skipif(not SEEDS.exists(), reason="the five real articles are not at hand")
def test_the_five_real_articles_come_in_exactly() -> None:
    project = make_project()
    paths = sorted(SEEDS.glob("*.txt"))
    job = bring_in(project, *[upload(path.name, path.read_bytes()) for path in paths])
    assert (job.state, job.counts) == ("succeeded", {"total": 5, "read": 5, "imported": 5})
    for path in paths:
        text = path.read_bytes().decode()
        article = Article.objects.get(content_sha256=hashlib.sha256(text.encode()).hexdigest())
        assert article.text_versions.get().text == text
        assert article.language == "en"
        assert article.headline in text
    dates = dict(Article.objects.exclude(published_at=None).values_list("headline", "published_how"))
    assert set(dates.values()) == {"text"}
    assert len(dates) == 2
    assert not JobError.objects.exists()
