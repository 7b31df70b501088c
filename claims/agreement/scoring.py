"""Pattern counts -> AgreementScore: every figure of a stratum, with an interval that resamples articles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from claims.agreement.folding import plan_round
from claims.agreement.patterns import SCORES, QuestionPlan
from claims.agreement.strata import WHOLE, article_rows, strata_of
from claims.models import AgreementScore, Round
from claims.statistics.score import Score
from claims.statistics.scoring import score_labels
from claims.statistics.tables import LabelTable, Pattern, table_from_articles, table_from_patterns

SCORE_LOCK = 0x5C0E << 40  # + round id

ARTICLE_ROWS = 10_000  # up to here an interval resamples single articles; with more, bundles of them: see BundleCount

# What has been scored before, and whether the round has more rows by article than single articles are resampled from.
STANDING = """
SELECT (SELECT COALESCE(max(as_of), 0) FROM claims_agreementscore WHERE round_id = %(round)s),
    (SELECT count(*) > %(most)s FROM (SELECT FROM claims_patterncount
        WHERE round_id = %(round)s AND article_id IS NOT NULL LIMIT %(most)s + 1) AS found)
"""
# Sums, articles and reviewers of all strata in one statement, so that all figures are of one moment.
READ_SUMS = """
SELECT stratum, 'sum', question, phase, NULL::bigint, counts, n_units FROM claims_patterncount
WHERE round_id = %s AND stratum = ANY(%s) AND article_id IS NULL
UNION ALL
SELECT stratum, 'reviewers', question, phase, NULL, NULL, count(*) FROM claims_reviewercount
WHERE round_id = %s AND stratum = ANY(%s) GROUP BY stratum, question, phase
"""
READ_ARTICLES = """
UNION ALL
SELECT %s, 'part', c.question, c.phase, c.article_id, c.counts, c.n_units
FROM claims_patterncount c JOIN claims_article a ON a.id = c.article_id
WHERE c.round_id = %s AND c.stratum = %s AND """
READ_BUNDLES = """
UNION ALL
SELECT stratum, 'part', question, phase, bundle::bigint, counts, n_units FROM claims_bundlecount
WHERE round_id = %s AND stratum = ANY(%s)
"""
# A worker that is late has an older `as_of` and changes nothing.
WRITE_SCORES = """
INSERT INTO claims_agreementscore (round_id, question, phase, stratum, view, coefficient, value, low, high, reason,
    interval, n_units, n_pairable, n_labels, n_reviewers, as_of, scored_at)
SELECT %s, question, phase, stratum, view, coefficient, value, low, high, reason, interval, n_units, n_pairable,
    n_labels, n_reviewers, %s, now()
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::float8[], %s::float8[],
        %s::text[], %s::text[], %s::integer[], %s::integer[], %s::integer[], %s::integer[])
    AS t(question, phase, stratum, view, coefficient, value, low, high, reason, interval, n_units, n_pairable, n_labels,
        n_reviewers)
ON CONFLICT (round_id, question, phase, stratum, view, coefficient) DO UPDATE SET
    value = EXCLUDED.value, low = EXCLUDED.low, high = EXCLUDED.high, reason = EXCLUDED.reason,
    interval = EXCLUDED.interval, n_units = EXCLUDED.n_units, n_pairable = EXCLUDED.n_pairable,
    n_labels = EXCLUDED.n_labels, n_reviewers = EXCLUDED.n_reviewers, as_of = EXCLUDED.as_of, scored_at = now()
WHERE claims_agreementscore.as_of <= EXCLUDED.as_of
"""


Part = int | None
Place = tuple[str, str]  # question, phase
Row = tuple[str | int | float | None, ...]  # the columns of a score, as WRITE_SCORES names them


@dataclass(frozen=True)
class Counts:
    """Counts of a question: {(article or bundle, None for the sum; pattern): units}, and its number of reviewers."""

    units: dict[tuple[Part, Pattern], int]
    resampled: str  # what an interval draws: article, or bundle of articles
    n_reviewers: int = 0


def score_round(
    round_: Round,
    *,
    as_of: int = 0,
    strata: Sequence[str] | None = None,
    plans: Mapping[str, QuestionPlan] | None = None,
) -> None:
    """Compute and store every score of these strata (all there are) from the pattern counts, in one transaction: lock,
    look, read, write, whatever the number of strata.

    `as_of` is the newest label event known to be folded in. One worker scores a round at a time, and each reads the
    counts after it holds the lock: the last to write has seen the most.
    """
    plans = plan_round(round_) if plans is None else plans
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCORE_LOCK + round_.pk])
        cursor.execute(STANDING, {"round": round_.pk, "most": ARTICLE_ROWS})
        before, has_more = cursor.fetchone()
        names = [s.name for s in strata_of(round_)] if strata is None else list(strata)
        counted = read_counts(round_, names, "bundle of articles" if has_more else "article")
        gone = [name for name in names if name != WHOLE and not counted[name]]
        if gone:
            AgreementScore.objects.filter(round=round_, stratum__in=gone).delete()
        rows = [row for name in names if name not in gone for row in _rows(round_, plans, name, counted[name])]
        if rows:
            cursor.execute(WRITE_SCORES, [round_.pk, max(as_of, before), *map(list, zip(*rows, strict=True))])


def _rows(
    round_: Round, plans: Mapping[str, QuestionPlan], stratum: str, counts: Mapping[Place, Counts]
) -> Iterator[Row]:
    for question, plan in plans.items():
        phases = {phase for code, phase in counts if code == question} | {"first"}
        for phase in sorted(phases):
            given = counts.get((question, phase), Counts({}, "article"))
            for view, coefficient, score in _scores_of(round_, plan, given):
                yield (question, phase, stratum, view, coefficient, *_columns(score, given))


def read_counts(round_: Round, strata: Sequence[str], resampled: str) -> dict[str, dict[Place, Counts]]:
    """Stratum -> (question, phase) -> counts. A stratum takes a bounded number of rows, whatever the round holds."""
    named: list[Any] = [round_.pk, list(strata)]
    statement, given = READ_SUMS, [*named, *named]
    if resampled == "article":
        for stratum in strata:
            rows_of, condition, value = article_rows(stratum)
            statement += READ_ARTICLES + condition
            given += [stratum, round_.pk, rows_of, *([] if value is None else [value])]
    else:
        statement, given = statement + READ_BUNDLES, given + named
    units: defaultdict[tuple[str, Place], dict[tuple[Part, Pattern], int]] = defaultdict(dict)
    reviewers: dict[tuple[str, Place], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        for stratum, what, question, phase, part, pattern, n in cursor:
            key = stratum, (question, phase)
            if what == "reviewers":
                reviewers[key] = n
            else:
                units[key][part, tuple(pattern)] = n
    found: dict[str, dict[Place, Counts]] = {stratum: {} for stratum in strata}
    for key, cells in units.items():
        name, place = key
        found[name][place] = Counts(cells, resampled, reviewers.get(key, 0))
    return found


def _scores_of(round_: Round, plan: QuestionPlan, counts: Counts) -> Iterator[tuple[str, str, Score]]:
    """(view, name of the score, score)"""
    table = table_of(plan, counts)
    for view in plan.views:
        seen, scale = plan.table_of(table, view)
        for name in plan.scores_of(view):
            coefficient, measure = SCORES[name]
            yield view, name, score_labels(seen, coefficient, scale, measure, seed=round_.pk)


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


def _columns(score: Score, counts: Counts) -> Row:
    """The columns from `value` on, as WRITE_SCORES names them."""
    by = counts.resampled if score.resampled == "article" else score.resampled
    made = f"{score.method} by {by}, {score.n_resampled}" if score.method else score.interval_reason or ""
    figures = score.value, score.low, score.high, score.reason or "", made
    return *figures, score.n_units, score.n_pairable, score.n_labels, counts.n_reviewers
