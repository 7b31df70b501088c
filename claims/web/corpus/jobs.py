"""Background work as people see it: how far it is, how fast, what was refused and why."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from claims import jobs as job_verbs
from claims.errors import Refused
from claims.exporting.writers.csv import CSV
from claims.exporting.writers.table import Column
from claims.models import Job, JobError
from claims.permissions import can_cancel_job
from claims.web.page import Here, go, project_page, show, slice_of

RUNNING = ("queued", "running")
BROKEN_OFF = ("worker_lost", "internal_error", "out_of_memory", "person_deactivated")  # before it came to its end
SILENT = 30  # seconds: a job says every ten that it is alive


def _job(here: Here, pk: int) -> Job:
    job = Job.objects.in_project(here.project).select_related("created_by").filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


@project_page("import", tab="jobs")
def jobs(request: HttpRequest, here: Here) -> HttpResponse:
    rows = Job.objects.in_project(here.project).exclude(kind="fold_round")
    return show(request, "jobs", here, slice=slice_of(request, rows))


@project_page("import", tab="jobs")
def job(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The page, or its moving part alone when htmx asks for it."""
    row = _job(here, pk)
    is_running = row.state in RUNNING
    errors = slice_of(request, JobError.objects.filter(job=row))
    context: dict[str, Any] = {
        "job": row,
        "is_running": is_running,
        "standing": standing_of(row),
        "rate": rate_of(row),
        "left": time_left(row) if is_running else "",
        "first_errors": JobError.objects.filter(job=row).order_by("id")[:5] if is_running else [],
        "is_worker_alive": job_verbs.is_alive("worker") if is_running else True,
        "can_retry": can_retry(row),
        "can_cancel": can_cancel_job(here.user, row),
        "slice": errors,
    }
    if request.headers.get("HX-Request") != "true":
        return show(request, "job", here, **context)
    response = show(request, "_job_progress", here, **context)
    if not is_running:
        response["HX-Refresh"] = "true"  # once more as a whole, with the buttons that fit its end
    return response


def standing_of(job: Job) -> str:
    """What it waits for, or whether it gets on, in words; empty once it has ended."""
    if job.state == "queued":
        return "lets other work go first and goes on after it" if job.started_at else "waits for a worker"
    if job.state != "running":
        return ""
    if job.cancel_requested_at:
        return "ends at its next step"
    silent = (timezone.now() - (job.heartbeat_at or job.created_at)).total_seconds()
    if silent < SILENT:
        return "is working"
    return f"has not got on for {round(silent)} s; if its worker is gone, another takes it up within a minute"


def can_retry(job: Job) -> bool:
    """Whether something of an ended import is left to try again."""
    broke_off = job.state == "cancelled" or job.reason in BROKEN_OFF
    return broke_off or (job.kind != "import_claims" and bool(job.counts.get("failed")))


def rate_of(job: Job) -> float | None:
    """Rows a second since the start; None before there is anything to say."""
    read = job.counts.get("read", 0)
    if not job.started_at or not read:
        return None
    seconds = ((job.ended_at or timezone.now()) - job.started_at).total_seconds()
    return read / seconds if seconds >= 1 else None


def time_left(job: Job) -> str:
    """What is left at the rate so far, in words; empty before there is anything to say."""
    rate, total = rate_of(job), job.counts.get("total", 0)
    left = total - job.counts.get("read", 0)
    if not rate or left <= 0:
        return ""
    seconds = left / rate
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left" if seconds < 5_400 else f"about {seconds / 3_600:.1f} h left"


COLUMNS = (Column("member", "text"), Column("line", "whole"), Column("code", "text"), Column("sentence", "text"))


@project_page("import", tab="jobs")
def errors(request: HttpRequest, here: Here, pk: int) -> HttpResponseBase:
    """What was refused, as a table to open in a spreadsheet: no cell is taken for a formula."""
    rows = JobError.objects.filter(job=_job(here, pk)).order_by("id").values_list("member", "line", "code", "sentence")
    table = CSV.begin(COLUMNS)
    lines = chain([table.head()], (table.rows([row]) for row in rows.iterator()), [table.end()])
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="job-{pk}-errors.csv"'
    return response


@require_POST
@project_page("import", tab="jobs")
def cancel(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = _job(here, pk)
    try:
        job_verbs.cancel_job(row, by=here.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("job", here.slug, row.pk)


@require_POST
@project_page("import", tab="jobs")
def retry(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    from claims.importing.actions import retry_failed  # the parsers behind it are loaded when first needed

    again = retry_failed(_job(here, pk), by=here.user)
    return go("job", here.slug, again.pk)
