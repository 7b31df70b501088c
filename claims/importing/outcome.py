"""What every import says of itself: counts, what was there already, how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from claims import jobs
from claims.importing.readers import Record
from claims.models import Job, JobError, Project, User

# What is said of articles that are in; nothing of it failed or can be tried again.
REMARKS = ("duplicate_of", "several_articles")


def count(job: Job, name: str, more: int = 1) -> None:
    if more:
        job.counts[name] = job.counts.get(name, 0) + more


def note_duplicate(job: Job, record: Record, article: int) -> None:
    count(job, "duplicate")
    if job.counts["duplicate"] <= jobs.ERRORS_KEPT:
        sentence = f"The same text is article {article} already. Nothing was changed."
        jobs.note_error(job, code="duplicate_of", sentence=sentence, member=record.member, line=record.line)


def note_remarks(job: Job, records: Iterable[Record]) -> None:
    """Say beside the errors what should be known of articles that went in."""
    for record in records:
        for code, sentence in record.remarks:
            count(job, "remarks")
            if job.counts["remarks"] <= jobs.ERRORS_KEPT:
                jobs.note_error(job, code=code, sentence=sentence, member=record.member, line=record.line)


def finish_import(job: Job, *, may_be_empty: bool = False) -> None:
    """End the job with a state, a reason and a sentence that say what became of it."""
    counts = job.counts
    counts["total"] = counts.get("read", 0)  # before, it was an estimate
    went_in, failed = counts.get("imported", 0) + counts.get("duplicate", 0), counts.get("failed", 0)
    is_done = bool(went_in) or (may_be_empty and not failed)
    state = "partial" if went_in and failed else "succeeded" if is_done else "failed"
    reason, sentence = "", summary(job)
    if state == "partial":
        reason = "some_failed"
    if state == "succeeded" and went_in and not counts.get("imported"):
        reason = "duplicate_of"
    if state == "failed":
        errors = list(JobError.objects.filter(job=job).order_by("id")[:2])
        reason = errors[0].code if len(errors) == 1 else "nothing_imported" if errors else "empty"
        sentence = errors[0].sentence if len(errors) == 1 else sentence
    jobs.finish(job, state, reason=reason, sentence=sentence)


def summary(job: Job) -> str:
    counts = job.counts
    parts = [f"{counts.get('imported', 0):,} imported"]
    if counts.get("duplicate"):
        parts.append(f"{counts['duplicate']:,} there already")
    if counts.get("failed"):
        parts.append(f"{counts['failed']:,} not imported")
    if counts.get("remarks"):
        parts.append(f"{counts['remarks']:,} to look at")
    return ", ".join(parts) + "."


def pass_on(project: Project, articles: list[int], *, by: User | None) -> None:
    """Queue what follows an import, in its transaction: the new articles are split, and compared with the others."""
    if articles:
        for kind in ("split_article", "find_copies"):
            jobs.enqueue(kind, project=project, by=by, args={"articles": articles})
