"""The SQL behind what the newsroom's desk published, with the parameters of claims.exporting.sources.

A check is a verdict on a claim, of no round and no unit: it has a table of its own, and its entry in ClaimReview.
"""

from __future__ import annotations

from claims.exporting.sources import FROZEN, SHOWN_ARTICLES, SHOWN_OCCURRENCES

# Of claims that are shown, where verdicts and their day are selected. Nobody judges beside others at the desk, so a
# least agreement selects none.
DESK_CHECKS = f"""
WITH names AS (SELECT * FROM unnest(%(reviewers)s::bigint[], %(desk_names)s::text[]) AS n (reviewer_id, name))
SELECT d.id, d.claim_id, 'verdict' AS question, d.rating AS value, 'desk' AS method, d.rationale, d.text, d.link,
       w.name AS writer, a.name AS assigned_by, s.name AS second_editor, z.name AS signed_by,
       (d.moved_at AT TIME ZONE 'UTC')::date::text AS day, d.wording
FROM ({
    FROZEN.format(
        kind="desk",
        columns="claim_id bigint, wording text, rating text, text text, rationale text, link text, "
        "moved_at timestamptz, writer bigint, assigned_by bigint, second_editor bigint, signed_by bigint",
    )
}) d JOIN names w ON w.reviewer_id = d.writer JOIN names a ON a.reviewer_id = d.assigned_by
JOIN names s ON s.reviewer_id = d.second_editor JOIN names z ON z.reviewer_id = d.signed_by
WHERE EXISTS (SELECT FROM ({SHOWN_OCCURRENCES}) o JOIN ({SHOWN_ARTICLES}) b ON b.id = o.article_id
              WHERE o.claim_id = d.claim_id)
  AND (%(questions)s::text[] IS NULL OR 'verdict' = ANY(%(questions)s::text[]))
  AND (%(first_day)s::date IS NULL OR d.moved_at::date >= %(first_day)s::date)
  AND (%(last_day)s::date IS NULL OR d.moved_at::date <= %(last_day)s::date)
  AND %(least_agreement)s::float8 IS NULL"""  # noqa: S608

DESK = f"""
SELECT id, claim_id, question, value, method, rationale, text, link, writer, assigned_by, second_editor, signed_by, day
FROM ({DESK_CHECKS}) d ORDER BY id
"""  # noqa: S608

# A check with the first place where its claim is said. `settled` is as of a unit, so that writers read one shape.
CHECKED = f"""
SELECT d.id AS check, d.claim_id AS claim, d.wording AS text, d.link, p.speaker, p.speaker_kind, p.headline, p.url,
       p.published_at, p.language, p.outlet, jsonb_build_object('verdict', jsonb_build_object('outcome', 'answer',
           'value', d.value, 'method', d.method, 'rationale', d.rationale, 'day', d.day)) AS settled
FROM ({DESK_CHECKS}) d
LEFT JOIN LATERAL (
    SELECT h.source_text AS speaker, h.source_kind AS speaker_kind, a.headline, a.url, a.published_at, a.language,
           (SELECT x.name FROM claims_outletversion x JOIN claims_sealedrow z
            ON z.kind = 'outletversion' AND z.row_id = x.id AND z.seal_id <= %(seal)s
            WHERE x.outlet_id = a.outlet_id ORDER BY x.n DESC LIMIT 1) AS outlet
    FROM ({SHOWN_OCCURRENCES}) o JOIN ({SHOWN_ARTICLES}) a ON a.id = o.article_id
    JOIN LATERAL (SELECT v.id FROM claims_occurrenceversion v
                  JOIN claims_sealedrow s ON s.kind = 'occurrenceversion' AND s.row_id = v.id AND s.seal_id <= %(seal)s
                  WHERE v.occurrence_id = o.id ORDER BY v.n DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (SELECT source_text, source_kind FROM claims_attributionhop x
                       WHERE x.occurrence_version_id = v.id ORDER BY x.n LIMIT 1) h ON true
    WHERE o.claim_id = d.claim_id ORDER BY a.published_at NULLS LAST, o.id LIMIT 1) p ON true
ORDER BY d.id
"""  # noqa: S608
