"""How a blind evidence check goes: what both sides said of each claim, what went back, and how far they agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from claims.assignment.checking.standing import MOST, Checked, Said, figures_of, standing_of
from claims.lifecycle import EVIDENCE_CHECK
from claims.models import Question, Round, Unit
from claims.web.filters import code_in
from claims.web.page import Here, number_in, project_page, show
from claims.web.work.my_labels import subject_of

PAGE = 50
STATE_WORDS = {
    "awaiting_evidence": ("waits for evidence", ""),
    "awaiting_verdict": ("has no verdict to check", "attention"),
    "awaiting_check": ("waits for its check", ""),
    "returned": ("back for more evidence", "attention"),
    "awaiting_second_check": ("waits for its second check", ""),
    "confirmed": ("same verdict", "good"),
    "confirmed_later": ("same in the end", "good"),
    "unresolved": ("still differs", "problem"),
}


@dataclass(frozen=True)
class Row:
    """A unit as the table shows it: `sides` are (what brought it about, who brought evidence said, checkers said)."""

    checked: Checked
    subject: str
    words: str
    tag: str
    sides: list[tuple[str, str, str]]


@project_page("see_agreement", tab="rounds")
def check(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    rows = Round.objects.in_project(here.project).exclude(checks=None).exclude(state="draft")
    row: Round | None = rows.select_related("checks", "codebook_version", "project").filter(pk=pk).first()
    if row is None:
        raise Http404
    found = standing_of(row)
    counts = Counter(one.state for one in found)
    state = code_in(request, "state", EVIDENCE_CHECK.states)
    after = number_in(request, "after")
    kept = [one for one in found if state in ("", one.state) and (after is None or one.position > after)]
    shown = rows_of(row, kept[:PAGE])
    return show(
        request,
        "evidence_check",
        here,
        round=row,
        rows=shown,
        figures=figures_of(row, found),
        unjudged=counts["awaiting_verdict"],
        counts=[(name, *STATE_WORDS[name], counts[name]) for name in EVIDENCE_CHECK.states if counts[name]],
        state=state,
        n=len(found),
        most=MOST if len(found) >= MOST else None,
        follows=kept[PAGE - 1].position if len(kept) > PAGE else None,
    )


def rows_of(round_: Round, found: list[Checked]) -> list[Row]:
    units = Unit.objects.select_related("occurrence_version", "outlet_version", "article__outlet")
    about = units.in_bulk([one.unit for one in found])
    questions = {
        question.code: question
        for question in round_.codebook_version.questions.filter(code__in=round_.questions).prefetch_related("choices")
    }
    return [
        Row(
            one,
            subject_of(about[one.unit], round_),
            *STATE_WORDS[one.state],
            [
                (words, in_words(questions, brought), in_words(questions, judged))
                for words, brought, judged in (
                    ("first", one.brought, one.judged),
                    ("later", one.brought_later, one.judged_later),
                )
                if brought or judged
            ],
        )
        for one in found
    ]


def in_words(questions: Mapping[str, Question], said: Said) -> str:
    """The answers in the words of the codebook, each once with how many gave it, where more than one did."""
    parts = []
    for code, answers in said.items():
        for answer, n in Counter(answers).most_common():
            words = answer_words(questions[code], json.loads(answer))
            parts.append(f"{words} ({n})" if n > 1 or len(set(answers)) > 1 else words)
    return ", ".join(parts)


def answer_words(question: Question, answer: Any) -> str:
    if isinstance(answer, Mapping):
        return str(answer["missing"]).replace("_", " ")
    return question.in_words(answer)
