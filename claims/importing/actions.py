"""The writes of importing: start a job from files or text, try again what failed."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models.functions import Now

from claims import audit, jobs
from claims.errors import Conflict, NotFound, Refused
from claims.importing.claims import retry_claims_import
from claims.importing.fetching import retry_fetch
from claims.importing.gathering import SINGLE, UPLOAD_BYTES, Given, LeftOut, facts_of, gather, sort_out
from claims.importing.intake import run_import
from claims.importing.outcome import REMARKS
from claims.importing.quota import check_quota
from claims.lifecycle import JOB
from claims.models import ArticleSource, Job, JobError, Project, User
from claims.permissions import check_can, check_not_archived

__all__ = [
    "retry_failed",
    "run_import",
    "start_import",
]

DISK_FULL = "53100"  # PostgreSQL's code, when it is the database that keeps the files


def start_import(
    project: Project,
    *,
    by: User,
    files: Sequence[File[Any]] = (),
    text: str = "",
    title: str = "",
    url: str = "",
    outlet: str = "",
    options: Mapping[str, Any] | None = None,
    each: Sequence[Mapping[str, Any]] = (),
    left_out: Sequence[LeftOut] = (),
    limit: int | None = UPLOAD_BYTES,
) -> Job:
    """Keep the bytes and queue the job that imports them; `limit` is a file's largest size in bytes (None: no limit).
    `options` say how all files are read (OPTIONS), `each` how each file is, before these.

    A file that is refused among others is left out and noted in the job, as is what the caller has `left_out`. Bytes
    that were imported before in the same way give a job that has already ended, for the reason `duplicate_of`.
    Raises Refused: `nothing_to_import`, `too_many_files`, `unknown_option` (400), `too_many_imports` (429),
    `storage_full` (507), what `check_url` raises; and where nothing can be imported, why the first cannot: `too_large`
    (413), `unsupported_format` (415), and what a reader says of a file as a whole.
    """
    check_can("import", by, project)
    check_not_archived(project)
    facts = facts_of(title=title, url=url, outlet=outlet, options=options or {})
    found = gather(files, text, facts, [facts_of(options=own) for own in each])
    if limit is not None:
        check_quota(by)
    given, refused = sort_out([*found, *left_out], limit)
    if earlier := _imported_before(project, given):
        return _job_of_duplicate(project, earlier, given[0], refused, by=by)
    try:
        with transaction.atomic():
            if limit is not None:
                check_quota(by, lock=True)
            sources = [_keep(item) for item in given]
            args = {"sources": sources, "fingerprint": _fingerprint(given), "left_out": len(refused)}
            job = jobs.enqueue("import_articles", project=project, by=by, args=args, file=sources[0]["name"])
            job.counts = {"total": sum(source["expected"] for source in sources)}
            _note_left_out(job, refused)
            Job.objects.filter(pk=job.pk).update(counts=job.counts)
            audit.record("start_import", job, by=by, files=len(sources), left_out=len(refused))
    except (OSError, OperationalError) as error:
        if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") != DISK_FULL:
            raise
        raise Refused(
            "storage_full", "The file could not be kept: the storage is full or away. Try again later.", status=507
        ) from error
    job.refresh_from_db(fields=["counts"])
    return job


def retry_failed(job: Job, *, by: User) -> Job:
    """Queue an import of what the given one did not bring in: its refused places, or all that it did not get to.

    Raises Conflict: `job_not_ended`, `nothing_to_retry`.
    """
    if job.project is not None and job.kind == "import_addresses":
        return retry_fetch(job, by=by)
    if job.project is not None and job.kind == "import_claims":
        return retry_claims_import(job, by=by)
    if job.project is None or job.kind != "import_articles":
        raise NotFound
    check_can("import", by, job.project)
    check_not_archived(job.project)
    if job.state not in JOB.terminal:
        raise Conflict("job_not_ended", f"This import is still {job.state}. Wait for its end or cancel it.")
    read_all = job.cursor.get("source", 0) >= len(job.args["sources"])
    if read_all and not job.counts.get("failed"):
        raise Conflict("nothing_to_retry", "Nothing failed in this import.")
    if read_all and job.counts["failed"] == job.args.get("left_out"):
        raise Conflict("nothing_to_retry", "The files that were left out are not kept. Mend them and give them again.")
    kept = JobError.objects.filter(job=job).exclude(code__in=REMARKS).count()
    args = {key: value for key, value in job.args.items() if key not in ("retries", "left_out")}
    with transaction.atomic():
        if read_all and kept >= job.counts.get("failed", 0):
            args["retries"] = job.pk
        again = jobs.enqueue("import_articles", project=job.project, by=by, args=args, file=job.file.name or "")
        # What is expected, so that whoever looks on sees how much is left.
        expected = job.counts.get("total", 0) - (0 if read_all else job.counts.get("read", 0))
        expected = kept if "retries" in args else max(0, expected)
        cursor = {} if read_all else job.cursor
        Job.objects.filter(pk=again.pk).update(cursor=cursor, counts={"total": expected} if expected else {})
        audit.record("retry_import", again, by=by, job=job.pk)
    again.refresh_from_db(fields=["cursor", "counts"])
    return again


def _keep(given: Given) -> dict[str, Any]:
    """Store the bytes under a random name; the name that was given is only ever shown."""
    name = default_storage.save(f"imports/{uuid.uuid4().hex}", given.file)
    return given.facts | {
        "name": name,
        "filename": given.filename,
        "format": given.format,
        "size": given.file.size,
        "sha256": given.measured[0],
        "expected": given.expected,
    }


def _fingerprint(given: Sequence[Given]) -> str:
    """The same for the same bytes read in the same way."""
    said = [
        [
            item.measured[0],
            item.format,
            *(item.facts.get(name) or "" for name in ("encoding", "delimiter", "columns", "tables")),
        ]
        for item in given
    ]
    return hashlib.sha256("".join(sorted(json.dumps(one, sort_keys=True) for one in said)).encode()).hexdigest()


def _imported_before(project: Project, given: Sequence[Given]) -> str:
    """What came of exactly these bytes before, when everything in them went in; else nothing."""
    if len(given) == 1 and given[0].format in SINGLE:
        sources = ArticleSource.objects.filter(article__project=project, sha256=given[0].measured[0])
        article = sources.order_by("article_id").values_list("article_id", flat=True).first()
        return f"article {article}" if article is not None else ""
    earlier = Job.objects.in_project(project).filter(
        kind="import_articles", state="succeeded", args__fingerprint=_fingerprint(given)
    )
    job = earlier.order_by("id").values_list("pk", flat=True).first()
    return f"what import {job} brought" if job is not None else ""


def _job_of_duplicate(project: Project, earlier: str, given: Given, refused: Sequence[LeftOut], *, by: User) -> Job:
    with transaction.atomic():
        job = Job.objects.create(
            kind="import_articles",
            project=project,
            args={"sources": [], "left_out": len(refused)},
            state="partial" if refused else "succeeded",
            reason="some_failed" if refused else "duplicate_of",
            sentence=f"The same bytes are {earlier} already. Nothing was changed.",
            counts={"total": 1, "read": 1, "duplicate": 1},
            started_at=Now(),
            ended_at=Now(),
            created_by=by,
        )
        jobs.note_error(
            job, code="duplicate_of", sentence=f"The same bytes are {earlier} already.", member=given.filename
        )
        _note_left_out(job, refused)
        Job.objects.filter(pk=job.pk).update(counts=job.counts)
        audit.record("start_import", job, by=by, files=1, duplicate_of=earlier)
    job.refresh_from_db()
    return job


def _note_left_out(job: Job, refused: Sequence[LeftOut]) -> None:
    """Count them as read and failed, and keep the reason of each."""
    for name in ("total", "read", "failed") if refused else ():
        job.counts[name] = job.counts.get(name, 0) + len(refused)
    for item in refused:
        jobs.note_error(
            job, code=item.refusal.code, sentence=item.refusal.sentence, member=item.filename or "the pasted text"
        )
