"""Which places of a check are for whom, and when: conditions of the draw on a free place `a`.

A place of a check is free for nobody before the evidence is in and whoever brought some said what follows from it:
AVeriTeC compares two verdicts, and a claim that got none in the first phase does not reach the check. It is never free
for somebody who brought some of it; the place that a returned unit gets for more evidence is for nobody who has checked
it.
"""

from __future__ import annotations

from typing import Any

from claims.models import Round

EVIDENCE_IS_IN = """ AND EXISTS (
    SELECT FROM claims_roundunit s WHERE s.round_id = %(checks)s AND s.unit_id = a.unit_id
      AND s.overlap <= (SELECT count(*) FROM claims_assignment w
                        WHERE w.round_id = s.round_id AND w.unit_id = s.unit_id AND w.state = 'submitted')
      AND EXISTS (SELECT FROM claims_label l JOIN claims_reviewer h ON h.id = l.reviewer_id AND h.kind = 'human'
                  WHERE l.round_id = s.round_id AND l.unit_id = s.unit_id
                    AND l.question = ANY(%(judged)s::text[]) AND NOT l.is_void) OFFSET 0)"""
# Of the claim, wherever it was brought; and who works on the unit there may still bring some.
NOT_MY_EVIDENCE = """ AND NOT EXISTS (
    SELECT FROM claims_assignment w WHERE w.round_id = %(checks)s AND w.unit_id = a.unit_id
      AND w.reviewer_id = %(reviewer)s AND w.state IN ('reserved', 'submitted', 'voided') OFFSET 0)
  AND NOT EXISTS (
    SELECT FROM claims_unit u JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
    JOIN claims_claimoccurrence o ON o.id = v.occurrence_id
    JOIN claims_evidenceitem e ON e.claim_id = o.claim_id AND e.added_by_id = %(reviewer)s
    WHERE u.id = a.unit_id OFFSET 0)"""
NOT_MY_CHECK = """ AND NOT EXISTS (
    SELECT FROM claims_round k JOIN claims_assignment c ON c.round_id = k.id AND c.unit_id = a.unit_id
    WHERE k.checks_id = %(round)s AND c.reviewer_id = %(reviewer)s AND c.state IN ('reserved', 'submitted') OFFSET 0)"""


def sides(round_: Round) -> tuple[str, dict[str, Any]]:
    """(conditions on a free place `a`, their parameters); empty for a round that neither checks nor is checked."""
    if round_.checks_id is not None:
        return EVIDENCE_IS_IN + NOT_MY_EVIDENCE, {"checks": round_.checks_id, "judged": round_.questions}
    return (NOT_MY_CHECK, {}) if round_.is_checked else ("", {})
