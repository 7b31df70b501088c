"""Pattern counts -> AgreementScore: every figure of a stratum, with an interval that resamples articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

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

ARTICLE_ROWS = 10_000  # up to here an interval resamples single articles; with more, bundles of them: see BundleCount

HAS_MORE = """
SELECT count(*) > %(most)s FROM (SELECT FROM claims_patterncount
    WHERE round_id = %(round)s AND article_id IS NOT NULL LIMIT %(most)s + 1) AS found
"""
COUNT_REVIEWERS = """
SELECT question, phase, count(*) FROM claims_reviewercount WHERE round_id = %s AND stratum = %s GROUP BY 1, 2
"""
# Sums and articles in one statement, so that all figures are of one moment.
READ_SUMS = """
SELECT question, phase, NULL::bigint, counts, n_units FROM claims_patterncount
WHERE round_id = %s AND stratum = %s AND article_id IS NULL
UNION ALL
"""
READ_ARTICLES = (
    READ_SUMS
    + """
SELECT c.question, c.phase, c.article_id, c.counts, c.n_units
FROM claims_patterncount c JOIN claims_article a ON a.id = c.article_id
WHERE c.round_id = %s AND c.stratum = %s AND """
)
READ_BUNDLES = (
    READ_SUMS
    + """
SELECT question, phase, bundle::bigint, counts, n_units FROM claims_bundlecount WHERE round_id = %s AND stratum = %s
"""
)
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


Part = int | None
Place = tuple[str, str]  # question, phase
Row = dict[str, str | int | float | None]


@dataclass(frozen=True)
class Counts:
    """Counts of a question: {(article or bundle, None for the sum; pattern): units}, and its number of reviewers."""

    units: dict[tuple[Part, Pattern], int]
    resampled: str  # what an interval draws: article, or bundle of articles
    n_reviewers: int = 0


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
    counts = read_counts(round_, stratum)
    if stratum != WHOLE and not counts:
        AgreementScore.objects.filter(round=round_, stratum=stratum).delete()
        return
    rows: list[Row] = []
    for question, plan in plans.items():
        phases = {phase for code, phase in counts if code == question} | {"first"}
        for phase in sorted(phases):
            place: Row = {"round": round_.pk, "question": question, "phase": phase, "stratum": stratum, "as_of": as_of}
            given = counts.get((question, phase), Counts({}, "article"))
            rows += _scores_of(round_, plan, place, given)
    with connection.cursor() as cursor:
        cursor.executemany(WRITE_SCORE, rows)  # sent together, not one after the other


def read_counts(round_: Round, stratum: str) -> dict[Place, Counts]:
    """(question, phase) -> counts of the stratum. Reads a bounded number of rows, whatever the round holds."""
    units: defaultdict[Place, dict[tuple[Part, Pattern], int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(HAS_MORE, {"round": round_.pk, "most": ARTICLE_ROWS})
        resampled = "bundle of articles" if cursor.fetchone()[0] else "article"
        if resampled == "article":
            rows_of, condition, value = article_rows(stratum)
            given: list[str | int] = [round_.pk, stratum, round_.pk, rows_of, *([] if value is None else [value])]
            cursor.execute(READ_ARTICLES + condition, given)
        else:
            cursor.execute(READ_BUNDLES, [round_.pk, stratum] * 2)
        for question, phase, part, pattern, n in cursor:
            units[question, phase][part, tuple(pattern)] = n
        cursor.execute(COUNT_REVIEWERS, [round_.pk, stratum])
        reviewers = {(question, phase): n for question, phase, n in cursor}
    return {place: Counts(found, resampled, reviewers.get(place, 0)) for place, found in units.items()}


def _scores_of(round_: Round, plan: QuestionPlan, place: Row, counts: Counts) -> Iterator[Row]:
    table = table_of(plan, counts)
    for view in plan.views:
        seen, scale = plan.table_of(table, view)
        for name in plan.scores_of(view):
            coefficient, measure = SCORES[name]
            score = score_labels(seen, coefficient, scale, measure, seed=round_.pk)
            found: Row = {"view": view, "coefficient": name, "n_reviewers": counts.n_reviewers}
            yield place | found | _columns(score, counts.resampled)


def table_of(plan: QuestionPlan, counts: Counts) -> LabelTable:
    """By article, so that intervals can resample articles; units that belong to none count as one article each."""
    size = len(plan.choices)
    total = Counter({pattern: n for (part, pattern), n in counts.units.items() if part is None})
    by_article = {(part, pattern): n for (part, pattern), n in counts.units.items() if part is not None}
    if not by_article:
        return table_from_patterns(total, size)
    for (_, pattern), n in by_article.items():
        total[pattern] -= n
    return table_from_articles(by_article, size, alone=total)


def _columns(score: Score, bundled: str) -> Row:
    by = bundled if score.resampled == "article" else score.resampled
    made = f"{score.method} by {by}, {score.n_resampled}" if score.method else score.interval_reason or ""
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
