"""The writes of exporting: start a release, build its files, check them, hand them out."""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import Max
from django.db.models.functions import Now

from claims import audit, jobs, ledger, webhooks
from claims.errors import Conflict, NotFound, Refused
from claims.exporting.building import BuiltFile, build_files, expected_rows
from claims.exporting.editions import is_of_this_edition, made_with
from claims.exporting.freezing import freeze
from claims.exporting.scope import withheld_ids
from claims.exporting.selecting import Selection, SplitPlan
from claims.exporting.writers import CARDS, DOCUMENTS, WRITERS
from claims.lifecycle import RELEASE
from claims.models import Job, Project, Release, ReleaseFile, Round, User
from claims.permissions import check_can
from claims.text import clean_line

STORAGE_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{1,63}", re.ASCII)


def start_release(
    project: Project,
    *,
    by: User,
    title: str = "",
    rounds: Sequence[int | Round] | None = None,
    formats: Sequence[str] = ("jsonl", "csv"),
    licence: str = "",
    errata: Sequence[str] = (),
    has_texts: bool = True,
    selection: Selection | None = None,
    splits: SplitPlan | None = None,
) -> Release:
    """Seal what is committed and number a release of it; a job builds the files.

    `rounds` narrows it to some rounds of the project (None: all that have begun, and everything imported). `licence` is
    the SPDX identifier of the labels' licence, `errata` are sentences on what it corrects of earlier releases. Without
    texts it holds offsets, addresses and checksums instead of the words of articles. `selection` narrows it to some
    answers, `splits` shares its units out.
    Raises Refused `unknown_format`, `unknown_licence`, `format_holds_text`, what `selection` and `splits` refuse, and
    NotFound for rounds that are not the project's.
    """
    check_can("release", by, project)
    chosen = _known_formats(formats)
    covered = _own_rounds(project, rounds)
    if licence and not SPDX.fullmatch(licence):
        raise Refused("unknown_licence", f"“{licence[:40]}” is no SPDX identifier. Write for example CC-BY-4.0.")
    worded = [name for name in chosen if name in DOCUMENTS]
    if worded and not has_texts:
        raise Refused("format_holds_text", f"{', '.join(worded)} cannot be written without the words of articles.")
    scope: dict[str, Any] = {"rounds": covered, "is_whole": rounds is None, "licence": licence, "has_texts": has_texts}
    if selection is not None and not selection.is_whole:
        selection.check(project)
        scope["selection"] = selection.kept
    if splits is not None:
        splits.check(project)
        scope["splits"] = splits.kept
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(
            pk=project.pk
        )  # two releases started at once get two numbers
        number = (Release.objects.in_project(project).aggregate(n=Max("number"))["n"] or 0) + 1
        release = Release.objects.create(
            project=project,
            number=number,
            title=clean_line(title)[:200],
            seal=ledger.seal(),
            filter=scope
            | {"since": _last_ready(project), "withheld": withheld_ids(project.pk), "made_with": made_with()},
            formats=chosen,
            errata=[line for line in (clean_line(erratum)[:500] for erratum in errata) if line],
            created_by=by,
        )
        freeze(release)
        _enqueue(release, by)
        audit.record("start_release", release, by=by, number=number, seal=release.seal_id)
    return release


def _last_ready(project: Project) -> int | None:
    """The number of the release that the next one says what changed since."""
    ready = Release.objects.in_project(project).filter(state="ready")
    last: int | None = ready.aggregate(n=Max("number"))["n"]
    return last


def retry_release(release: Release, *, by: User) -> Job:
    """Build a release again whose job failed; it stays as of its seal."""
    check_can("release", by, release.project)
    with transaction.atomic():
        locked = Release.objects.select_for_update(of=("self",), no_key=True).select_related("job").get(pk=release.pk)
        if locked.state == "ready" or (locked.job is not None and locked.job.state in ("queued", "running")):
            raise Conflict("release_not_failed", "Only a release whose job has failed is built again.")
        Release.objects.filter(pk=release.pk).update(state="building", state_reason="")
        job = _enqueue(locked, by)
        audit.record("retry_release", release, by=by)
    return job


def _enqueue(release: Release, by: User) -> Job:
    job = jobs.enqueue("build_release", project=release.project, by=by, args={"release": release.pk})
    Release.objects.filter(pk=release.pk).update(job=job)
    release.job = job
    return job


def _known_formats(formats: Sequence[str]) -> list[str]:
    unknown = [name for name in formats if name not in WRITERS]
    if unknown or not formats:
        given = ", ".join(map(repr, unknown)) or "nothing"
        raise Refused("unknown_format", f"Formats are {', '.join(WRITERS)}; not {given}. Choose at least one of them.")
    needs = [CARDS[name].needs for name in formats if name in CARDS]
    needed = {alternatives[0] for alternatives in needs if alternatives and not {*alternatives} & {*formats}}
    return [name for name in WRITERS if name in formats or name in needed]


def _own_rounds(project: Project, rounds: Sequence[int | Round] | None) -> list[int]:
    """The rounds a release covers, written down once: a round that begins later is in the next release."""
    begun = Round.objects.in_project(project).exclude(state="draft").order_by("id")
    if rounds is None:
        return list(begun.values_list("id", flat=True))
    ids = sorted({round_.pk if isinstance(round_, Round) else round_ for round_ in rounds})
    if not ids or begun.filter(pk__in=ids).count() != len(ids):
        raise NotFound
    return ids


def run_build_release(job: Job) -> None:
    """Job handler: write all files beside, then show them together. A killed worker's successor starts afresh."""
    release = Release.objects.select_related("project", "seal").get(pk=job.args["release"])
    if release.state == "ready":
        jobs.finish(job, "succeeded", sentence=f"Release {release.number} is ready.")
        return
    try:
        with refusing_full_storage():
            _build(release, job)
    except Refused as refusal:
        with jobs.chunk(job):
            RELEASE.check_move(release.state, "failed")
            Release.objects.filter(pk=release.pk).update(state="failed", state_reason=refusal.sentence)
            jobs.finish(job, "failed", reason=refusal.code, sentence=refusal.sentence)


@contextmanager
def refusing_full_storage() -> Iterator[None]:
    """Trying again at once would fail again: the job ends with a reason that says what to do. Temporary files have no
    name on the disk and are gone with the process that wrote them."""
    try:
        yield
    except OSError as error:
        if error.errno not in STORAGE_FULL:
            raise
        raise _storage_full() from error
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.DiskFull):
            raise
        raise _storage_full() from error


def _storage_full() -> Refused:
    sentence = "There is no room left to write its files. Make room, then let the files be written again."
    return Refused("storage_full", sentence, status=507)


def _build(release: Release, job: Job) -> None:
    read, total = 0, expected_rows(release)

    def tick(rows: int) -> None:
        nonlocal read
        read += rows
        jobs.renew(job, shown={"total": max(total, read), "read": read})

    with ExitStack() as stack:
        built = build_files(release, stack, tick)
        stored = [(each, _store(release, each)) for each in built.files]
        with jobs.chunk(job):
            RELEASE.check_move(release.state, "ready")
            release.files.all().delete()
            ReleaseFile.objects.bulk_create(
                ReleaseFile(
                    release=release,
                    name=each.name,
                    format=each.format,
                    rows=each.rows,
                    size=each.size,
                    sha256=each.digest.hexdigest(),
                    file=name,
                )
                for each, name in stored
            )
            Release.objects.filter(pk=release.pk).update(
                state="ready", manifest=built.manifest, ready_at=Now(), state_reason=""
            )
            about = {"release": release.number, "files": sorted(each.name for each, _ in stored)}
            webhooks.emit(release.project_id, "release.ready", f"release {release.pk}", about)
            job.counts = {"total": max(total, read), "read": read, "rows": built.rows, "files": len(stored)}
            jobs.finish(job, "succeeded", sentence=f"Release {release.number} is ready: {built.rows} rows.")


def _store(release: Release, built: BuiltFile) -> str:
    """Keep the file under a name of its own; what an earlier attempt left there goes."""
    name = f"releases/{release.pk}/{built.name}"
    if default_storage.exists(name):
        default_storage.delete(name)
    built.content.seek(0)
    return default_storage.save(name, File(built.content, name=built.name))


def verify_release(release: Release) -> list[str]:
    """Build the release again from the database and compare: sentences about what differs, none when nothing does.

    Text that was taken down since is not in the new build, so its files differ; that is said, not hidden. Where another
    edition wrote the release and bytes differ, the rows of its tables are compared instead.
    """
    if release.manifest is None:
        raise Conflict("release_not_ready", f"The release is {release.state}; there is nothing to verify yet.")
    stored = {each.name: each for each in release.files.all()}
    with ExitStack() as stack:
        built = build_files(release, stack)
        again = {each.name: each.entry for each in built.files}
    differences = [*_differences(stored, again)]
    if differences and not is_of_this_edition(release):
        differences = [*_differing_rows(release.manifest["tables"], built.manifest["tables"])]
    return [*differences, *_damages(stored)]


def _differences(stored: dict[str, ReleaseFile], again: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in sorted(stored.keys() | again.keys()):
        if name not in again or name not in stored:
            yield f"{name} is {'no longer' if name in stored else 'not yet'} part of the release."
        elif stored[name].sha256 != again[name]["sha256"]:
            yield f"{name} had {stored[name].rows} rows and another content; it has {again[name]['rows']} rows now."


def _differing_rows(stored: dict[str, Any], again: dict[str, Any]) -> Iterator[str]:
    for name in sorted(stored.keys() | again.keys()):
        if name not in again or name not in stored:
            yield f"The table {name} is {'no longer' if name in stored else 'not yet'} part of the release."
        elif stored[name]["canonical_sha256"] != again[name]["canonical_sha256"]:
            yield f"{name} had {stored[name]['rows']} rows and other values; it has {again[name]['rows']} rows now."


def _damages(stored: dict[str, ReleaseFile]) -> Iterator[str]:
    for name, each in sorted(stored.items()):
        if not default_storage.exists(str(each.file.name)):
            yield f"{name} was erased, since it may hold what was taken down. Its checksum stays."
            continue
        digest = hashlib.sha256()
        with each.file.open("rb") as content:
            for part in content.chunks():
                digest.update(part)
        if digest.hexdigest() != each.sha256:
            yield f"The stored bytes of {name} are not those that were released."
