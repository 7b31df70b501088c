"""Observations and tallies follow the articles, claims and settled labels they are derived from.

Triggers note each article of which something changed (claims_pendingtally), in the transaction that changed it; this
job takes the notes and derives those articles anew. What is derived twice counts once, so a job may die anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from claims import jobs
from claims.models import Article, Job, PendingTally, Project

BATCH = 2_000  # articles in one transaction
TALLY_LOCK = 0x7A11E  # pg_advisory_xact_lock: one derivation at a time, so that tallies move by whole numbers

TAKE_PENDING = """
WITH taken AS (SELECT id FROM claims_pendingtally ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
DELETE FROM claims_pendingtally p USING taken WHERE p.id = taken.id RETURNING p.article_id
"""

# Merged outlets count for the one they were merged into, however long the chain.
ROOTS = """
roots AS (
    SELECT id AS outlet, id AS root, merged_into_id AS next FROM claims_outlet
    UNION ALL SELECT r.outlet, o.id, o.merged_into_id FROM roots r JOIN claims_outlet o ON o.id = r.next
), final AS (SELECT outlet, root FROM roots WHERE next IS NULL)
"""

# Articles that count, and for whom. A repost counts for the outlet it was taken from, where the original is an article
# of its own; so does a syndicated copy: of articles that are nearly the same text, the earliest counts. Without dates
# nobody knows which one that is, and each counts for itself.
COUNTED = """
counted AS MATERIALIZED (
    SELECT a.id AS article, f.root AS outlet, date_trunc('month', a.published_at AT TIME ZONE 'UTC')::date AS month
    FROM claims_article a
    JOIN final f ON f.outlet = a.outlet_id
    WHERE a.id = ANY(%(articles)s) AND a.state IN ('imported', 'split') AND a.repost_of_id IS NULL
      AND NOT EXISTS (
          SELECT FROM claims_articlesketch s
          JOIN claims_articlesketch m ON m.project_id = s.project_id AND m.cluster = s.cluster
          JOIN claims_article e ON e.id = m.article_id AND e.outlet_id IS NOT NULL AND e.repost_of_id IS NULL
               AND e.state IN ('imported', 'split') AND (e.published_at, e.id) < (a.published_at, a.id)
          WHERE s.article_id = a.id AND s.cluster IS NOT NULL)
)
"""

# Claims where they stand, in the version that stands.
PLACES = """
places AS MATERIALIZED (
    SELECT o.id AS occurrence, o.claim_id AS claim, a.article, a.outlet, a.month,
           v.id AS version, v.n, v.attribution, v.segment_role, h.hops, h.source
    FROM counted a
    JOIN claims_claimoccurrence o ON o.article_id = a.article AND o.state = 'proposed'
    JOIN LATERAL (SELECT id, n, attribution, segment_role FROM claims_occurrenceversion
                  WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (SELECT count(*) AS hops, (array_agg(source_text ORDER BY n))[1] AS source
                       FROM claims_attributionhop WHERE occurrence_version_id = v.id) h ON true
)
"""

# The newest settlement of each question about the claim in this wording, or about the claim wherever it is said. Most
# claims have one version only, and no earlier one is looked for then.
SETTLED = """
judged AS MATERIALIZED (
    SELECT p.occurrence, u.id AS unit FROM places p JOIN claims_unit u ON u.occurrence_version_id = p.version
    UNION ALL
    SELECT p.occurrence, u.id FROM places p
    JOIN claims_occurrenceversion v ON v.id = p.version
    JOIN claims_occurrenceversion e
         ON e.occurrence_id = p.occurrence AND e.n < p.n AND e.verbatim = v.verbatim AND e.wording = v.wording
    JOIN claims_unit u ON u.occurrence_version_id = e.id
    WHERE p.n > 1
    UNION ALL
    SELECT p.occurrence, u.id FROM places p
    JOIN claims_claimversion c ON c.claim_id = p.claim
    JOIN claims_unit u ON u.claim_version_id = c.id
), newest AS (
    SELECT DISTINCT ON (j.occurrence, s.question) j.occurrence, s.question, s.outcome, s.missing, s.round_id,
           ru.probability, s.value #>> '{}' AS value
    FROM judged j
    JOIN claims_settledlabel s ON s.unit_id = j.unit
         AND s.question IN ('verdict', 'stance', 'sentence_bias')
    JOIN claims_roundunit ru ON ru.round_id = s.round_id AND ru.unit_id = s.unit_id AND NOT ru.is_control
    ORDER BY j.occurrence, s.question, s.id DESC
), settled AS MATERIALIZED (
    SELECT *, max(value) FILTER (WHERE question = 'stance' AND outcome = 'answer' AND missing IS NULL)
              OVER (PARTITION BY occurrence) AS stance FROM newest
), collapsed AS MATERIALIZED (
    SELECT r.id AS round, c.code, c.collapsed_to AS verdict FROM claims_round r
    JOIN claims_question q ON q.codebook_version_id = r.codebook_version_id AND q.code = 'verdict'
    JOIN claims_choice c ON c.question_id = q.id AND c.collapsed_to IN ('supported', 'refuted')
)
"""

# Whose claims count: what the outlet says in its own voice or endorses; never what it reports, doubts or refutes.
OBSERVED = """
observed AS (
    SELECT p.occurrence, p.outlet, p.article, p.month, 'verdict' AS measure,
           CASE WHEN s.outcome <> 'answer' THEN 'unresolved'
                WHEN s.value IN ('supported', 'refuted') THEN s.value
                ELSE COALESCE(c.verdict, 'unresolved') END AS outcome,
           s.round_id AS round, s.probability
    FROM places p
    JOIN settled s ON s.occurrence = p.occurrence AND s.question = 'verdict' AND s.missing IS NULL
    LEFT JOIN collapsed c ON c.round = s.round_id AND c.code = s.value
    WHERE COALESCE(s.stance = 'supports', p.attribution = 'author_voice')
    UNION ALL
    SELECT occurrence, outlet, article, month, 'voice', attribution, NULL, 1 FROM places
    UNION ALL
    SELECT occurrence, outlet, article, month, 'distance', CASE WHEN hops > 2 THEN '3_or_more' ELSE hops::text END,
           NULL, 1 FROM places
    UNION ALL
    SELECT occurrence, outlet, article, month, 'source',
           CASE WHEN attribution = 'vague' OR COALESCE(source, '') = '' OR source ~ '^[[:lower:]][^[:upper:]]*$'
                THEN 'anonymous' ELSE 'named' END, NULL, 1
    FROM places WHERE attribution <> 'author_voice'
    UNION ALL
    SELECT p.occurrence, p.outlet, p.article, p.month, 'language', s.value, s.round_id, s.probability
    FROM places p JOIN settled s USING (occurrence)
    WHERE s.question = 'sentence_bias' AND s.outcome = 'answer' AND s.value IN ('biased', 'not_biased')
    UNION ALL
    SELECT p.occurrence, p.outlet, p.article, p.month,
           CASE WHEN p.segment_role = 'headline' THEN 'stance_headline' ELSE 'stance_body' END,
           CASE WHEN s.value = 'supports' THEN 'supports' ELSE 'other' END, s.round_id, s.probability
    FROM places p JOIN settled s ON s.occurrence = p.occurrence AND s.question = 'stance' AND s.stance IS NOT NULL
    WHERE p.segment_role IN ('headline', 'body') AND s.value <> 'unrelated'
)
"""

KIND = "outlet_id, measure, outcome, month, round_id, probability"
FORGET = f"""
WITH gone AS (DELETE FROM claims_outletobservation WHERE article_id = ANY(%(articles)s) RETURNING {KIND}),
less AS (SELECT {KIND}, count(*)::int AS n FROM gone GROUP BY {KIND})
UPDATE claims_outlettally t SET n = t.n - less.n FROM less
WHERE t.outlet_id = less.outlet_id AND t.measure = less.measure AND t.outcome = less.outcome
  AND t.month IS NOT DISTINCT FROM less.month AND t.round_id IS NOT DISTINCT FROM less.round_id
  AND t.probability IS NOT DISTINCT FROM less.probability
"""  # noqa: S608 - our own words
OBSERVE = f"""
WITH RECURSIVE {ROOTS}, {COUNTED}, {PLACES}, {SETTLED}, {OBSERVED}, fresh AS (
    INSERT INTO claims_outletobservation (occurrence_id, measure, outcome, outlet_id, article_id, month, round_id,
        probability)
    SELECT occurrence, measure, outcome, outlet, article, month, round, probability FROM observed RETURNING {KIND}
)
INSERT INTO claims_outlettally AS t ({KIND}, n) SELECT {KIND}, count(*)::int FROM fresh GROUP BY {KIND}
ON CONFLICT ({KIND}) DO UPDATE SET n = t.n + EXCLUDED.n
"""  # noqa: S608 - our own words
DROP_EMPTY = "DELETE FROM claims_outlettally WHERE n = 0"


def derive(articles: Sequence[int]) -> None:
    """Derive the observations of these articles anew and move the tallies by the difference.

    Call inside a transaction.
    """
    values = {"articles": sorted(set(articles))}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TALLY_LOCK])
        cursor.execute("SET LOCAL jit = off")  # compiling these statements takes longer than running them
        cursor.execute("SET LOCAL work_mem = '64MB'")  # a batch is sorted and joined in memory
        for statement in (FORGET, OBSERVE, DROP_EMPTY):
            cursor.execute(statement, values if statement is not DROP_EMPTY else None)


def enqueue_tallies() -> None:
    """Have the noted articles derived, if there are any. Called by the sweep."""
    if PendingTally.objects.exists():
        jobs.enqueue_once("tally_outlets", key="all")


def run_tally_outlets(job: Job) -> None:
    """Take what is noted, a batch at a time, until nothing is."""
    job.counts = {"articles": 0}
    taken = BATCH
    while taken == BATCH:
        with jobs.chunk(job), connection.cursor() as cursor:
            cursor.execute(TAKE_PENDING, [BATCH])
            articles = [row[0] for row in cursor.fetchall()]
            taken = len(articles)
            if articles:
                derive(articles)
            job.counts["articles"] += len(set(articles))
            if taken < BATCH:
                jobs.finish(job, "succeeded")


@transaction.atomic
def rebuild(project: Project) -> int:
    """Derive everything of a project from nothing; returns the number of articles. What stands afterwards equals
    what the notes would have led to (tests compare)."""
    articles = list(Article.objects.filter(project=project).order_by("id").values_list("id", flat=True))
    for at in range(0, len(articles), BATCH):
        derive(articles[at : at + BATCH])
    return len(articles)
