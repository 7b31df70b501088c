"""What Celery runs: load, call one action, return. The job row decides everything (see claims.jobs)."""

from __future__ import annotations

import socket
from importlib import import_module

from celery import shared_task

from claims import jobs, notices, webhooks
from claims.models import Job
from claims.turns import fair_choice

# kind of job -> the action that does it; loaded when first needed, so that a web process imports no parser
HANDLERS = {
    "import_articles": "claims.importing.actions.run_import",
    "import_addresses": "claims.importing.fetching.run_fetch",
    "import_claims": "claims.importing.claims.run_import_claims",
    "import_labels": "claims.labelling.imported.run_import_labels",
    "copy_evidence": "claims.importing.evidence.run_copy_evidence",
    "find_copies": "claims.importing.copies.run_find_copies",
    "reextract_articles": "claims.importing.reextracting.run_reextract",
    "anchor_claims": "claims.splitting.anchoring.run_anchor",
    "split_article": "claims.splitting.actions.run_split",
    "match_claims": "claims.matching.actions.run_match",
    "suggest_claims": "claims.suggesting.actions.run_suggest",
    "label_by_model": "claims.suggesting.machine_labels.run_model_labels",
    "chain_corrections": "claims.labelling.voiding.run_chain_corrections",
    "open_round": "claims.assignment.weekly.run_open",
    "follow_doubt": "claims.assignment.growth.run_follow_doubt",
    "follow_check": "claims.assignment.checking.returning.run_follow_check",
    "change_overlap": "claims.assignment.overlap.run_change_overlap",
    "fold_round": "claims.agreement.actions.run_fold",
    "recount_round": "claims.agreement.actions.run_recount",
    "tell_votes": "claims.labelling.voting.run_tell_votes",
    "mark_attempts": "claims.assignment.qualification.run_mark_attempts",
    "check_controls": "claims.adjudication.controls.run_check_controls",
    "send_mail": "claims.notices.run_send_mail",
    "send_webhooks": "claims.webhooks.run_send_webhooks",
    "build_release": "claims.exporting.actions.run_build_release",
    "erase_released": "claims.exporting.erasing.run_erase_released",
    "tally_outlets": "claims.credibility.tallies.run_tally_outlets",
}

TOLD = {
    "import_articles": "Your import",
    "import_addresses": "Your import",
    "import_claims": "Your import",
    "build_release": "Your release",
}  # what a person waits for


def do(job: Job) -> None:
    module, name = HANDLERS[job.kind].rsplit(".", 1)
    getattr(import_module(module), name)(job)


@shared_task(name="claims.tasks.run_job")
def run_job(job_id: int) -> None:
    if jobs.is_sweep_overdue():
        sweep()
    job_id = fair_choice(job_id)
    try:
        jobs.run(job_id, dict.fromkeys(HANDLERS, do))
    finally:
        tell_end(job_id)


def tell_end(job_id: int) -> None:
    """Whoever asked for a long job hears once that it ended, and how."""
    asked = Job.objects.select_related("created_by", "project").exclude(created_by=None).exclude(ended_at=None)
    job = asked.filter(pk=job_id).first()
    if job is not None and job.project is not None:
        about = {"job": job.pk, "kind": job.kind, "state": job.state, "reason": job.reason}
        webhooks.emit(job.project, "job.ended", f"job {job.pk} {job.state}", about)
    if job is not None and job.kind not in TOLD:
        return
    if job is not None and job.created_by is not None and job.project is not None:
        notices.send_message(
            job.created_by,
            kind="job_finished",
            subject=f"{TOLD[job.kind]} {job.state}",
            body=job.sentence,
            project=job.project,
            path=f"/p/{job.project.slug}/jobs/{job.pk}/",
            key=f"job-{job.pk}",
        )


@shared_task(name="claims.tasks.sweep")
def sweep() -> None:
    """Every few seconds from beat: a worker is alive, lost work is sent again, slots that ran out are taken back."""
    from claims.agreement.actions import enqueue_lost_folds
    from claims.assignment.actions import give_back_expired
    from claims.assignment.weekly import repeat_weekly
    from claims.credibility.tallies import enqueue_tallies
    from claims.importing.feeds import poll_feeds

    jobs.beat_heart("worker", socket.gethostname())
    give_back_expired()
    repeat_weekly()
    poll_feeds()
    notices.wake_mail()
    webhooks.wake_webhooks()
    enqueue_tallies()
    enqueue_lost_folds()
    jobs.sweep()


@shared_task(name="claims.tasks.nightly")
def nightly() -> None:
    """Once a night: open rounds are recounted, digests go out, what is old and not needed goes."""
    from claims.agreement.actions import enqueue_recounts
    from claims.assignment.deadlines import tell_deadlines
    from claims.importing.staging import forget_staged
    from claims.people import sessions
    from claims.people.actions import forget_old_requests
    from claims.people.invitations import forget_old_invitations

    enqueue_recounts()
    tell_deadlines()
    forget_old_requests()
    forget_old_invitations()
    sessions.forget_old_networks()
    forget_staged()
    notices.send_digests()
    notices.forget_old_mail()
    webhooks.forget_old_deliveries()
