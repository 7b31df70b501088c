"""What documents are made of: judged units with all that is known of them, checks that the newsroom's desk published,
and texts with the claims in them.

The tables of a release are joined by the database and streamed; one record is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from claims.exporting.desk import CHECKED
from claims.exporting.records import parsed
from claims.exporting.scope import Params
from claims.exporting.sources import ANSWERS, SETTLED, SHOWN_ARTICLES, SHOWN_OCCURRENCES, SHOWN_UNITS
from claims.exporting.streaming import stream

Record = dict[str, Any]

SETTLED_OF_UNITS = f"""
SELECT round_id, unit_id, jsonb_object_agg(question, jsonb_build_object('outcome', outcome, 'value', value,
    'missing', missing, 'method', method, 'rationale', rationale, 'day', created_at)) AS settled
FROM ({SETTLED}) l GROUP BY 1, 2"""  # noqa: S608

JUDGED = f"""
WITH answers AS MATERIALIZED (
    SELECT a.*, EXISTS (SELECT FROM claims_question q WHERE q.codebook_version_id = a.codebook_version_id
        AND q.code = a.question AND q.kind = 'chain') AS is_chain FROM ({ANSWERS}) a), shown AS ({SHOWN_UNITS}),
given AS (
    SELECT round_id, unit_id, jsonb_agg(
        jsonb_build_array(question, reviewer, phase, value, missing, is_machine, is_chain)
        ORDER BY question COLLATE "C", phase COLLATE "C", reviewer COLLATE "C") AS answers
    FROM answers GROUP BY 1, 2),
cited AS (
    SELECT DISTINCT a.round_id, a.unit_id, (item->>'id')::bigint AS id
    FROM answers a, jsonb_array_elements(CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value ELSE '[]' END) item
    WHERE jsonb_typeof(item) = 'object' AND item ? 'id'),
evidence AS (
    SELECT c.round_id, c.unit_id, jsonb_agg(jsonb_build_object('id', e.id, 'url', e.url, 'title', e.title,
        'quote', e.quote, 'question', e.question, 'answer', e.answer, 'relation', e.relation) ORDER BY e.id) AS evidence
    FROM cited c JOIN claims_evidenceitem e ON e.id = c.id AND e.project_id = %(project)s
    JOIN claims_sealedrow s ON s.kind = 'evidenceitem' AND s.row_id = e.id AND s.seal_id <= %(seal)s GROUP BY 1, 2)
SELECT round_id AS round, unit_id AS unit, u.kind, u.part, a.id AS article, o.id AS occurrence,
       COALESCE(o.claim_id, c.claim_id) AS claim,
       COALESCE(NULLIF(v.wording, ''), v.verbatim, c.text, w.name, a.headline) AS text, d.text AS second_text,
       v.attribution, h.source_text AS speaker, h.source_kind AS speaker_kind, a.headline, a.url, a.published_at,
       a.language, m.name AS outlet, COALESCE(g.answers, '[]') AS answers, COALESCE(l.settled, '{{}}') AS settled,
       COALESCE(e.evidence, '[]') AS evidence
FROM given g FULL JOIN ({SETTLED_OF_UNITS}) l USING (round_id, unit_id)
JOIN shown u ON u.id = unit_id LEFT JOIN evidence e USING (round_id, unit_id)
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN ({SHOWN_OCCURRENCES}) o ON o.id = v.occurrence_id
LEFT JOIN claims_claimversion c ON c.id = u.claim_version_id
LEFT JOIN claims_claimversion d ON d.id = u.second_claim_version_id
LEFT JOIN claims_outletversion w ON w.id = u.outlet_version_id
LEFT JOIN ({SHOWN_ARTICLES}) a ON a.id = u.article_id
LEFT JOIN LATERAL (SELECT source_text, source_kind FROM claims_attributionhop x WHERE x.occurrence_version_id = v.id
                   ORDER BY x.n LIMIT 1) h ON true
LEFT JOIN LATERAL (SELECT x.name FROM claims_outletversion x JOIN claims_sealedrow z
                   ON z.kind = 'outletversion' AND z.row_id = x.id AND z.seal_id <= %(seal)s
                   WHERE x.outlet_id = a.outlet_id ORDER BY x.n DESC LIMIT 1) m ON true
ORDER BY round_id, unit_id
"""  # noqa: S608

TEXTS = f"""
WITH shown AS ({SHOWN_UNITS}),
labels AS (
    SELECT u.occurrence_version_id, jsonb_agg(l.settled ORDER BY l.round_id) AS settled
    FROM shown u JOIN ({SETTLED_OF_UNITS}) l ON l.unit_id = u.id
    WHERE u.occurrence_version_id IS NOT NULL GROUP BY 1),
newest AS (
    SELECT DISTINCT ON (o.id) o.id, o.claim_id, o.position, v.id AS version_id, v.n, v.verbatim, v.wording,
           v.attribution
    FROM ({SHOWN_OCCURRENCES}) o JOIN claims_occurrenceversion v ON v.occurrence_id = o.id
    JOIN claims_sealedrow s ON s.kind = 'occurrenceversion' AND s.row_id = v.id AND s.seal_id <= %(seal)s
    ORDER BY o.id, v.n DESC),
placed AS (
    SELECT p.text_version_id, p.occurrence_version_id,
           jsonb_agg(jsonb_build_array(p.start, p."end", p.exact) ORDER BY p.piece) AS pieces
    FROM newest n JOIN claims_anchor p ON p.occurrence_version_id = n.version_id AND p.state <> 'orphaned'
    GROUP BY 1, 2),
hops AS (
    SELECT h.occurrence_version_id, jsonb_agg(jsonb_build_object('n', h.n, 'source', h.source_text,
        'source_start', h.source_start, 'source_end', h.source_end, 'cue', h.cue_text, 'cue_start', h.cue_start,
        'cue_end', h.cue_end) ORDER BY h.n) AS hops
    FROM newest n JOIN claims_attributionhop h ON h.occurrence_version_id = n.version_id GROUP BY 1),
held AS (
    SELECT p.text_version_id, jsonb_agg(jsonb_build_object('occurrence', n.id, 'version', n.n, 'claim', n.claim_id,
        'wording', COALESCE(NULLIF(n.wording, ''), n.verbatim), 'attribution', n.attribution, 'pieces', p.pieces,
        'hops', COALESCE(h.hops, '[]'), 'settled', COALESCE(l.settled, '[]')) ORDER BY n.position, n.id) AS claims
    FROM placed p JOIN newest n ON n.version_id = p.occurrence_version_id
    LEFT JOIN hops h ON h.occurrence_version_id = n.version_id
    LEFT JOIN labels l ON l.occurrence_version_id = n.version_id GROUP BY 1)
SELECT a.id AS article, t.n AS text_version, a.headline, a.url, a.language, t.text, COALESCE(h.claims, '[]') AS claims
FROM ({SHOWN_ARTICLES}) a JOIN claims_textversion t ON t.article_id = a.id
JOIN claims_sealedrow s ON s.kind = 'textversion' AND s.row_id = t.id AND s.seal_id <= %(seal)s
LEFT JOIN held h ON h.text_version_id = t.id
ORDER BY a.id, t.n
"""  # noqa: S608

SOURCES = {
    "checked": (
        CHECKED,
        [
            "check",
            "claim",
            "text",
            "link",
            "speaker",
            "speaker_kind",
            "headline",
            "url",
            "published_at",
            "language",
            "outlet",
            "settled",
        ],
    ),
    "judged": (
        JUDGED,
        [
            "round",
            "unit",
            "kind",
            "part",
            "article",
            "occurrence",
            "claim",
            "text",
            "second_text",
            "attribution",
            "speaker",
            "speaker_kind",
            "headline",
            "url",
            "published_at",
            "language",
            "outlet",
            "answers",
            "settled",
            "evidence",
        ],
    ),
    "texts": (TEXTS, ["article", "text_version", "headline", "url", "language", "text", "claims"]),
}
JSON_NAMES = frozenset({"answers", "settled", "evidence", "claims"})


def records_of(source: str, params: Params) -> Iterator[Record]:
    """The records of a source ("checked", "judged" or "texts"), as dicts."""
    query, names = SOURCES[source]
    places = params.get("places", {})
    for row in stream(query, params):
        record = {name: parsed(value) if name in JSON_NAMES else value for name, value in zip(names, row, strict=True)}
        place = places.get(record["unit"]) if "unit" in record else None
        yield record | {"split": place.split if place else None}
