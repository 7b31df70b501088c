"""The writes of agreement: fold what changed, score, recount. Workers call the two `run_` handlers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Now

from claims import audit, jobs
from claims.agreement.folding import Difference, fold_units, plan_round, recount_counts, take_pending
from claims.agreement.patterns import SCORES, QuestionPlan
from claims.models import AgreementScore, Job, PatternCount, PendingFold, Round, RoundUnit, User
from claims.permissions import check_can
from claims.statistics.score import Score
from claims.statistics.scoring import score_labels
from claims.statistics.tables import LabelTable, Pattern, table_from_articles, table_from_patterns

__all__ = [
    "Difference",
    "enqueue_lost_folds",
    "enqueue_recounts",
    "recount_round",
    "run_fold",
    "run_recount",
    "score_round",
]

SCORE_LOCK = 0x5C0E << 40  # + round id
RECOUNT_BATCH = 2_000
REST_AFTER_FAILURE = timedelta(minutes=1)

COUNT_REVIEWERS = """
SELECT count(*) FROM claims_reviewer r WHERE r.project_id = %s AND r.kind <> 'machine' AND EXISTS (
    SELECT FROM claims_label l WHERE l.reviewer_id = r.id AND l.round_id = %s AND l.question = %s AND l.phase = %s
    AND NOT l.is_void AND l.missing IS NULL)
"""
# A worker that is late has an older `as_of` and changes nothing.
WRITE_SCORE = """
INSERT INTO claims_agreementscore (round_id, question, phase, stratum, view, coefficient, value, low, high, reason,
    interval, n_units, n_pairable, n_labels, n_reviewers, as_of, scored_at)
VALUES (%(round)s, %(question)s, %(phase)s, 'all', %(view)s, %(coefficient)s, %(value)s, %(low)s, %(high)s, %(reason)s,
    %(interval)s, %(n_units)s, %(n_pairable)s, %(n_labels)s, %(n_reviewers)s, %(as_of)s, now())
ON CONFLICT (round_id, question, phase, stratum, view, coefficient) DO UPDATE SET
    value = EXCLUDED.value, low = EXCLUDED.low, high = EXCLUDED.high, reason = EXCLUDED.reason,
    interval = EXCLUDED.interval, n_units = EXCLUDED.n_units, n_pairable = EXCLUDED.n_pairable,
    n_labels = EXCLUDED.n_labels, n_reviewers = EXCLUDED.n_reviewers, as_of = EXCLUDED.as_of, scored_at = now()
WHERE claims_agreementscore.as_of <= EXCLUDED.as_of
"""


def run_fold(job: Job) -> None:
    """Fold everything that waits for the job's round, then score it."""
    round_ = Round.objects.select_related("project").get(pk=job.args["round"])
    plans = plan_round(round_)
    waiting = True
    while waiting:
        with jobs.chunk(job):
            units, newest = take_pending(round_)
            fold_units(round_, plans, units)
            job.counts["units"] = job.counts.get("units", 0) + len(units)
            job.cursor["as_of"] = max(job.cursor.get("as_of", 0), newest)
        waiting = bool(units)
    with jobs.chunk(job):
        score_round(round_, as_of=job.cursor["as_of"])
        jobs.finish(job, "succeeded")


def score_round(round_: Round, *, as_of: int = 0) -> None:
    """Compute and store every score of the round from its pattern counts, in one transaction.

    `as_of` is the newest label event known to be folded in. One worker scores a round at a time, and each reads the
    counts after it holds the lock: the last to write has seen the most.
    """
    plans = plan_round(round_)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCORE_LOCK + round_.pk])
        before = AgreementScore.objects.filter(round=round_).aggregate(newest=Max("as_of"))["newest"]
        stamp = max(as_of, before or 0)
        counts = _read_counts(round_)
        for question, plan in plans.items():
            phases = {phase for code, phase in counts if code == question} | {"first"}
            for phase in sorted(phases):
                _score_question(round_, plan, phase, counts.get((question, phase), {}), stamp)


def _read_counts(round_: Round) -> dict[tuple[str, str], dict[tuple[str, Pattern], int]]:
    """(question, phase) -> (stratum, pattern) -> units, in one statement, so that all figures are of one moment."""
    counts: defaultdict[tuple[str, str], dict[tuple[str, Pattern], int]] = defaultdict(dict)
    rows = PatternCount.objects.filter(round=round_).values_list("question", "phase", "stratum", "counts", "n_units")
    for question, phase, stratum, pattern, n in rows.iterator():
        counts[question, phase][stratum, tuple(pattern)] = n
    return counts


def _score_question(
    round_: Round, plan: QuestionPlan, phase: str, counts: Mapping[tuple[str, Pattern], int], as_of: int
) -> None:
    table = table_of(plan, counts)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_REVIEWERS, [round_.project_id, round_.pk, plan.code, phase])
        n_reviewers = cursor.fetchone()[0]
        for view in plan.views:
            seen, scale = plan.table_of(table, view)
            for name in plan.scores_of(view):
                coefficient, measure = SCORES[name]
                score = score_labels(seen, coefficient, scale, measure, seed=round_.pk)
                place: dict[str, str | int] = {
                    "round": round_.pk,
                    "question": plan.code,
                    "phase": phase,
                    "view": view,
                    "coefficient": name,
                }
                cursor.execute(WRITE_SCORE, {**place, **_columns(score), "n_reviewers": n_reviewers, "as_of": as_of})


def table_of(plan: QuestionPlan, counts: Mapping[tuple[str, Pattern], int]) -> LabelTable:
    """By article, so that intervals can resample articles; units that belong to none count as one article each."""
    size = len(plan.choices)
    total = Counter({pattern: n for (stratum, pattern), n in counts.items() if stratum == "all"})
    by_article = {
        (int(stratum.removeprefix("article:")), pattern): n
        for (stratum, pattern), n in counts.items()
        if stratum != "all"
    }
    for (_, pattern), n in by_article.items():
        total[pattern] -= n
    loners = [pattern for pattern, n in total.items() for _ in range(n)]
    if not by_article:
        return table_from_patterns(Counter(loners), size)
    return table_from_articles(by_article | {(-n, pattern): 1 for n, pattern in enumerate(loners, 1)}, size)


def _columns(score: Score) -> dict[str, str | float | None]:
    made = f"{score.method} by {score.resampled}, {score.n_resampled}" if score.method else score.interval_reason or ""
    return {
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "reason": score.reason or "",
        "interval": made,
        "n_units": score.n_units,
        "n_pairable": score.n_pairable,
        "n_labels": score.n_labels,
    }


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
    with jobs.chunk(job):
        job.counts["differences"] += len(recount_counts(round_))
        score_round(round_)
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
