"""The writes of agreement: fold what changed, score, recount. Workers call the two `run_` handlers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from claims import audit, jobs
from claims.agreement.counts import Difference, recount_counts
from claims.agreement.folding import fold_units, plan_round, take_pending
from claims.agreement.patterns import QuestionPlan
from claims.agreement.scoring import score_round
from claims.agreement.strata import WHOLE, strata_of
from claims.models import Job, PendingFold, Round, RoundUnit, User
from claims.permissions import check_can

__all__ = [
    "Difference",
    "enqueue_lost_folds",
    "enqueue_recounts",
    "recount_round",
    "run_fold",
    "run_recount",
    "score_round",
]

RECOUNT_BATCH = 2_000
STRATA_AT_ONCE = 4  # scored in one transaction: those of one label are its week, its language and its outlet
REST_AFTER_FAILURE = timedelta(minutes=1)


def run_fold(job: Job) -> None:
    """Fold everything that waits for the job's round, score it, and then each stratum that was touched."""
    round_ = Round.objects.select_related("project").get(pk=job.args["round"])
    plans = plan_round(round_)
    while _fold_some(job, round_, plans):
        pass
    _score_strata(job, round_, plans)
    if job.state == "running":
        with jobs.chunk(job):
            jobs.finish(job, "succeeded")


def _fold_some(job: Job, round_: Round, plans: Mapping[str, QuestionPlan]) -> bool:
    """One chunk: fold what waits; or, once nothing does, score the whole round and say False."""
    with jobs.chunk(job):
        units, newest = take_pending(round_)
        if not units:
            score_round(round_, as_of=job.cursor.get("as_of", 0), strata=(WHOLE,), plans=plans)
            return False
        if round_.grows_to is not None or round_.order == "disagreement":
            # with the patterns it goes by: a unit whose labels leave doubt is asked of another, or offered first
            jobs.enqueue("follow_doubt", project=round_.project, args={"round": round_.pk, "units": units})
        for check in round_.checks_to_follow():
            jobs.enqueue("follow_check", project=round_.project, args={"round": check, "units": units})
        touched = {stratum for difference in fold_units(round_, plans, units) for stratum in difference.strata}
        if round_.control_floor is not None:
            asked = {"round": round_.pk}
            jobs.enqueue_once("check_controls", key=str(round_.pk), project=round_.project, args=asked)
        if round_.has_second_vote:
            jobs.enqueue("tell_votes", project=round_.project, args={"round": round_.pk, "units": units})
        if round_.pass_mark is not None:
            asked = {"round": round_.pk}
            jobs.enqueue_once("mark_attempts", key=str(round_.pk), project=round_.project, args=asked)
        job.counts["units"] = job.counts.get("units", 0) + len(units)
        job.cursor["as_of"] = max(job.cursor.get("as_of", 0), newest)
        job.cursor["strata"] = sorted({*job.cursor.get("strata", ()), *touched})
    return True


def _score_strata(job: Job, round_: Round, plans: Mapping[str, QuestionPlan], *, finishes: bool = True) -> None:
    """A few strata a chunk, the whole round having been scored: its figure does not wait for the parts, and no
    transaction is long. With the last of them the job ends."""
    while job.cursor.get("strata"):
        with jobs.chunk(job):
            some, rest = job.cursor["strata"][:STRATA_AT_ONCE], job.cursor["strata"][STRATA_AT_ONCE:]
            score_round(round_, as_of=job.cursor.get("as_of", 0), strata=some, plans=plans)
            job.cursor["strata"] = rest
            if finishes and not rest:
                jobs.finish(job, "succeeded")


def recount_round(round_: Round, *, by: User | None = None) -> list[Difference]:
    """Count everything again from the labels, put right what differs and return it: there must be nothing.

    Units whose change still waits to be folded are folded on the way; they are behind, not wrong.
    """
    if by is not None:
        check_can("manage_rounds", by, round_.project)
    differences: list[Difference] = []
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            found, after = _recount_batch(round_, after)
            differences += found
    with transaction.atomic():
        differences += recount_counts(round_)
        score_round(round_)
        if by is not None:
            audit.record("recount_round", round_, by=by, differences=len(differences))
    return differences


def _recount_batch(round_: Round, after: int) -> tuple[list[Difference], int | None]:
    """(differences, last unit done or None at the end)."""
    units = list(
        RoundUnit.objects.filter(round=round_, unit_id__gt=after)
        .order_by("unit_id")
        .values_list("unit_id", flat=True)[:RECOUNT_BATCH]
    )
    found = fold_units(round_, plan_round(round_), units) if units else []
    # Asked after the count: a label that was counted has its line here until it is folded, which waits for our locks.
    late = [d.unit for d in found if d.unit is not None]
    waiting = set(PendingFold.objects.filter(round=round_, unit_id__in=late).values_list("unit_id", flat=True))
    return [d for d in found if d.unit not in waiting], units[-1] if len(units) == RECOUNT_BATCH else None


def run_recount(job: Job) -> None:
    """Recount the job's round; a difference is an alarm: the job ends as partial and says how many."""
    round_ = Round.objects.select_related("project").get(pk=job.args["round"])
    after: int | None = job.cursor.get("after", 0)
    while after is not None:
        with jobs.chunk(job):
            found, after = _recount_batch(round_, after)
            job.counts["differences"] = job.counts.get("differences", 0) + len(found)
            job.cursor["after"] = after
    if "strata" not in job.cursor:  # a chunk that does nothing would give way again and again
        with jobs.chunk(job):
            job.counts["differences"] += len(recount_counts(round_))
            job.cursor["strata"] = [stratum.name for stratum in strata_of(round_)]
    _score_strata(job, round_, plan_round(round_), finishes=False)
    with jobs.chunk(job):
        _finish_recount(job)


def _finish_recount(job: Job) -> None:
    wrong = job.counts["differences"]
    if not wrong:
        jobs.finish(job, "succeeded")
        return
    sentence = f"{wrong} counts did not follow from the labels. They were put right; please report this with the log."
    jobs.finish(job, "partial", reason="recount_differed", sentence=sentence)


def enqueue_recounts() -> None:
    """One recount for each round that can still change."""
    for round_ in Round.objects.filter(state__in=("open", "paused")).select_related("project"):
        with transaction.atomic():
            jobs.enqueue_once("recount_round", key=str(round_.pk), project=round_.project, args={"round": round_.pk})


def enqueue_lost_folds() -> None:
    """Fold what waits without a job that will do it: its job failed for good. Called by the sweep."""
    under_way = Job.objects.filter(kind="fold_round", state__in=("queued", "running")).values_list("args", flat=True)
    cared_for = {args["round"] for args in under_way}
    waits = Exists(PendingFold.objects.filter(round=OuterRef("pk")))
    for round_ in Round.objects.filter(waits).exclude(pk__in=cared_for).select_related("project"):
        resting = Job.objects.filter(kind="fold_round", args__round=round_.pk, ended_at__gt=Now() - REST_AFTER_FAILURE)
        if not resting.filter(project=round_.project, state="failed").exists():
            with transaction.atomic():
                jobs.enqueue_once("fold_round", key=str(round_.pk), project=round_.project, args={"round": round_.pk})
