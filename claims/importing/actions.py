"""The writes of importing: start a job from files or text, try again what failed, take an article out, mend a block."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from claims import audit, jobs
from claims.errors import Conflict, NotFound, Refused
from claims.importing.addresses import check_url
from claims.importing.archives import open_archive
from claims.importing.articles import LANGUAGE_CODE
from claims.importing.fetching import retry_fetch
from claims.importing.intake import run_import
from claims.importing.quota import check_quota
from claims.importing.readers import EXTENSIONS, READERS, ReadOptions, RecordError, format_of
from claims.importing.readers.lines import check_is_text
from claims.lifecycle import ARTICLE, JOB
from claims.models import Article, ArticleSource, Job, JobError, Project, Segment, User
from claims.models.article import SEGMENT_ROLES
from claims.permissions import check_can, check_not_archived
from claims.text import ARTICLE_CHARS, clean_line, clean_text

__all__ = [
    "correct_segment_language",
    "correct_segment_role",
    "exclude_article",
    "retry_failed",
    "run_import",
    "start_import",
]

UPLOAD_BYTES = 50_000_000
UPLOAD_FILES = 200
SINGLE = ("text", "html", "pdf")  # formats whose files hold one article
IN_THE_JOB = ("html", "pdf", "xlsx", "zip", "warc")  # nothing of these is parsed before the job runs
DISK_FULL = "53100"  # PostgreSQL's code, when it is the database that keeps the files
OPTIONS = frozenset({"format", "encoding", "delimiter", "columns"})


def measure(data: BinaryIO) -> tuple[str, int]:
    """Return (SHA-256, number of lines) of the bytes."""
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    data.seek(0)
    while part := data.read(1 << 20):
        digest.update(part)
        lines += part.count(b"\n")
        last = part
    data.seek(0)
    return digest.hexdigest(), lines + (not last.endswith(b"\n"))


@dataclass(frozen=True)
class _Given:
    """One file to import and what is known of it."""

    file: File[Any]
    filename: str
    format: str
    facts: dict[str, Any]

    @property
    def bytes(self) -> BinaryIO:
        inner = self.file.file
        return cast(BinaryIO, inner if isinstance(inner, io.IOBase) else self.file)

    @cached_property
    def measured(self) -> tuple[str, int]:
        return measure(self.bytes)


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
    limit: int | None = UPLOAD_BYTES,
) -> Job:
    """Keep the bytes and queue the job that imports them; `limit` is a file's largest size in bytes (None: no limit).
    `options` say how all files are read (OPTIONS), `each` how each file is, before these.

    Bytes that were imported before in the same way give a job that has already ended, for the reason `duplicate_of`.
    Raises Refused: `nothing_to_import`, `too_many_files`, `too_large` (413), `unsupported_format` (415),
    `unknown_option` (400), `too_many_imports` (429), `storage_full` (507), what `check_url` raises, and what a
    reader says of a file as a whole.
    """
    check_can("import", by, project)
    check_not_archived(project)
    facts = _facts(title=title, url=url, outlet=outlet, options=options or {})
    given = _given(files, text, facts, [_facts(options=own) for own in each])
    if limit is not None:
        check_quota(by)
    for item in given:
        _check_file(item, limit)
    if earlier := _imported_before(project, given):
        return _job_of_duplicate(project, earlier, given[0], by=by)
    try:
        with transaction.atomic():
            if limit is not None:
                check_quota(by, lock=True)
            sources = [_keep(item) for item in given]
            args = {"sources": sources, "fingerprint": _fingerprint(given)}
            job = jobs.enqueue("import_articles", project=project, by=by, args=args, file=sources[0]["name"])
            Job.objects.filter(pk=job.pk).update(counts={"total": sum(source["expected"] for source in sources)})
            audit.record("start_import", job, by=by, files=len(sources))
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
    if job.project is None or job.kind != "import_articles":
        raise NotFound
    check_can("import", by, job.project)
    check_not_archived(job.project)
    if job.state not in JOB.terminal:
        raise Conflict("job_not_ended", f"This import is still {job.state}. Wait for its end or cancel it.")
    read_all = job.cursor.get("source", 0) >= len(job.args["sources"])
    if read_all and not job.counts.get("failed"):
        raise Conflict("nothing_to_retry", "Nothing failed in this import.")
    kept = JobError.objects.filter(job=job).exclude(code="duplicate_of").count()
    args = {key: value for key, value in job.args.items() if key != "retries"}
    with transaction.atomic():
        if read_all and kept >= job.counts.get("failed", 0):
            args["retries"] = job.pk
        again = jobs.enqueue("import_articles", project=job.project, by=by, args=args, file=job.file.name or "")
        if not read_all:
            Job.objects.filter(pk=again.pk).update(cursor=job.cursor)
        audit.record("retry_import", again, by=by, job=job.pk)
    return again


def exclude_article(article: Article, *, reason: str, by: User) -> Article:
    """Take an article out of the work; it stays readable. Raises Conflict when its state does not allow it."""
    check_can("import", by, article.project)
    check_not_archived(article.project)
    ARTICLE.check_move(article.state, "excluded")
    with transaction.atomic():
        changed = Article.objects.filter(pk=article.pk, version=article.version).update(
            state="excluded", state_reason=clean_line(reason)[:2_000], version=F("version") + 1
        )
        if not changed:
            raise Conflict("article_changed", "Somebody changed this article meanwhile. Look at it again.")
        audit.record("exclude_article", article, by=by)
    article.refresh_from_db()
    return article


def correct_segment_role(segment: Segment, *, role: str, by: User) -> Segment:
    """Say what a block is, against the rules' guess; the text itself does not change."""
    article = segment.text_version.article
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    if role not in SEGMENT_ROLES:
        raise Refused("unknown_role", f"“{role[:40]}” is not a role of a block. Roles: {', '.join(SEGMENT_ROLES)}.")
    with transaction.atomic():
        Segment.objects.filter(pk=segment.pk).update(role=role, decided_by="person")
        audit.record(
            "correct_segment_role", segment, by=by, project=article.project, role=role, instead_of=segment.role
        )
    segment.refresh_from_db(fields=["role", "decided_by"])
    return segment


def correct_segment_language(segment: Segment, *, language: str, by: User) -> Segment:
    """Say which language a block is in. Raises Refused `unknown_language` for what is no language code."""
    article = segment.text_version.article
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    code = language.strip().lower()
    if not LANGUAGE_CODE.fullmatch(code):
        raise Refused("unknown_language", f"“{language[:20]}” is not a language code. Write it as en, el or pt-br.")
    with transaction.atomic():
        Segment.objects.filter(pk=segment.pk).update(language=code, decided_by="person")
        audit.record(
            "correct_segment_language",
            segment,
            by=by,
            project=article.project,
            language=code,
            instead_of=segment.language,
        )
    segment.refresh_from_db(fields=["language", "decided_by"])
    return segment


def _facts(*, title: str = "", url: str = "", outlet: str = "", options: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(options) - OPTIONS):
        raise Refused(
            "unknown_option",
            f"“{unknown[0][:40]}” is not an option. Options: {', '.join(sorted(OPTIONS))}.",
            status=400,
        )
    if url:
        check_url(url)
    named = {"title": clean_line(title)[:500], "url": url.strip(), "outlet": clean_line(outlet)[:200]}
    return {key: value for key, value in {**named, **options}.items() if value}


def _given(
    files: Sequence[File[Any]], text: str, facts: Mapping[str, Any], each: Sequence[Mapping[str, Any]]
) -> list[_Given]:
    """What is to be imported, each with its format. Title and address belong to one article, not to many files."""
    found = [_given_file(file, {**facts, **(each[at] if at < len(each) else {})}) for at, file in enumerate(files)]
    if text.strip():
        clean_text(text, limit=ARTICLE_CHARS, code="article_too_long")
        content = ContentFile(text.encode("utf-8", "ignore"), name="")
        pasted = {key: value for key, value in facts.items() if key in ("title", "url", "outlet")}
        found.append(_Given(content, "", "text", pasted | {"encoding": "utf-8"}))
    if not found:
        raise Refused("nothing_to_import", "There is nothing to import. Paste a text or choose files.")
    if len(found) > UPLOAD_FILES:
        raise Refused("too_many_files", f"These are {len(found)} files; at most {UPLOAD_FILES} go into one import.")
    for item in found[: len(files)]:
        if len(found) > 1 or item.format not in SINGLE:
            item.facts.pop("title", None)
            item.facts.pop("url", None)
    return found


def _given_file(file: File[Any], facts: dict[str, Any]) -> _Given:
    filename = clean_line((file.name or "").replace("\\", "/").rpartition("/")[2])[:300]
    format_ = facts.pop("format", None) or format_of(filename)
    if format_ not in READERS:
        raise Refused(
            "unsupported_format",
            f"There is no reader for “{filename[:80]}”. Give {', '.join(f'.{end}' for end in EXTENSIONS)} files.",
            status=415,
        )
    return _Given(file, filename, format_, facts)


def _check_file(given: _Given, limit: int | None) -> None:
    """Refuse at once what can be seen at once; what is no plain text is not parsed here but in the job."""
    if limit is not None and given.file.size > limit:
        shown = given.filename or "The text"
        raise Refused(
            "too_large", f"{shown} has {given.file.size:,} bytes; at most {limit:,} are taken here.", status=413
        )
    data = given.bytes
    data.seek(0)
    if given.format in IN_THE_JOB:
        head = data.read(1 << 16)
        if given.format == "html":
            check_is_text(head)
        if given.file.size <= len(head) and not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
            raise Refused("empty", f"{given.filename} is empty. Give a file with at least one article.")
        if given.format == "zip":
            with open_archive(data) as archive:
                given.facts["members"] = len(archive.infolist())
    else:
        facts = given.facts
        options = ReadOptions(
            member=given.filename,
            encoding=facts.get("encoding"),
            delimiter=facts.get("delimiter"),
            columns=facts.get("columns") or {},
        )
        found = READERS[given.format](data, options)
        first = next(found, None)
        if first is not None and not isinstance(first, RecordError):
            facts["found"] = {"encoding": first.encoding, "confidence": first.encoding_confidence}
        del found, first
    data.seek(0)


def _keep(given: _Given) -> dict[str, Any]:
    """Store the bytes under a random name; the name that was given is only ever shown."""
    digest, lines = given.measured
    name = default_storage.save(f"imports/{uuid.uuid4().hex}", given.file)
    return given.facts | {
        "name": name,
        "filename": given.filename,
        "format": given.format,
        "size": given.file.size,
        "sha256": digest,
        "expected": _expected(given, lines),
    }


def _expected(given: _Given, lines: int) -> int:
    """How many articles to expect, as far as that can be told without parsing."""
    if given.format in ("csv", "jsonl"):
        return lines - (given.format == "csv")
    return int(given.facts.get("members", 1))


def _fingerprint(given: Sequence[_Given]) -> str:
    """The same for the same bytes read in the same way."""
    said = sorted(
        [item.measured[0], item.format, *(item.facts.get(name) or "" for name in ("encoding", "delimiter", "columns"))]
        for item in given
    )
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _imported_before(project: Project, given: Sequence[_Given]) -> str:
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


def _job_of_duplicate(project: Project, earlier: str, given: _Given, *, by: User) -> Job:
    with transaction.atomic():
        job = Job.objects.create(
            kind="import_articles",
            project=project,
            args={"sources": []},
            state="succeeded",
            reason="duplicate_of",
            sentence=f"The same bytes are {earlier} already. Nothing was changed.",
            counts={"total": 1, "read": 1, "duplicate": 1},
            started_at=Now(),
            ended_at=Now(),
            created_by=by,
        )
        jobs.note_error(
            job, code="duplicate_of", sentence=f"The same bytes are {earlier} already.", member=given.filename
        )
        audit.record("start_import", job, by=by, files=1, duplicate_of=earlier)
    job.refresh_from_db()
    return job
