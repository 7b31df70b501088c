"""Which units have a known answer: the newest settlement elsewhere of a question that is asked is an answer.

A qualification is marked by known answers, so it is opened only over units that have one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from claims.models import Question, Round

# For each unit `u`. A settlement that was taken back later, or that says nobody can know, is none.
IS_KNOWN = """EXISTS (
    SELECT FROM unnest(%(asked)s::text[]) AS q (question)
    JOIN LATERAL (SELECT s.outcome, s.value FROM claims_settledlabel s
                  WHERE s.unit_id = {unit} AND s.question = q.question AND s.round_id IS DISTINCT FROM %(round)s::bigint
                  ORDER BY s.id DESC LIMIT 1) k ON k.outcome = 'answer' AND k.value IS NOT NULL)"""
OF_UNITS = f"SELECT t.unit FROM unnest(%(units)s::bigint[]) AS t (unit) WHERE {IS_KNOWN.format(unit='t.unit')}"  # noqa: S608
OF_ROUND = f"""
SELECT u.unit_id FROM claims_roundunit u WHERE u.round_id = %(round)s AND {IS_KNOWN.format(unit="u.unit_id")}
"""  # noqa: S608 - our own expression


def compared_questions(round_: Round) -> list[Question]:
    """What the round asks and a known answer can be compared with. The sources of a chain are written in words of
    one's own, which are not right or wrong by their letters."""
    rows = Question.objects.filter(codebook_version=round_.codebook_version_id, unit_kind=round_.unit_kind)
    rows = rows.filter(code__in=round_.questions) if round_.questions else rows
    return list(rows.exclude(kind="chain").order_by("n"))


def known_units(round_: Round, units: Iterable[int] | None = None) -> set[int]:
    """Those of the units, or of all that are in the round, with a known answer."""
    asked: dict[str, Any] = {"round": round_.pk, "asked": [question.code for question in compared_questions(round_)]}
    if units is not None:
        asked["units"] = list(units)
    with connection.cursor() as cursor:
        cursor.execute(OF_ROUND if units is None else OF_UNITS, asked)
        return {unit for (unit,) in cursor}
