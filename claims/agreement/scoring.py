"""Pattern counts -> AgreementScore: every figure of a stratum, with an interval that resamples articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.db.models import Max

from claims.agreement.folding import plan_round
from claims.agreement.patterns import SCORES, QuestionPlan
from claims.agreement.strata import WHOLE, article_rows, strata_of
from claims.models import AgreementScore, Round
from claims.statistics.score import Score
from claims.statistics.scoring import score_labels
from claims.statistics.tables import LabelTable, Pattern, table_from_articles, table_from_patterns

SCORE_LOCK = 0x5C0E << 40  # + round id

COUNT_REVIEWERS = """
SELECT count(*) FROM claims_reviewer r WHERE r.project_id = %(project)s AND r.kind <> 'machine' AND EXISTS (
    SELECT FROM claims_label l WHERE l.reviewer_id = r.id AND l.round_id = %(round)s AND l.question = %(question)s
    AND l.phase = %(phase)s AND NOT l.is_void AND l.missing IS NULL AND (%(stratum)s = 'all' OR EXISTS (
        SELECT FROM claims_unitpattern p WHERE p.round_id = l.round_id AND p.unit_id = l.unit_id
        AND p.question = l.question AND p.phase = l.phase AND %(stratum)s = ANY(p.strata))))
"""
# Sums and articles in one statement, so that all figures are of one moment.
READ_COUNTS = """
SELECT question, phase, NULL::bigint, counts, n_units FROM claims_patterncount
WHERE round_id = %s AND stratum = %s AND article_id IS NULL
UNION ALL
SELECT c.question, c.phase, c.article_id, c.counts, c.n_units
FROM claims_patterncount c JOIN claims_article a ON a.id = c.article_id
WHERE c.round_id = %s AND c.stratum = %s AND """
# A worker that is late has an older `as_of` and changes nothing.
WRITE_SCORE = """
INSERT INTO claims_agreementscore (round_id, question, phase, stratum, view, coefficient, value, low, high, reason,
    interval, n_units, n_pairable, n_labels, n_reviewers, as_of, scored_at)
VALUES (%(round)s, %(question)s, %(phase)s, %(stratum)s, %(view)s, %(coefficient)s, %(value)s, %(low)s, %(high)s,
    %(reason)s, %(interval)s, %(n_units)s, %(n_pairable)s, %(n_labels)s, %(n_reviewers)s, %(as_of)s, now())
ON CONFLICT (round_id, question, phase, stratum, view, coefficient) DO UPDATE SET
    value = EXCLUDED.value, low = EXCLUDED.low, high = EXCLUDED.high, reason = EXCLUDED.reason,
    interval = EXCLUDED.interval, n_units = EXCLUDED.n_units, n_pairable = EXCLUDED.n_pairable,
    n_labels = EXCLUDED.n_labels, n_reviewers = EXCLUDED.n_reviewers, as_of = EXCLUDED.as_of, scored_at = now()
WHERE claims_agreementscore.as_of <= EXCLUDED.as_of
"""


Counts = dict[tuple[int | None, Pattern], int]  # (article or None for the sum, pattern) -> units


def score_round(round_: Round, *, as_of: int = 0, strata: Iterable[str] | None = None) -> None:
    """Compute and store every score of these strata (all there are) from the pattern counts, in one transaction.

    `as_of` is the newest label event known to be folded in. One worker scores a round at a time, and each reads the
    counts after it holds the lock: the last to write has seen the most.
    """
    plans = plan_round(round_)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCORE_LOCK + round_.pk])
        before = AgreementScore.objects.filter(round=round_).aggregate(newest=Max("as_of"))["newest"]
        stamp = max(as_of, before or 0)
        for stratum in [s.name for s in strata_of(round_)] if strata is None else strata:
            _score_stratum(round_, plans, stratum, stamp)


def _score_stratum(round_: Round, plans: Mapping[str, QuestionPlan], stratum: str, as_of: int) -> None:
    counts = _read_counts(round_, stratum)
    if stratum != WHOLE and not counts:
        AgreementScore.objects.filter(round=round_, stratum=stratum).delete()
        return
    for question, plan in plans.items():
        phases = {phase for code, phase in counts if code == question} | {"first"}
        for phase in sorted(phases):
            place: dict[str, str | int] = {"round": round_.pk, "question": question, "phase": phase, "stratum": stratum}
            _score_question(round_, plan, place, counts.get((question, phase), {}), as_of)


def _read_counts(round_: Round, stratum: str) -> dict[tuple[str, str], Counts]:
    """(question, phase) -> counts of the stratum."""
    counts: defaultdict[tuple[str, str], Counts] = defaultdict(dict)
    rows_of, condition, value = article_rows(stratum)
    given: list[str | int] = [round_.pk, stratum, round_.pk, rows_of, *([] if value is None else [value])]
    with connection.cursor() as cursor:
        cursor.execute(READ_COUNTS + condition, given)
        for question, phase, article, pattern, n in cursor:
            counts[question, phase][article, tuple(pattern)] = n
    return counts


def _score_question(
    round_: Round, plan: QuestionPlan, place: Mapping[str, str | int], counts: Counts, as_of: int
) -> None:
    table = table_of(plan, counts)
    with connection.cursor() as cursor:
        asked = plan.path.first if plan.path else plan.code
        cursor.execute(COUNT_REVIEWERS, {**place, "question": asked, "project": round_.project_id})
        seen_as = {**place, "n_reviewers": cursor.fetchone()[0], "as_of": as_of}
        for view in plan.views:
            seen, scale = plan.table_of(table, view)
            for name in plan.scores_of(view):
                coefficient, measure = SCORES[name]
                score = score_labels(seen, coefficient, scale, measure, seed=round_.pk)
                cursor.execute(WRITE_SCORE, {**seen_as, "view": view, "coefficient": name, **_columns(score)})


def table_of(plan: QuestionPlan, counts: Counts) -> LabelTable:
    """By article, so that intervals can resample articles; units that belong to none count as one article each."""
    size = len(plan.choices)
    total = Counter({pattern: n for (article, pattern), n in counts.items() if article is None})
    by_article = {(article, pattern): n for (article, pattern), n in counts.items() if article is not None}
    if not by_article:
        return table_from_patterns(total, size)
    for (_, pattern), n in by_article.items():
        total[pattern] -= n
    loners = (pattern for pattern, n in total.items() for _ in range(n))
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
