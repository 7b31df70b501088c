"""Which rounds have something for a person now: the conditions of the draw, asked of many rounds at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from claims.assignment.checking.places import EVIDENCE_IS_IN, NOT_MY_CHECK, NOT_MY_EVIDENCE
from claims.assignment.panels import LANGUAGE, NO_CONFLICT, READABLE
from claims.models import Round, User

# The draw's own conditions, with the columns of the person's rows in place of its parameters.
READS = LANGUAGE.replace("%(languages)s::text[]", "COALESCE(t.languages, '{}')::text[]").removeprefix(" AND ")
COLUMNS = {
    "%(checks)s": "r.checks_id",
    "%(judged)s::text[]": "r.questions",
    "%(round)s": "r.id",
    "%(reviewer)s": "w.id",
}


def _of_columns(condition: str) -> str:
    for parameter, column in COLUMNS.items():
        condition = condition.replace(parameter, column)
    return condition.removeprefix(" AND ")


CHECKS = _of_columns(EVIDENCE_IS_IN + NOT_MY_EVIDENCE)
IS_CHECKED = _of_columns(NOT_MY_CHECK)
UNTOUCHED = (NO_CONFLICT + READABLE).replace("%(reviewer)s", "w.id")
LIVES = """{attempt}.created_at > COALESCE((SELECT max(v.created_at) FROM claims_workreview v
                                            WHERE v.reviewer_id = w.id AND v.kind = 'requalify'), '-infinity')"""
PASSED = f"""EXISTS (SELECT FROM claims_attempt p WHERE p.round_id = {{round}} AND p.reviewer_id = w.id AND p.has_passed
                     AND {LIVES.format(attempt="p")})"""
FREE = f"""EXISTS (
        SELECT FROM claims_assignment a WHERE a.round_id = r.id AND a.state = 'open'
        AND COALESCE(r.panel[a.slot] = COALESCE(t.leaning, ''), true)
        AND (NOT r.matches_languages OR {READS}){UNTOUCHED}
        AND (r.checks_id IS NULL OR ({CHECKS})) AND (NOT r.is_checked OR {IS_CHECKED})
        AND NOT EXISTS (SELECT FROM claims_assignment b
                        WHERE b.round_id = a.round_id AND b.unit_id = a.unit_id AND b.reviewer_id = w.id
                          AND b.state NOT IN ('expired', 'withdrawn') OFFSET 0))"""  # noqa: S608 - our own words
# A place that ran out and was not given back yet is free, too: the draw that finds nothing else gives it back.
RAN_OUT = FREE.replace("a.state = 'open'", "a.state = 'reserved' AND a.expires_at < now()")
WITH_WORK = f"""
SELECT r.id FROM claims_round r
JOIN claims_reviewer w ON w.project_id = r.project_id AND w.user_id = %(user)s
LEFT JOIN claims_reviewertraits t ON t.reviewer_id = w.id
LEFT JOIN claims_roundreviewer k ON k.round_id = r.id AND k.reviewer_id = w.id
WHERE r.id = ANY(%(rounds)s) AND (
    EXISTS (SELECT FROM claims_assignment h WHERE h.round_id = r.id AND h.reviewer_id = w.id AND h.state = 'reserved')
    OR NOT COALESCE(k.is_paused, false) AND COALESCE(k.done, 0) < COALESCE(k.quota, r.quota, 2147483647)
    AND COALESCE(r.deadline > now(), true)
    AND (r.qualification_id IS NULL OR {PASSED.format(round="r.qualification_id")})
    AND (r.pass_mark IS NULL OR NOT {PASSED.format(round="r.id")} AND r.attempts > (
        SELECT count(*) FROM claims_attempt c WHERE c.round_id = r.id AND c.reviewer_id = w.id
        AND {LIVES.format(attempt="c")}))
    AND ({FREE}
         OR {RAN_OUT}))
"""  # noqa: S608 - our own words


def rounds_with_work(rounds: Iterable[Round], user: User) -> set[int]:
    """Those of the rounds in which the user holds a unit or would be offered one. Whether a round is open, and whether
    the user may label there, is not looked at."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_WORK, {"user": user.pk, "rounds": [round_.pk for round_ in rounds]})
        return {pk for (pk,) in cursor}
