"""Counts that the cards of a release speak of, as of its seal."""

from __future__ import annotations

from typing import Any

from claims.exporting import sources
from claims.exporting.records import parsed
from claims.exporting.scope import Params
from claims.exporting.streaming import stream

ARTICLES = f"""
SELECT count(*), count(DISTINCT a.outlet_id), count(*) FILTER (WHERE a.published_at IS NULL),
       min((a.published_at AT TIME ZONE 'UTC')::date)::text, max((a.published_at AT TIME ZONE 'UTC')::date)::text,
       COALESCE((SELECT max(n) FROM (SELECT count(*) AS n FROM ({sources.SHOWN_ARTICLES}) b
                                     WHERE b.outlet_id IS NOT NULL GROUP BY b.outlet_id) c), 0)
FROM ({sources.SHOWN_ARTICLES}) a
"""  # noqa: S608
LANGUAGES = f"""
SELECT a.language FROM ({sources.SHOWN_ARTICLES}) a GROUP BY 1 ORDER BY count(*) DESC, a.language COLLATE "C" LIMIT 10
"""  # noqa: S608
SETTLED = f"""
SELECT outcome, method, count(*) FROM ({sources.SETTLED}) l GROUP BY 1, 2
ORDER BY count(*) DESC, outcome COLLATE "C", method COLLATE "C"
"""  # noqa: S608
ANSWERED = f"""
SELECT round_id, count(DISTINCT reviewer), count(DISTINCT unit_id) FROM ({sources.ANSWERS}) a
WHERE phase = 'first' AND NOT is_machine GROUP BY 1
"""  # noqa: S608


def facts_of(params: Params) -> dict[str, Any]:
    """{"articles", "rounds", "settled": [(outcome, method, n)], "machines": number of machine reviewers}."""
    [(n, outlets, undated, first, last, largest)] = stream(ARTICLES, params)
    answered = {round_id: (people, units) for round_id, people, units in stream(ANSWERED, params)}
    rounds = []
    for pk, name, purpose, kind, overlap, questions, codebook, version, sha256, _, units in stream(
        sources.ROUNDS, params
    ):
        people, reached = answered.get(pk, (0, 0))
        row = {"id": pk, "name": name, "purpose": purpose, "unit_kind": kind, "overlap": overlap, "units": units}
        row |= {"questions": parsed(questions), "codebook": codebook, "version": version, "sha256": sha256}
        rounds.append(row | {"people": people, "answered": reached})
    return {
        "articles": {
            "n": n,
            "outlets": outlets,
            "undated": undated,
            "first": first,
            "last": last,
            "largest": largest,
            "languages": [language for (language,) in stream(LANGUAGES, params)],
        },
        "rounds": rounds,
        "settled": list(stream(SETTLED, params)),
        "machines": sum(kind == "machine" for _, kind, *_ in stream(sources.REVIEWERS, params)),
    }
