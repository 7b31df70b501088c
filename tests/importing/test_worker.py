"""Importing through a real Celery worker: the nudge, the sweep after a lost message, the command."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.management import CommandError, call_command

from claims import jobs
from claims.importing.actions import start_import
from claims.models import Article, Job
from tests.factories import make_project, owner_of
from tests.importing.test_actions import NOTICE, rows_of, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Iterator[Any]:
    from annotator.celery import app

    app.control.purge()  # messages of tests that had no worker
    with start_worker(app, pool="solo", perform_ping_check=False) as running:
        yield running


def wait_for(job: Job) -> Job:
    """Sweeps as beat does: a message may go to a worker that is just ending."""
    deadline = time.monotonic() + 60
    while job.state in ("queued", "running") and time.monotonic() < deadline:
        for _ in range(40):
            time.sleep(0.05)
            job.refresh_from_db()
            if job.state not in ("queued", "running"):
                return job
        jobs.sweep()
    return job


def test_it_works_with_a_worker(worker: Any) -> None:
    project = make_project()
    job = wait_for(start_import(project, files=[upload("rows.csv", rows_of(5))], by=owner_of(project)))
    assert (job.state, job.counts["imported"]) == ("succeeded", 5)
    assert job.heartbeat_at is not None


def test_ft_04_and_05_a_message_that_is_lost_is_sent_again_by_the_sweep(
    worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "nudge", lambda job_id: None)
        job = start_import(project, text=NOTICE, by=owner_of(project))
        time.sleep(0.3)
    job.refresh_from_db()
    assert job.state == "queued"
    assert jobs.sweep() >= 1
    assert wait_for(job).state == "succeeded"


def test_ft_03_many_messages_for_one_job_do_it_once(worker: Any) -> None:
    project = make_project()
    job = start_import(project, files=[upload("rows.csv", rows_of(5))], by=owner_of(project))
    for _ in range(10):
        jobs.nudge(job.pk)
    assert wait_for(job).counts == {"total": 5, "read": 5, "imported": 5}
    assert Article.objects.count() == 5


def import_by_command(*arguments: str) -> tuple[int, dict[str, Any]]:
    """(exit status, the printed JSON object)."""
    printed, status = StringIO(), 0
    try:
        call_command("import_articles", *arguments, "--json", stdout=printed)
    except SystemExit as ended:
        status = int(ended.code or 0)
    found: dict[str, Any] = json.loads(printed.getvalue())
    return status, found


def test_the_command_imports_files_and_folders(worker: Any, tmp_path: Path) -> None:
    project = make_project()
    (tmp_path / "deep").mkdir()
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    (tmp_path / "deep" / "rows.csv").write_text(rows_of(3), encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    status, found = import_by_command(str(tmp_path), "--project", project.slug, "--wait")
    assert (status, found["state"]) == (0, "succeeded")
    assert found["counts"] == {"total": 4, "read": 4, "imported": 4}
    assert found["left_out"] == [str(tmp_path / "picture.png")]
    assert Job.objects.get(pk=found["job"]).created_by == owner_of(project)


def test_the_command_names_what_of_a_folder_it_does_not_read(tmp_path: Path) -> None:
    project = make_project()
    for n in range(12):
        (tmp_path / f"letter-{n:02}.docx").write_bytes(b"PK")
    with pytest.raises(CommandError, match=r"Nothing in .* is of a kind that is read: text, "):
        call_command("import_articles", str(tmp_path), "--project", project.slug)
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    printed = StringIO()
    call_command("import_articles", str(tmp_path), "--project", project.slug, "--here", stdout=printed)
    assert "letter-09.docx and 2 more" in printed.getvalue()


def test_the_commands_exit_status_says_that_something_failed(tmp_path: Path) -> None:
    project = make_project()
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "The pier is closed."}\n{"text": 7}\n', encoding="utf-8")
    status, found = import_by_command(str(rows), "--project", project.slug, "--here")
    assert (status, found["state"], found["counts"]["failed"]) == (1, "partial", 1)
    printed = StringIO()
    with pytest.raises(SystemExit):
        call_command("import_articles", str(rows), "--project", project.slug, "--here", stdout=printed)
    assert "rows.jsonl:2 invalid_field" in printed.getvalue()


def test_the_command_takes_a_text_that_is_piped_in_and_a_list_of_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(NOTICE.encode())))
    status, found = import_by_command("-", "--project", project.slug, "--outlet", "Tidal Post", "--here")
    assert (status, found["counts"]["imported"]) == (0, 1)
    assert Article.objects.select_related("outlet").get().outlet.name == "Tidal Post"  # type: ignore[union-attr]
    listed = tmp_path / "addresses.txt"
    listed.write_text("https://news.example.com/a\nhttps://news.example.com/b\n", encoding="utf-8")
    _, found = import_by_command("--addresses", str(listed), "--project", project.slug)
    job = Job.objects.get(pk=found["job"])
    assert (job.kind, job.args["urls"]) == (
        "import_addresses",
        ["https://news.example.com/a", "https://news.example.com/b"],
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.txt", "--project", "{slug}"], "no file or folder"),
        (["{file}", "--project", "no-such"], "no project"),
        (["{file}", "--project", "{slug}", "--by", "nobody"], "no login"),
        (["{empty}", "--project", "{slug}"], "(empty)"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], said: str, tmp_path: Path) -> None:
    project = make_project()
    (tmp_path / "a.txt").write_text("The pier is closed.", encoding="utf-8")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    names = {"slug": project.slug, "file": str(tmp_path / "a.txt"), "empty": str(tmp_path / "empty.txt")}
    with pytest.raises(CommandError) as refusal:
        call_command("import_articles", *[argument.format(**names) for argument in arguments])
    assert said in str(refusal.value)
