"""Units on which people give different lists: chains of sources, sets of choices.

No pattern is kept for lists: they are read when asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection

from claims.models import Question, Round
from claims.values.hops import BETWEEN, chain_key

MOST_LABELS = 10_000  # of a round whose lists are read for a page; a larger one is compared from a release

LISTED = ("chain", "set")

# Of a label `l`: what people write in words of their own is not right or wrong by its letters, so chains count neither
# among control items nor as overruled.
NO_CHAIN = """
(jsonb_typeof(l.value) IS DISTINCT FROM 'array' OR NOT EXISTS (SELECT FROM claims_round cr
 JOIN claims_question cq ON cq.codebook_version_id = cr.codebook_version_id
 WHERE cr.id = l.round_id AND cq.code = l.question AND cq.kind = 'chain'))"""

# The unique index of labels gives them in the order of units; a round of a million is looked at in its first ones.
DIVIDED = """
WITH l AS MATERIALIZED (
    SELECT round_id, unit_id, question, value, event_id FROM claims_label
    WHERE round_id = %(round)s AND question = ANY(%(questions)s) AND phase = 'first' AND NOT is_void
      AND jsonb_typeof(value) = 'array'
      AND reviewer_id NOT IN (SELECT id FROM claims_reviewer WHERE project_id = %(project)s AND kind = 'machine')
    ORDER BY unit_id LIMIT %(most)s
)
SELECT l.unit_id, l.question, jsonb_agg(l.value ORDER BY l.event_id)::text,
       EXISTS (SELECT FROM claims_settledlabel s
           WHERE s.round_id = l.round_id AND s.unit_id = l.unit_id AND s.question = l.question) AS settled
FROM l
JOIN claims_round r ON r.id = l.round_id
JOIN claims_roundunit ru ON ru.round_id = l.round_id AND ru.unit_id = l.unit_id
WHERE r.state = 'closed' OR ru.overlap <= (SELECT count(*) FROM claims_assignment a
      WHERE a.round_id = l.round_id AND a.unit_id = l.unit_id AND a.state = 'submitted')
GROUP BY l.round_id, l.unit_id, l.question HAVING count(*) > 1 ORDER BY l.unit_id
"""


def divided_lists(round_: Round, question: str | None) -> list[tuple[int, str, dict[str, int], float, bool]]:
    """(unit, question, {list in words: people}, share of pairs that differ, whether it is settled) where people are
    done and differ; chains by the same comparison as the agreement figures."""
    questions = {one.code: one for one in list_questions(round_) if question in (None, one.code)}
    if not questions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            DIVIDED,
            {
                "round": round_.pk,
                "project": round_.project_id,
                "questions": list(questions),
                "most": MOST_LABELS,
            },
        )
        rows = cursor.fetchall()
    found = []
    for unit, code, written, settled in rows:
        counts = count_lists(questions[code], json.loads(written))
        if len(counts) > 1:
            found.append((unit, code, counts, _division(list(counts.values())), settled))
    return found


def list_questions(round_: Round) -> list[Question]:
    """The questions of these kinds that the round asks, with their choices."""
    asked = Question.objects.filter(
        codebook_version=round_.codebook_version_id, unit_kind=round_.unit_kind, kind__in=LISTED
    )
    rows = asked.order_by("n").prefetch_related("choices")
    return [one for one in rows if one.code in (round_.questions or [one.code])]


def list_key(question: Question, value: Sequence[Any]) -> tuple[str, ...]:
    """What makes two lists one: the sources of a chain in their order, however spelled; the choices of a set."""
    return chain_key(value) if question.kind == "chain" else tuple(sorted(map(str, value)))


def list_words(question: Question, value: Sequence[Any]) -> str:
    """In the words of a reader."""
    if question.kind == "chain":
        return BETWEEN.join(map(str, value))
    names = {choice.code: choice.label for choice in question.choices.all()}
    known = [label for code, label in names.items() if code in value]
    return ", ".join([*known, *sorted(str(code) for code in value if code not in names)])


def count_lists(question: Question, lists: Sequence[Sequence[Any]]) -> dict[str, int]:
    """{list in the words of the first who gave it: people}, most first."""
    words: dict[tuple[str, ...], str] = {}
    for one in lists:
        words.setdefault(list_key(question, one), list_words(question, one))
    counts = Counter(list_key(question, one) for one in lists)
    return {words[key]: n for key, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))}


def _division(counts: list[int]) -> float:
    labels = sum(counts)
    return 1 - sum(n * (n - 1) for n in counts) / (labels * (labels - 1))
