"""The SQL behind the tables of a release. Everything is as of a seal: what was sealed later is not in any of them.

What may be edited later (headlines, addresses, names of rounds, which claim an occurrence is of) is read from the rows
that were frozen when the release was started, see claims.exporting.freezing.

Parameters: release, project, seal, at (when the release was started), rounds (ids), lasts (the last position each had
then), reviewers, names and desk_names (arrays of the same length), no_articles and no_occurrences (ids withheld:
excluded, dropped or taken down); questions, first_day, last_day and least_agreement (null: not narrowed).
"""

from __future__ import annotations

IN_ROUNDS = "{column} = ANY(%(rounds)s::bigint[])"

# Units join a round at its end only, so the last position says which of them there were.
IN_PLACES = """
claims_roundunit ru JOIN unnest(%(rounds)s::bigint[], %(lasts)s::int[]) AS p (round_id, last)
    ON p.round_id = ru.round_id AND ru.position <= p.last"""

FROZEN = """
SELECT f.row_id AS id, r.* FROM claims_frozenrow f, jsonb_to_record(f.facts) AS r ({columns})
WHERE f.release_id = %(release)s AND f.kind = '{kind}'"""

FROZEN_ROUNDS = FROZEN.format(
    kind="round",
    columns="name text, purpose text, unit_kind text, overlap int, questions jsonb, selection jsonb, units int, "
    "codebook_version bigint, codebook text",
)

SHOWN_ARTICLES = (
    FROZEN.format(
        kind="article",
        columns="outlet_id bigint, headline text, byline text, url text, published_at timestamptz, published_how text, "
        "language text, genre text, copies bigint",
    )
    + " AND f.row_id <> ALL(%(no_articles)s::bigint[])"
)

SHOWN_OCCURRENCES = (
    FROZEN.format(kind="occurrence", columns="claim_id bigint, article_id bigint, position int")
    + " AND f.row_id <> ALL(%(no_occurrences)s::bigint[])"
)

# A unit is shown when what it is about is not withheld.
SHOWN_UNITS = f"""
SELECT u.* FROM claims_unit u LEFT JOIN claims_occurrenceversion uv ON uv.id = u.occurrence_version_id
WHERE u.project_id = %(project)s
  AND (u.article_id IS NULL OR u.article_id <> ALL(%(no_articles)s::bigint[]))
  AND (uv.id IS NULL OR uv.occurrence_id <> ALL(%(no_occurrences)s::bigint[]))
  AND EXISTS (SELECT FROM {IN_PLACES} WHERE ru.unit_id = u.id)
"""  # noqa: S608

# The newest event of each reviewer about each unit wins; a void one takes the labels away.
STANDING_EVENTS = (
    """
SELECT DISTINCT ON (e.round_id, e.unit_id, e.reviewer_id, e.phase)
       e.id, e.round_id, e.unit_id, e.reviewer_id, e.phase, e.kind, e.answers, e.seconds, e.created_at,
       e.codebook_version_id
FROM claims_labelevent e JOIN claims_sealedrow s ON s.kind = 'labelevent' AND s.row_id = e.id
WHERE e.project_id = %(project)s AND s.seal_id <= %(seal)s AND e.kind <> 'skipped'
  AND """
    + IN_ROUNDS.format(column="e.round_id")
    + """
ORDER BY e.round_id, e.unit_id, e.reviewer_id, e.phase, e.seq DESC"""
)

EACH_ANSWER = "jsonb_each(CASE WHEN jsonb_typeof(e.answers) = 'object' THEN e.answers ELSE '{}' END)"

# Of which people's first answers this share at least is the same, of two or more.
AGREEING = f"""
SELECT c.round_id, c.unit_id, c.question FROM (
    SELECT e.round_id, e.unit_id, a.key AS question, count(*) AS n
    FROM ({STANDING_EVENTS}) e JOIN claims_reviewer r ON r.id = e.reviewer_id, {EACH_ANSWER} a
    WHERE e.kind <> 'voided' AND e.phase = 'first' AND r.kind <> 'machine' AND a.value ? 'value'
    GROUP BY e.round_id, e.unit_id, a.key, a.value->'value') c
GROUP BY 1, 2, 3 HAVING sum(c.n) >= 2 AND max(c.n) >= %(least_agreement)s * sum(c.n)"""  # noqa: S608


def selected(row: str, question: str) -> str:
    """The condition that an answer or a settled label is selected. What is not asked for costs nothing: the planner
    drops a comparison of null with null."""
    return f"""
(%(questions)s::text[] IS NULL OR {question} = ANY(%(questions)s::text[]))
AND (%(first_day)s::date IS NULL OR {row}.created_at::date >= %(first_day)s::date)
AND (%(last_day)s::date IS NULL OR {row}.created_at::date <= %(last_day)s::date)
AND (%(least_agreement)s::float8 IS NULL OR ({row}.round_id, {row}.unit_id, {question}) IN ({AGREEING}))"""


ANSWERS = f"""
WITH standing AS ({STANDING_EVENTS}), shown AS ({SHOWN_UNITS}),
names AS (SELECT * FROM unnest(%(reviewers)s::bigint[], %(names)s::text[]) AS n (reviewer_id, name))
SELECT e.round_id, e.unit_id, a.key AS question, n.name AS reviewer, e.phase, a.value->'value' AS value,
       a.value->>'missing' AS missing, e.seconds, e.created_at::date::text AS day, e.codebook_version_id,
       u.article_id, ru.is_control, r.kind = 'machine' AS is_machine
FROM standing e JOIN shown u ON u.id = e.unit_id JOIN names n ON n.reviewer_id = e.reviewer_id
JOIN claims_reviewer r ON r.id = e.reviewer_id
JOIN claims_roundunit ru ON ru.round_id = e.round_id AND ru.unit_id = e.unit_id,
     {EACH_ANSWER} a
WHERE e.kind <> 'voided' AND (a.value ? 'value' OR a.value ? 'missing') AND {selected("e", "a.key")}"""  # noqa: S608

# Rows that cannot be what the product writes. They are left out, and the manifest names them.
DAMAGED = f"""
SELECT 'labelevent', e.id, 'its answers are no object' FROM ({STANDING_EVENTS}) e
WHERE jsonb_typeof(e.answers) <> 'object' ORDER BY e.id
"""  # noqa: S608

LABELS = f"""
SELECT round_id, unit_id, question, reviewer, phase, value, missing, seconds, day, codebook_version_id
FROM ({ANSWERS}) a ORDER BY round_id, unit_id, question COLLATE "C", phase COLLATE "C", reviewer COLLATE "C"
"""  # noqa: S608

SOFT_LABELS = f"""
SELECT round_id, unit_id, question, phase, value, count(*),
       round(count(*) / sum(count(*)) OVER (PARTITION BY round_id, unit_id, question, phase), 6)::float8
FROM ({ANSWERS}) a WHERE jsonb_typeof(value) = 'string' AND NOT is_machine
GROUP BY 1, 2, 3, 4, 5 ORDER BY round_id, unit_id, question COLLATE "C", phase COLLATE "C", value::text COLLATE "C"
"""  # noqa: S608

PATTERNS = f"""
SELECT round_id, question, unit_id, article_id, value #>> '{{}}', count(*)
FROM ({ANSWERS}) a WHERE jsonb_typeof(value) = 'string' AND phase = 'first'
  AND NOT is_control AND NOT is_machine
GROUP BY 1, 2, 3, 4, 5 ORDER BY round_id, question COLLATE "C", unit_id
"""  # noqa: S608

# What people said first, for the model of how they err.
GIVEN = f"""
SELECT round_id, question, unit_id, reviewer, value #>> '{{}}', codebook_version_id
FROM ({ANSWERS}) a WHERE jsonb_typeof(value) = 'string' AND phase = 'first' AND NOT is_machine
ORDER BY round_id, question COLLATE "C", unit_id, reviewer COLLATE "C"
"""  # noqa: S608

SETTLED = f"""
WITH shown AS ({SHOWN_UNITS})
SELECT DISTINCT ON (l.round_id, l.unit_id, l.question COLLATE "C")
       l.round_id, l.unit_id, l.question, l.revision, l.outcome, l.value, l.missing, l.method, l.reason_code,
       l.rationale, l.created_at::date::text
FROM claims_settledlabel l JOIN shown u ON u.id = l.unit_id
JOIN claims_sealedrow s ON s.kind = 'settledlabel' AND s.row_id = l.id AND s.seal_id <= %(seal)s
WHERE {IN_ROUNDS.format(column="l.round_id")} AND {selected("l", "l.question")}
ORDER BY l.round_id, l.unit_id, l.question COLLATE "C", l.revision DESC
"""  # noqa: S608

UNITS = f"""
WITH shown AS ({SHOWN_UNITS})
SELECT u.id, u.kind, u.article_id, v.occurrence_id, v.n, COALESCE(o.claim_id, c.claim_id), w.outlet_id, w.n, u.part
FROM shown u
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN ({SHOWN_OCCURRENCES}) o ON o.id = v.occurrence_id
LEFT JOIN claims_claimversion c ON c.id = u.claim_version_id
LEFT JOIN claims_outletversion w ON w.id = u.outlet_version_id
ORDER BY u.id
"""  # noqa: S608

# What splits are made by. The stratum is the settled answer, or what most people answered first.
MEMBERS = f"""
WITH shown AS ({SHOWN_UNITS}),
settled AS (SELECT DISTINCT ON (unit_id) unit_id, value #>> '{{}}' AS value FROM ({SETTLED}) l
            WHERE question = %(stratify_by)s AND outcome = 'answer' ORDER BY unit_id, round_id DESC),
counted AS (SELECT DISTINCT ON (unit_id) unit_id, value #>> '{{}}' AS value FROM ({ANSWERS}) a
            WHERE question = %(stratify_by)s AND phase = 'first' AND NOT is_machine AND value IS NOT NULL
            GROUP BY unit_id, value ORDER BY unit_id, count(*) DESC, value::text COLLATE "C")
SELECT u.id, u.article_id, a.copies, COALESCE(o.claim_id, c.claim_id), COALESCE(a.outlet_id, w.outlet_id),
       (a.published_at AT TIME ZONE 'UTC')::date::text, COALESCE(s.value, k.value)
FROM shown u
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN ({SHOWN_OCCURRENCES}) o ON o.id = v.occurrence_id
LEFT JOIN claims_claimversion c ON c.id = u.claim_version_id
LEFT JOIN claims_outletversion w ON w.id = u.outlet_version_id
LEFT JOIN ({SHOWN_ARTICLES}) a ON a.id = u.article_id
LEFT JOIN settled s ON s.unit_id = u.id LEFT JOIN counted k ON k.unit_id = u.id
ORDER BY u.id
"""  # noqa: S608

WORDED = f"""
SELECT u.id, COALESCE(NULLIF(v.wording, ''), v.verbatim, c.text, a.headline)
FROM ({SHOWN_UNITS}) u
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN claims_claimversion c ON c.id = u.claim_version_id
LEFT JOIN ({SHOWN_ARTICLES}) a ON a.id = u.article_id
ORDER BY u.id
"""  # noqa: S608

ROUNDS = f"""
SELECT r.id, r.name, r.purpose, r.unit_kind, r.overlap, r.questions, r.codebook, v.n, v.sha256, r.selection, r.units
FROM ({FROZEN_ROUNDS}) r JOIN claims_codebookversion v ON v.id = r.codebook_version ORDER BY r.id
"""  # noqa: S608

CODEBOOKS = f"""
SELECT DISTINCT v.id, r.codebook, v.n, v.sha256, v.document
FROM ({FROZEN_ROUNDS}) r JOIN claims_codebookversion v ON v.id = r.codebook_version ORDER BY v.id
"""  # noqa: S608

ARTICLES = f"""
SELECT a.id, a.outlet_id,
       (SELECT w.name FROM claims_outletversion w
        JOIN claims_sealedrow z ON z.kind = 'outletversion' AND z.row_id = w.id AND z.seal_id <= %(seal)s
        WHERE w.outlet_id = a.outlet_id ORDER BY w.n DESC LIMIT 1),
       a.headline, a.byline, a.url, a.published_at, a.published_how, a.language, a.genre, t.n,
       t.sha256, t.length, t.text
FROM ({SHOWN_ARTICLES}) a JOIN claims_textversion t ON t.article_id = a.id
JOIN claims_sealedrow s ON s.kind = 'textversion' AND s.row_id = t.id AND s.seal_id <= %(seal)s
ORDER BY a.id, t.n
"""  # noqa: S608

# A person may correct what a block is. Corrections that came after the release are undone here, by the audit log.
CORRECTIONS = """
claims_auditevent c WHERE c.subject_type = 'segment' AND c.subject_id = g.id AND c.verb = 'correct_segment_role'
  AND c.created_at {after} %(at)s"""

SEGMENTS = f"""
SELECT a.id, t.n, g.n, g.start, g."end",
       COALESCE((SELECT c.details->>'instead_of' FROM {CORRECTIONS.format(after=">")} ORDER BY c.id LIMIT 1), g.role),
       CASE WHEN EXISTS (SELECT FROM {CORRECTIONS.format(after=">")})
             AND NOT EXISTS (SELECT FROM {CORRECTIONS.format(after="<=")}) THEN 'rule' ELSE g.decided_by END,
       g.language
FROM ({SHOWN_ARTICLES}) a JOIN claims_textversion t ON t.article_id = a.id
JOIN claims_sealedrow s ON s.kind = 'textversion' AND s.row_id = t.id AND s.seal_id <= %(seal)s
JOIN claims_segment g ON g.text_version_id = t.id
ORDER BY a.id, t.n, g.n
"""  # noqa: S608

CLAIMS = f"""
SELECT o.id, v.n, o.claim_id, a.id, v.verbatim, v.wording, v.segment_role, v.attribution, v.kinds, v.hedges,
       v.checkworthiness, v.checkworthiness_reasons, v.origin, v.splitter,
       COALESCE((SELECT jsonb_agg(jsonb_build_array(t.n, p.piece, p.start, p."end", p.exact, p.state)
                                  ORDER BY t.n, p.piece)
                 FROM claims_anchor p JOIN claims_textversion t ON t.id = p.text_version_id
                 JOIN claims_sealedrow z ON z.kind = 'textversion' AND z.row_id = t.id AND z.seal_id <= %(seal)s
                 WHERE p.occurrence_version_id = v.id), '[]'),
       COALESCE((SELECT jsonb_agg(jsonb_build_object('n', h.n, 'source', h.source_text, 'source_start', h.source_start,
                     'source_end', h.source_end, 'cue', h.cue_text, 'cue_start', h.cue_start, 'cue_end', h.cue_end,
                     'mode', h.mode, 'act', h.act, 'source_kind', h.source_kind) ORDER BY h.n)
                 FROM claims_attributionhop h WHERE h.occurrence_version_id = v.id), '[]')
FROM ({SHOWN_ARTICLES}) a JOIN ({SHOWN_OCCURRENCES}) o ON o.article_id = a.id
JOIN claims_occurrenceversion v ON v.occurrence_id = o.id
JOIN claims_sealedrow s ON s.kind = 'occurrenceversion' AND s.row_id = v.id AND s.seal_id <= %(seal)s
ORDER BY a.id, o.position, o.id, v.n
"""  # noqa: S608

OUTLETS = f"""
SELECT o.id, v.n, v.name, v.country, v.languages, v.control, v.ownership, o.domains
FROM ({FROZEN.format(kind="outlet", columns="domains text[]")}) o JOIN claims_outletversion v ON v.outlet_id = o.id
JOIN claims_sealedrow s ON s.kind = 'outletversion' AND s.row_id = v.id AND s.seal_id <= %(seal)s
ORDER BY o.id, v.n
"""  # noqa: S608

EVIDENCE = f"""
WITH answers AS ({ANSWERS}), cited AS (
    SELECT DISTINCT a.unit_id, a.reviewer, (item->>'id')::bigint AS id
    FROM answers a, jsonb_array_elements(CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value ELSE '[]' END) item
    WHERE jsonb_typeof(item) = 'object' AND item ? 'id')
SELECT c.id, e.claim_id, c.unit_id, c.reviewer, e.url, e.title, e.quote, e.question, e.answer, e.published_at,
       e.relation, e.strength, e.source_kind, e.independence
FROM cited c JOIN claims_evidenceitem e ON e.id = c.id AND e.project_id = %(project)s
JOIN claims_sealedrow s ON s.kind = 'evidenceitem' AND s.row_id = e.id AND s.seal_id <= %(seal)s
ORDER BY c.id, c.unit_id
"""  # noqa: S608

REVIEWERS = f"""
SELECT a.reviewer, r.kind, count(*), count(DISTINCT (a.round_id, a.unit_id))
FROM ({ANSWERS}) a
JOIN unnest(%(reviewers)s::bigint[], %(names)s::text[]) AS n (reviewer_id, name) ON n.name = a.reviewer
JOIN claims_reviewer r ON r.id = n.reviewer_id
GROUP BY 1, 2 ORDER BY a.reviewer COLLATE "C"
"""  # noqa: S608

WITHHELD = """
SELECT 'article', id, state FROM claims_article WHERE id = ANY(%(no_articles)s::bigint[]) AND project_id = %(project)s
UNION ALL
SELECT 'claim', id, state FROM claims_claimoccurrence
WHERE id = ANY(%(no_occurrences)s::bigint[]) AND project_id = %(project)s AND state = 'retracted'
ORDER BY 1, 2
"""
