"""The second look: each reason of a closed round judged by people who do not know whose it is."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.adjudication.reasons import judge_reason, judged_reasons, reason_of, reasons_waiting
from claims.assignment.actions import close_round
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.models import Round
from tests.api.caller import Caller
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer

pytestmark = pytest.mark.django_db
WHYS = {"alice": "The headline takes it for granted.", "bob": "It only cites the harbour office."}


def reasoned() -> Round:
    """Alice and Bob give a reason each on one unit, Dora answers the other without one; Emil has answered nothing."""
    project = make_project(**dict.fromkeys(("alice", "bob", "dora", "emil"), "reviewer"), clio="curator")
    book = make_codebook(project, "stance")
    round_ = make_round(project, units=2, codebook=book, overlap=2, questions=["stance"])
    for name, stance in (("alice", "supports"), ("bob", "reports")):
        label_next(round_, reviewer(project, name), stance=stance, notes={"note": WHYS[name]})
    label_next(round_, reviewer(project, "dora"), stance="reports", notes={"discuss": "Which page?"})
    close_round(round_, by=owner_of(project))
    round_.refresh_from_db()
    return round_


def waiting(round_: Round, name: str) -> list[int]:
    return reasons_waiting(round_, reviewer(round_.project, name), member(round_.project, name))


def test_who_judged_the_unit_judges_its_reasons_and_their_own_among_them() -> None:
    round_ = reasoned()
    both = set(waiting(round_, "alice"))
    assert {reason_of(round_, event).why for event in both} == set(WHYS.values())
    assert set(waiting(round_, "bob")) == set(waiting(round_, "clio")) == both  # a curator settles: all of them
    assert waiting(round_, "dora") == waiting(round_, "emil") == []
    first = waiting(round_, "alice")[0]
    judge_reason(round_, first, verdict="legitimate_disagreement", by=member(round_.project, "alice"))
    assert waiting(round_, "alice") == [event for event in both if event != first]
    with pytest.raises(Conflict, match="have judged this"):
        judge_reason(round_, first, verdict="valid", by=member(round_.project, "alice"))
    with pytest.raises(NotFound):
        judge_reason(round_, first, verdict="valid", by=member(round_.project, "emil"))
    with pytest.raises(Refused, match="not a verdict"):
        judge_reason(round_, first, verdict="good", by=member(round_.project, "bob"))


def test_most_of_two_or_more_make_an_error_and_those_come_first() -> None:
    round_ = reasoned()
    by_why = {reason_of(round_, event).why: event for event in waiting(round_, "clio")}
    said = [("alice", "error"), ("bob", "error"), ("clio", "valid")]
    for name, verdict in said:
        judge_reason(
            round_, by_why[WHYS["alice"]], verdict=verdict, words=f"{name} says", by=member(round_.project, name)
        )
    judge_reason(round_, by_why[WHYS["bob"]], verdict="error", by=member(round_.project, "clio"))
    found = {one.reason.why: one for one in judged_reasons(round_, by=owner_of(round_.project))}
    assert dict(found[WHYS["alice"]].verdicts) == {"error": 2, "valid": 1}
    assert found[WHYS["alice"]].is_error
    assert not found[WHYS["bob"]].is_error  # one voice is no majority
    assert len(found[WHYS["alice"]].words) == 3
    with pytest.raises(NotPermitted):
        judged_reasons(round_, by=member(round_.project, "alice"))


def test_nobody_looks_before_the_round_is_closed() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=1, overlap=1)
    label_next(round_, reviewer(project, "alice"), notes={"note": "So it says."})
    with pytest.raises(Conflict, match="once the round is closed"):
        judge_reason(round_, 1, verdict="valid", by=member(project, "alice"))


def test_the_page_shows_the_reason_and_nobodys_name() -> None:
    round_ = reasoned()
    page, address = Client(), f"/p/{round_.project.slug}/rounds/{round_.pk}/reasons/"
    page.force_login(member(round_.project, "alice"))
    shown = page.get(address)
    assert any(why in shown.content.decode() for why in WHYS.values())
    for name in ("alice", "bob"):
        assert reviewer(round_.project, name).name not in shown.content.decode().split("<main", 1)[1]
    event = shown.context["reason"].event.pk
    assert page.post(address, {"event": event, "verdict": "valid", "words": ""}).status_code == 303
    assert page.get(address).context["left"] == 1
    assert page.post(address, {"event": event, "verdict": "valid"}).status_code == 409


def test_the_api_hands_out_reasons_takes_verdicts_and_lists_them() -> None:
    round_ = reasoned()
    alice, owner = Caller(member(round_.project, "alice")), Caller(owner_of(round_.project))
    given = alice.get(f"rounds/{round_.pk}/reasons/").json()
    assert given["left"] == 2
    assert set(given["next"]) == {"reason", "unit", "answers", "why"}
    said = alice.post(f"rounds/{round_.pk}/reasons/", {"reason": given["next"]["reason"], "verdict": "guideline_gap"})
    assert (said.status_code, said.json()["left"]) == (201, 1)
    rows = owner.get(f"rounds/{round_.pk}/reasons/results/").json()["results"]
    assert [row["verdicts"]["guideline_gap"] for row in rows] == [1]
    assert alice.get(f"rounds/{round_.pk}/reasons/results/").status_code == 403
