"""Which free places are for whom: the seats of a panel, the languages somebody reads, conflicts of interest, topics
that are not read, and the two sides of an evidence check.

A seat is the number of a place, so places that are added, given back or taken away never move between camps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from claims.assignment.checking.places import sides
from claims.errors import Conflict, Sentence
from claims.models import Round

# A unit's place may be taken: the number is not another camp's.
SEAT = " AND a.slot <> ALL(%(barred)s::int[])"
# The article is in a language that the reviewer reads, or its language is not known.
LANGUAGE = """ AND EXISTS (
    SELECT FROM claims_unit u LEFT JOIN claims_article x ON x.id = u.article_id
    WHERE u.id = a.unit_id AND (x.id IS NULL OR x.language = 'und'
                                OR split_part(x.language, '-', 1) = ANY(%(languages)s::text[])) OFFSET 0)"""
# What a unit touches: its outlet (as it is filed now, and by name), what the claim says, who is named as saying it.
TOUCHES = """
SELECT FROM claims_interest i
JOIN claims_unit u ON u.id = a.unit_id
LEFT JOIN claims_article x ON x.id = u.article_id
LEFT JOIN claims_outletversion z ON z.id = u.outlet_version_id
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN claims_outlet o ON o.id = i.outlet_id
LEFT JOIN claims_outlet y ON y.id = x.outlet_id
WHERE i.reviewer_id = %(reviewer)s AND (
    COALESCE(x.outlet_id, z.outlet_id) IN (i.outlet_id, o.merged_into_id)
    OR i.entity <> '' AND (
        position(lower(i.entity) IN lower(concat_ws(' ', v.verbatim, v.wording, x.headline, y.name, z.name))) > 0
        OR EXISTS (SELECT FROM claims_attributionhop h WHERE h.occurrence_version_id = v.id
                   AND position(lower(i.entity) IN lower(h.source_text)) > 0)))
"""
NO_CONFLICT = f" AND NOT EXISTS ({TOUCHES} OFFSET 0)"  # our own words
# A unit is about what its article, its claim, or another claim in the text that is read with it carries a warning of:
# looks into indexes, one for each.
ABOUT = """
SELECT FROM claims_topicoptout q WHERE q.reviewer_id = %(reviewer)s AND q.topic_id IN (
    SELECT g.topic_id FROM claims_unit u
    JOIN claims_contentwarning g ON g.article_id = u.article_id WHERE u.id = a.unit_id
    UNION ALL
    SELECT g.topic_id FROM claims_unit u JOIN claims_claimoccurrence o ON o.article_id = u.article_id
    JOIN claims_contentwarning g ON g.claim_id = o.claim_id WHERE u.id = a.unit_id
    UNION ALL
    SELECT g.topic_id FROM claims_unit u
    JOIN claims_claimversion k ON k.id IN (u.claim_version_id, u.second_claim_version_id)
    JOIN claims_contentwarning g ON g.claim_id = k.claim_id WHERE u.id = a.unit_id)
"""
READABLE = f" AND NOT EXISTS ({ABOUT} OFFSET 0)"  # our own words


def check_traits(round_: Round, *, leaning: str, languages: Sequence[str]) -> None:
    """Conflict `leaning_missing`, `languages_missing` where the round has no place for somebody who did not say."""
    if not leaning and len(round_.panel) >= round_.overlap:
        raise Conflict(
            "leaning_missing",
            Sentence(
                "This round is for a panel, and its places are for people who said where they stand. "
                "You may say it under “About me” in this project; nobody else sees it."
            ),
        )
    if not languages and round_.matches_languages:
        raise Conflict(
            "languages_missing",
            Sentence(
                "This round offers units to people who read their language. "
                "You may say it under “About me” in this project; nobody else sees it."
            ),
        )


def fitting(
    round_: Round, *, leaning: str, languages: Sequence[str], has_interests: bool, has_opt_outs: bool
) -> tuple[str, dict[str, Any]]:
    """(conditions on a free place `a`, their parameters); empty where the round and the reviewer ask for nothing."""
    conditions = ""
    if round_.panel:
        conditions += SEAT
    if round_.matches_languages:
        conditions += LANGUAGE
    if has_interests:
        conditions += NO_CONFLICT
    if has_opt_outs:
        conditions += READABLE
    apart, asked = sides(round_)
    return conditions + apart, {"barred": round_.barred_slots(leaning), "languages": list(languages)} | asked
