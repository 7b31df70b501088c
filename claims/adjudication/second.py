"""A share of what curators settle is settled by another one, too, without seeing it: how far do curators agree?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from claims import audit
from claims.adjudication.actions import RATIONALE_CHARS, check_answer, check_can_settle, check_words, tidied
from claims.adjudication.disputes import asked_question
from claims.adjudication.lists import list_key, list_questions
from claims.errors import Conflict, NotFound, NotPermitted
from claims.models import Question, Round, SecondSettlement, SettledLabel, User
from claims.permissions import check_can
from claims.statistics.scales import Scale
from claims.statistics.score import Score
from claims.statistics.scoring import score_labels
from claims.statistics.tables import table_from_matrix
from claims.text import clean_text

ONE_IN = 10  # settlements by a person; a tenth tells agreement apart from chance after some hundred disputes

# Drawn by a digest, so that nobody chooses what is looked at again and nobody can tell before.
CHOSEN = """
SELECT DISTINCT ON (s.unit_id, s.question) s.id
FROM claims_settledlabel s
WHERE s.round_id = %(round)s AND s.created_by_id IS NOT NULL AND s.method IN ('expert', 'discussion', 'model')
  AND ('x' || substr(md5(s.round_id || '/' || s.unit_id || '/' || s.question), 1, 7))::bit(28)::int %% %(one_in)s = 0
ORDER BY s.unit_id, s.question, s.revision
"""


def chosen(round_: Round, *, one_in: int = ONE_IN) -> list[int]:
    """Ids of the first settlements that are drawn to be settled twice."""
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN, {"round": round_.pk, "one_in": one_in})
        return [pk for (pk,) in cursor]


def waiting_for_second(round_: Round, user: User, *, one_in: int = ONE_IN) -> list[SettledLabel]:
    """What this curator may settle a second time: drawn, by somebody else, and not done yet."""
    found = SettledLabel.objects.filter(pk__in=chosen(round_, one_in=one_in), second=None)
    return list(found.exclude(created_by=user).select_related("unit").order_by("pk"))


def settle_second(
    first: SettledLabel,
    *,
    outcome: str,
    by: User,
    value: Any = None,
    missing: str | None = None,
    reason_code: str = "none",
    rationale: str = "",
    one_in: int = ONE_IN,
) -> SecondSettlement:
    """A second curator's own decision, which changes nothing that was settled. Raises like `settle_label`; NotFound for
    what is not drawn."""
    round_ = first.round
    check_can_settle(by, round_, first.unit)
    if first.pk not in chosen(round_, one_in=one_in):
        raise NotFound
    if first.created_by_id == by.pk:
        raise NotPermitted("own_settlement", "You settled this yourself. Somebody else looks at it.")
    check_words(outcome, "expert", reason_code)
    asked = asked_question(round_, first.question)
    value = tidied(asked, value)
    check_answer(asked, outcome, value, missing)
    words = clean_text(rationale, limit=RATIONALE_CHARS, code="rationale_too_long").text.strip()
    second = SecondSettlement(
        first=first,
        outcome=outcome,
        value=value,
        missing=missing,
        reason_code=reason_code,
        rationale=words,
        created_by=by,
    )
    try:
        with transaction.atomic():
            second.save(force_insert=True)
            audit.record("settle_second", second, by=by, project=round_.project, settled=first.pk)
    except IntegrityError:
        raise Conflict("settled_meanwhile", "Somebody else has just settled this a second time.") from None
    return second


@dataclass(frozen=True)
class CuratorsAgreement:
    """Of n settlements that two curators made without seeing each other's, `same` are alike; `alpha` is nominal, over
    decisions on all questions. `waiting` are drawn and not done yet."""

    n: int
    same: int
    waiting: int
    alpha: Score


def curators_agreement(round_: Round, user: User, *, one_in: int = ONE_IN) -> CuratorsAgreement:
    check_can("settle", user, round_.project)
    seconds = list(SecondSettlement.objects.filter(first__round=round_).select_related("first").order_by("pk"))
    lists = {question.code: question for question in list_questions(round_)} if seconds else {}
    pairs = [(_decision(second.first, lists), _decision(second, lists)) for second in seconds]
    known = {decision: n for n, decision in enumerate(sorted({d for pair in pairs for d in pair}))}
    table = table_from_matrix([[known[one], known[other]] for one, other in pairs], max(len(known), 2))
    left = SettledLabel.objects.filter(pk__in=chosen(round_, one_in=one_in), second=None).count()
    alpha = score_labels(table, "krippendorff_alpha", Scale(max(len(known), 2)), "nominal")
    return CuratorsAgreement(len(pairs), sum(one == other for one, other in pairs), left, alpha)


def _decision(settled: SettledLabel | SecondSettlement, lists: dict[str, Question]) -> str:
    """Question and decision as one word, so that the same code of two questions is not one choice; two spellings of one
    chain are."""
    question = settled.question if isinstance(settled, SettledLabel) else settled.first.question
    said = settled.value if settled.value is not None else settled.missing
    if question in lists and isinstance(said, list):
        said = list_key(lists[question], said)
    return f"{question}/{settled.outcome}/{said}"
