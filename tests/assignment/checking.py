"""A round in which Alice brings evidence, and one in which others check it."""

from __future__ import annotations

from typing import Any

from claims.assignment.actions import draw_next
from claims.models import Round, Unit
from tests.factories import label, make_codebook, make_project, make_round, reviewer, run_jobs

MINUTES = {
    "url": "https://minutes.example/14",
    "quote": "14 bolts were replaced",
    "title": "Minutes",
    "question": "How many bolts were replaced?",
    "answer": "Fourteen.",
    "relation": "supports",
}
REPORT = {"url": "https://report.example/b", "quote": "only four were", "relation": "refutes", "strength": "strong"}


def make_check(*, units: int = 1, check: dict[str, Any] | None = None, **plan: Any) -> tuple[Round, Round]:
    """(the round of evidence, the round that checks it), both open; Alice to Emil may label in both."""
    project = make_project(**dict.fromkeys(("alice", "bob", "dora", "emil"), "reviewer"), clio="curator")
    book = make_codebook(project)
    evidence = make_round(project, units=units, codebook=book, **{"overlap": 1} | plan)
    checks = {"purpose": "evidence_check", "overlap": 1, "checks": evidence} | (check or {})
    check_round = make_round(project, codebook=book, **checks)
    evidence.refresh_from_db()
    return evidence, check_round


def bring(round_: Round, name: str, verdict: str, *items: dict[str, str]) -> Unit:
    """Somebody draws in the round of evidence and submits."""
    drawn = draw_next(round_, reviewer(round_.project, name))
    assert drawn is not None
    label(round_, drawn.unit, reviewer(round_.project, name), verdict=verdict, evidence=list(items))
    run_jobs()
    return drawn.unit


def judge(check: Round, name: str, verdict: str) -> Unit:
    """Somebody draws in the check and gives the verdict."""
    drawn = draw_next(check, reviewer(check.project, name))
    assert drawn is not None, "nothing was offered"
    label(check, drawn.unit, reviewer(check.project, name), verdict=verdict)
    run_jobs()
    return drawn.unit
