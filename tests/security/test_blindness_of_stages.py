"""INV-4 in the stages beside plain labelling: qualifying, sealed votes, the second look at reasons, the evidence check.

As in test_blindness: two worlds are built alike from an empty database, but for what somebody else did in one of them,
and everything that the visitor receives is compared byte by byte.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from claims.adjudication.reasons import judge_reason
from claims.labelling import answers
from tests import factories
from tests.adjudication.test_reasons import reasoned, waiting
from tests.assignment.checking import MINUTES, REPORT, bring, judge, make_check
from tests.assignment.test_qualification import answer, known_project, qualifying
from tests.factories import label_next, make_codebook, make_project, make_round, member, reviewer, run_jobs
from tests.security.test_blindness import Visit

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)
Received = list[tuple[str, int, str, str]]


def begin(visit: Visit) -> str:
    """Every page and the round by the API; then the next unit is drawn. Its address, or empty."""
    base = f"/p/{visit.round.project.slug}/rounds/{visit.round.pk}/"
    visit.crawl()
    for part in ("", "agreement/", "disputes/", "qualification/", "reasons/", "check/", "labels/"):
        visit.ask("get", f"rounds/{visit.round.pk}/{part}")
    for part in ("qualification/", "reasons/", "check/"):
        visit.keep(part, visit.page.get(base + part))
    drawn = visit.keep("draw", visit.page.post(f"{base}label/"))
    address: str = drawn.headers.get("Location", "")
    if "/label/" in address:
        visit.keep("label page", visit.page.get(address))
        visit.keep("thread", visit.page.get(f"{address}thread/"))
        unit = address.rstrip("/").rsplit("/", 1)[1]
        visit.ask("get", f"rounds/{visit.round.pk}/units/{unit}/")
        return address
    return ""


def go_through(visit: Visit, units: int) -> None:
    """So many units answered, and every page again."""
    for n in range(units):
        if address := begin(visit):
            visit.press(address, f"blind-stage-key-{n}")
            visit.keep("label page again", visit.page.get(address))
    visit.crawl()


# --- what differs between the worlds, and what the visitor does ------------------------------------------------------


def qualification(others_did: bool) -> Visit:
    """Bob has taken his attempt, and failed, or has not begun."""
    round_ = qualifying(known_project(6, 6))
    if others_did:
        answer(round_, reviewer(round_.project, "bob"), "supports", "supports", "reports")
        run_jobs()
    visit = Visit(round_, "alice")
    go_through(visit, 3)
    visit.keep("begin", visit.page.post(f"/p/{round_.project.slug}/rounds/{round_.pk}/qualification/begin/"))
    go_through(visit, 1)
    return visit


def votes(others_did: bool) -> Visit:
    """Bob has cast his first vote on every unit, or on none: until Alice has cast hers, all is the same."""
    project = make_project(alice="reviewer", bob="reviewer")
    plan: dict[str, Any] = {"overlap": 2, "has_second_vote": True, "questions": ["stance"]}
    round_ = make_round(project, units=2, codebook=make_codebook(project, "stance"), **plan)
    if others_did:
        while label_next(round_, reviewer(project, "bob"), stance="refutes"):
            pass
        run_jobs()
    visit = Visit(round_, "alice")
    assert begin(visit)
    return visit


def reasons(others_did: bool) -> Visit:
    """Bob and Clio have judged every reason, or none."""
    round_ = reasoned()
    for name in ("bob", "clio") if others_did else ():
        for event in waiting(round_, name):
            judge_reason(round_, event, verdict="error", words="It is not so.", by=member(round_.project, name))
    run_jobs()
    visit = Visit(round_, "alice")
    begin(visit)
    address = f"/p/{round_.project.slug}/rounds/{round_.pk}/reasons/"
    for event in waiting(round_, "alice"):
        visit.keep("judge", visit.page.post(address, {"event": event, "verdict": "valid", "words": "So it is."}))
        visit.keep("what is next", visit.page.get(address))
        visit.ask("get", f"rounds/{round_.pk}/reasons/")
    return visit


def verdicts_behind_evidence(others_did: bool) -> Visit:
    """Alice brought the same evidence and says it supports the claims, or refutes them: Bob checks."""
    evidence, check = make_check(units=2, check={"hides_outlet": True})
    for _ in range(2):
        bring(evidence, "alice", "refuted" if others_did else "supported", MINUTES, REPORT)
    visit = Visit(check, "bob")
    go_through(visit, 2)
    return visit


def verdicts_of_checkers(others_did: bool) -> Visit:
    """Dora has checked both claims before Bob, or none; two check each."""
    evidence, check = make_check(units=2, check={"overlap": 2})
    for _ in range(2):
        bring(evidence, "alice", "supported", MINUTES, REPORT)
    for _ in range(2 if others_did else 0):
        judge(check, "dora", "refuted")
    visit = Visit(check, "bob")
    go_through(visit, 2)
    return visit


STAGES: list[Callable[[bool], Visit]] = [
    qualification, votes, reasons, verdicts_behind_evidence, verdicts_of_checkers,
]  # fmt: skip


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_inv_4_what_is_received_does_not_depend_on_others(stage: Callable[[bool], Visit]) -> None:
    worlds: list[Received] = []
    for others_did in (False, True):
        call_command("flush", interactive=False, reset_sequences=True, verbosity=0)
        factories._numbers = itertools.count(1)
        for kept in (answers.spec_of, answers._asked):  # by ids, which begin anew
            kept.cache_clear()
        worlds.append(stage(others_did).received)
    without, with_others = worlds
    assert [step[:3] for step in without] == [step[:3] for step in with_others]
    assert len(without) > 10
    for before, after in zip(without, with_others, strict=True):
        told = list(difflib.unified_diff(before[3].splitlines(), after[3].splitlines(), lineterm="", n=0))
        assert not told, f"{before[0]} tells something of what others did:\n" + "\n".join(told)
