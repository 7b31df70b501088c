"""The chains say what a changed claim did to answers: void, or standing again. Repeating it adds nothing."""

from __future__ import annotations

from claims import jobs
from claims.labelling.events import FOLD_GATHERS, Write, append, lock_chain
from claims.models import Assignment, Job, LabelEvent


def run_chain_corrections(job: Job) -> None:
    """The job `chain_corrections`: args {"round": id, "assignments": [ids]}; one event where a chain is behind."""
    wanted: list[int] = job.args["assignments"]
    for at in range(job.cursor.get("at", 0), len(wanted)):
        with jobs.chunk(job):
            job.cursor = {"at": at + 1}
            if _follow(wanted[at], job.args["round"]):
                job.counts["events"] = job.counts.get("events", 0) + 1
    jobs.finish(job, "succeeded")


def _follow(pk: int, round_id: int) -> bool:
    rows = Assignment.objects.filter(pk=pk, round=round_id).select_related("round__project", "reviewer")
    assignment = rows.first()
    if assignment is None or assignment.reviewer is None:
        return False
    reviewer = assignment.reviewer
    chained = lock_chain(reviewer, "")
    assignment = rows.select_for_update(of=("self",)).get()
    events = LabelEvent.objects.filter(
        reviewer=reviewer, round=round_id, unit=assignment.unit_id, kind__in=("submitted", "revised", "voided")
    )
    newest = events.select_related("text").order_by("-seq").first()
    if newest is None:
        return False
    key = f"correction-{assignment.pk}-{newest.seq}"
    if assignment.state == "voided" and newest.kind != "voided":
        append(Write("voided", assignment, {}), reviewer, chained, key, "")
        round_ = assignment.round
        jobs.enqueue_once(
            "fold_round", key=str(round_.pk), args={"round": round_.pk}, project=round_.project, gather=FOLD_GATHERS
        )
        return True
    if assignment.state == "submitted" and newest.kind == "voided":
        said = events.exclude(kind="voided").select_related("text").latest("seq")
        text = getattr(said, "text", None)
        again = Write("revised", assignment, said.answers, text.content if text else {}, said.seconds)
        append(again, reviewer, chained, key, "")
        return True
    return False
