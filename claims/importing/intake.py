"""The import job: reads the sources one after another and stores what they hold, a chunk at a time.

`job.cursor` is {"source": which file, "item": how many of its records and errors are done}. It is committed with the
chunk that it describes, so a worker that takes over after a crash reads past what is done and goes on.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage

from claims import jobs
from claims.errors import Refused
from claims.importing.articles import OriginalFile, Prepared, check_topics, prepare, store
from claims.importing.findings import take_reviews
from claims.importing.outcome import REMARKS, count, finish_import, note_duplicate, note_remarks, pass_on
from claims.importing.readers import READERS, ReadOptions, Record, RecordError
from claims.models import Job, JobError, Project, Topic

CHUNK_ARTICLES = 100
CHUNK_CHARS = 1_000_000
CHUNK_SECONDS = 2.0
FIRST_ARTICLES = 20  # in the first chunk: whoever looks on soon sees that it goes on
RENEW_SECONDS = 10.0
TURN_SECONDS = 15.0
MEDIA_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "warc": "application/warc",
}
Item = Prepared | RecordError
Place = tuple[int, int]  # which source, how many of its items are done


def run_import(job: Job) -> None:
    """Do an `import_articles` job from where its cursor stands to its end."""
    assert job.project is not None  # noqa: S101 - `start_import` gives every import a project
    intake = _Intake(job, job.project)
    if intake.take_all():
        finish_import(job)


class _Intake:
    """One run of one job."""

    def __init__(self, job: Job, project: Project) -> None:
        self.job = job
        self.project = project
        self.wanted = _places_to_retry(job)
        self.topics = set(Topic.objects.in_project(project).values_list("code", flat=True))
        self.began_at = self.renewed_at = time.monotonic()

    def take_all(self) -> bool:
        """Import what the sources hold from the cursor on, in chunks that may reach over several small files.

        False: another person's import is waiting, and this one goes on after it.
        """
        batch: list[Item] = []
        began, chars = time.monotonic(), 0
        place = start = (self.job.cursor.get("source", 0), self.job.cursor.get("item", 0))
        for item, place in self._items_from(start):
            self._renew_when_due()
            if item is not None:
                batch.append(item)
                chars += len(item.record.text) if isinstance(item, Prepared) else 0
            if batch and self._is_chunk(len(batch), chars, time.monotonic() - began):
                self._write(batch, place)
                batch, began, chars = [], time.monotonic(), 0
                if began - self.began_at >= TURN_SECONDS and jobs.let_others(self.job):
                    return False
        self._write(batch, place)
        return True

    def _is_chunk(self, articles: int, chars: int, seconds: float) -> bool:
        enough = CHUNK_ARTICLES if self.job.counts.get("read") else min(FIRST_ARTICLES, CHUNK_ARTICLES)
        return articles >= enough or chars >= CHUNK_CHARS or seconds >= CHUNK_SECONDS

    def _items_from(self, start: Place) -> Iterator[tuple[Item | None, Place]]:
        """Yield each item with the place after it, and None at the end of each file."""
        first, done = start
        for at, source in enumerate(self.job.args["sources"][first:], start=first):
            original = OriginalFile(
                name=source["name"],
                filename=source["filename"],
                media_type=MEDIA_TYPES[source["format"]],
                sha256=source["sha256"],
                size=source["size"],
            )
            for number, found in enumerate(_read(source, done if at == first else 0), start=1):
                is_due = (at > first or number > done) and self._is_wanted(found)
                yield (_prepared(found, original, self.topics) if is_due else None), (at, number)
            yield None, (at + 1, 0)

    def _write(self, batch: list[Item], place: Place) -> None:
        """Commit a batch together with the counts and the place to go on from."""
        job = self.job
        prepared = [item for item in batch if isinstance(item, Prepared)]
        with jobs.chunk(job):
            stored = store(self.project, prepared, by=job.created_by)
            count(job, "read", len(batch))
            count(job, "imported", len(stored.created))
            count(job, "claims", take_reviews(self.project, prepared, by=job.created_by))
            count(job, "control_chars_removed", sum(item.record.control_chars_removed for item in prepared))
            for error in (item for item in batch if isinstance(item, RecordError)):
                count(job, "failed", 1)
                jobs.note_error(job, code=error.code, sentence=error.sentence, member=error.member, line=error.line)
            for record, article in stored.duplicates:
                note_duplicate(job, record, article)
            note_remarks(job, (item.record for item in prepared))
            pass_on(self.project, stored.created, by=job.created_by)
            job.cursor = {"source": place[0], "item": place[1]}

    def _is_wanted(self, found: Record | RecordError) -> bool:
        return self.wanted is None or (found.member[:300], found.line) in self.wanted

    def _renew_when_due(self) -> None:
        if time.monotonic() - self.renewed_at >= RENEW_SECONDS:
            jobs.renew(self.job)
            self.renewed_at = time.monotonic()


def _read(source: dict[str, Any], done: int) -> Iterator[Record | RecordError]:
    """Yield the records of a stored file, the first `done` perhaps as PASSED; what makes the file useless as a whole is
    its one error."""
    options = ReadOptions(
        member=source["filename"],
        encoding=source.get("encoding"),
        delimiter=source.get("delimiter"),
        columns=source.get("columns") or {},
        tables={name: choice for choice, names in source.get("tables", ()) for name in names},
        url=source.get("url", ""),
        done=done,
    )
    with closing(default_storage.open(source["name"])) as opened:
        # Django's File lacks what text wrappers ask for; the file inside it has all of it.
        data = cast(BinaryIO, opened.file if isinstance(opened.file, io.IOBase) else opened)
        try:
            for item in READERS[source["format"]](data, options):
                yield _with_what_was_given(item, source)
        except Refused as refusal:
            yield RecordError(code=refusal.code, sentence=refusal.sentence, member=source["filename"])


def _prepared(found: Record | RecordError, original: OriginalFile, topics: set[str]) -> Item:
    if isinstance(found, RecordError):
        return found
    try:
        check_topics(found, topics)
        return prepare(found, original)
    except Refused as refusal:
        return RecordError(code=refusal.code, sentence=refusal.sentence, member=found.member, line=found.line)


def _with_what_was_given(item: Record | RecordError, source: dict[str, Any]) -> Record | RecordError:
    """What a person typed beside a file holds for its articles where the file says nothing itself."""
    if isinstance(item, RecordError):
        return item
    given = {name: source[name] for name in ("title", "url") if source.get(name) and not getattr(item, name)}
    if source.get("outlet") and not (item.outlet and item.is_stated):
        given |= {"outlet": source["outlet"], "is_stated": True}
    return replace(item, **given) if given else item


def _places_to_retry(job: Job) -> set[tuple[str, int | None]] | None:
    """The places that an earlier job failed at; None means everything."""
    earlier = job.args.get("retries")
    if not earlier:
        return None
    failed = JobError.objects.filter(job_id=earlier).exclude(code__in=REMARKS)
    return set(failed.values_list("member", "line"))
