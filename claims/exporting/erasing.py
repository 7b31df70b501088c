"""Erasing the files of releases that hold what was taken down since. Their names, sizes and checksums stay."""

from __future__ import annotations

from django.core.files.storage import default_storage

from claims import audit, jobs
from claims.exporting.handing import is_withheld, taken_down
from claims.models import Job, Release


def run_erase_released(job: Job) -> None:
    """Job handler. What is erased already is passed over, so it may run twice."""
    erased = 0
    for release in Release.objects.filter(project=job.project, state="ready").order_by("number"):
        if not taken_down(release):
            continue
        with jobs.chunk(job):
            held = [file for file in release.files.all() if is_withheld(file)]
            names = [file.name for file in held if _erase(str(file.file.name))]
            if names:
                audit.record("erase_released", release, by=job.created_by, files=sorted(names))
            erased += len(names)
            job.counts = {"erased": erased}
    with jobs.chunk(job):
        jobs.finish(job, "succeeded", sentence=f"{erased} files of releases were erased; their checksums stay.")


def _erase(stored: str) -> bool:
    """Whether there was anything left to erase."""
    is_there = default_storage.exists(stored)
    default_storage.delete(stored)
    return is_there
