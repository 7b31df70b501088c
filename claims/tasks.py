"""What Celery runs: load, call one action, return. The job row decides everything (see claims.jobs)."""

from __future__ import annotations

import socket
from importlib import import_module

from celery import shared_task

from claims import jobs
from claims.models import Job

# kind of job -> the action that does it; loaded when first needed, so that a web process imports no parser
HANDLERS = {
    "import_articles": "claims.importing.actions.run_import",
    "split_article": "claims.splitting.actions.run_split",
    "open_round": "claims.assignment.actions.run_open_round",
    "fold_round": "claims.agreement.actions.run_fold",
    "recount_round": "claims.agreement.actions.run_recount",
    "build_release": "claims.exporting.actions.run_build_release",
}


def do(job: Job) -> None:
    module, name = HANDLERS[job.kind].rsplit(".", 1)
    getattr(import_module(module), name)(job)


@shared_task(name="claims.tasks.run_job")
def run_job(job_id: int) -> None:
    jobs.run(job_id, dict.fromkeys(HANDLERS, do))


@shared_task(name="claims.tasks.sweep")
def sweep() -> None:
    """Every few seconds from beat: a worker is alive, lost work is sent again, slots that ran out are taken back."""
    from claims.assignment.actions import give_back_expired

    jobs.beat_heart("worker", socket.gethostname())
    give_back_expired()
    jobs.sweep()


@shared_task(name="claims.tasks.nightly")
def nightly() -> None:
    """Once a night: every open round is recounted from its labels, old idempotency records go."""
    from claims.agreement.actions import enqueue_recounts
    from claims.people.actions import forget_old_requests

    enqueue_recounts()
    forget_old_requests()
