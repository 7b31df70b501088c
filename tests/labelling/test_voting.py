"""Two votes on a unit: the first sealed until all are in, then a discussion, then a vote that is kept beside it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from claims.adjudication.actions import settle_by_majority
from claims.adjudication.disputes import dispute_detail
from claims.adjudication.reviews import review_work
from claims.agreement.overview import agreement_overview
from claims.assignment.actions import close_round
from claims.errors import Conflict
from claims.labelling.actions import revise_label
from claims.labelling.comments import add_comment, thread_unit
from claims.labelling.voting import first_votes, waiting_for_second_vote
from claims.models import Label, LabelEvent, Notice, Reviewer, Round, Unit
from tests.api.caller import Caller
from tests.factories import (
    answers_for,
    label_next,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db


def sealed(**plan: Any) -> tuple[Round, Unit, Reviewer, Reviewer]:
    """Alice has voted on the only unit, Bob has not."""
    project = make_project(alice="reviewer", bob="reviewer", clio="curator")
    book = make_codebook(project, "stance")
    given: dict[str, Any] = {"overlap": 2, "has_second_vote": True, "questions": ["stance"]} | plan
    round_ = make_round(project, units=1, codebook=book, **given)
    unit = label_next(round_, reviewer(project, "alice"), stance="supports")
    assert unit is not None
    return round_, unit, reviewer(project, "alice"), reviewer(project, "bob")


def vote_again(round_: Round, unit: Unit, who: Reviewer, stance: str) -> Any:
    newest = LabelEvent.objects.filter(reviewer=who, round=round_, unit=unit).latest("seq")
    return revise_label(
        round_, unit, who, answers=answers_for(round_, stance=stance), idempotency_key=uuid.uuid4().hex,
        codebook_version_id=round_.codebook_version_id, expected_seq=newest.seq,
    )  # fmt: skip


def votes(round_: Round) -> set[tuple[str, str, str]]:
    rows = Label.objects.filter(round=round_, question="stance").select_related("reviewer__user")
    return {(row.reviewer.user.username[:3], row.phase, row.value) for row in rows if row.reviewer.user}


def test_before_all_votes_are_in_a_correction_is_the_first_vote_and_nobody_talks() -> None:
    round_, unit, alice, _ = sealed()
    vote_again(round_, unit, alice, "reports")
    assert votes(round_) == {("ali", "first", "reports")}
    with pytest.raises(Conflict, match="sealed"):
        thread_unit(round_, unit.pk, alice, member(round_.project, "alice"))
    assert waiting_for_second_vote(round_, alice) == []


def test_both_votes_are_kept_and_scored_apart() -> None:
    round_, unit, alice, bob = sealed()
    label_next(round_, bob, stance="reports")
    assert waiting_for_second_vote(round_, alice) == waiting_for_second_vote(round_, bob) == [unit.pk]
    assert {(answer, n) for _, answer, n in first_votes(round_, unit)} == {("Supports", 1), ("Reports", 1)}
    add_comment(round_, unit, alice, member(round_.project, "alice"), text="The headline only cites it.")
    assert not vote_again(round_, unit, alice, "reports").unchanged
    assert not vote_again(round_, unit, bob, "reports").unchanged  # to vote as before is a vote
    assert vote_again(round_, unit, bob, "reports").unchanged
    assert votes(round_) == {
        ("ali", "first", "supports"),
        ("ali", "after_discussion", "reports"),
        ("bob", "first", "reports"),
        ("bob", "after_discussion", "reports"),
    }
    assert waiting_for_second_vote(round_, alice) == []
    run_jobs()
    found = {row.phase: row.n_units for row in agreement_overview(round_) if row.code == "stance"}
    assert set(found) == {"first", "after_discussion"}


def test_what_is_settled_goes_by_each_ones_later_vote() -> None:
    round_, unit, alice, bob = sealed()
    label_next(round_, bob, stance="reports")
    by = owner_of(round_.project)
    assert settle_by_majority(round_, by=by) == {"unanimous": 0, "majority": 0}
    vote_again(round_, unit, alice, "reports")
    shown = dispute_detail(unit, round_, "stance")
    assert [(group.value, len(group.voices)) for group in shown.groups] == [("reports", 2)]
    assert settle_by_majority(round_, by=by) == {"unanimous": 1, "majority": 0}


def test_what_is_taken_out_is_taken_out_with_both_votes() -> None:
    round_, unit, alice, bob = sealed()
    label_next(round_, bob, stance="reports")
    vote_again(round_, unit, alice, "reports")
    close_round(round_, by=owner_of(round_.project))
    day = LabelEvent.objects.filter(reviewer=alice).latest("seq").created_at.date()
    asked: dict[str, Any] = {"words": "x", "by": member(round_.project, "clio"), "round_": round_}
    for kind, is_void in (("void_range", True), ("unvoid_range", False)):
        review_work(alice, kind, first_day=day, last_day=day, **asked)
        assert set(Label.objects.filter(reviewer=alice).values_list("is_void", flat=True)) == {is_void}


def test_the_pages_lead_from_the_round_to_the_thread_to_the_second_vote() -> None:
    round_, unit, _, bob = sealed()
    page, root = Client(), f"/p/{round_.project.slug}/rounds/{round_.pk}"
    page.force_login(member(round_.project, "alice"))
    assert page.get(f"{root}/label/{unit.pk}/thread/").status_code == 409
    label_next(round_, bob, stance="reports")
    address = f"{root}/label/{unit.pk}/thread/"
    assert address in page.get(f"{root}/").content.decode()
    for there in ("/", root.rsplit("/", 1)[0] + "/"):
        assert "Talk and vote again" in page.get(there).content.decode()
    assert "You are done here" not in page.get(f"{root}/").content.decode()
    assert "The first votes" in page.get(address).content.decode()
    assert "Submit the second vote" in page.get(f"{root}/label/{unit.pk}/").content.decode()


def test_the_api_leads_from_the_round_to_the_thread_to_the_second_vote() -> None:
    round_, unit, _, bob = sealed()
    caller = Caller(member(round_.project, "alice"))
    assert caller.get(f"rounds/{round_.pk}/").json()["second_votes"] == []
    label_next(round_, bob, stance="reports")
    [vote] = caller.get(f"rounds/{round_.pk}/").json()["second_votes"]
    base = f"/api/v1/rounds/{round_.pk}/units/{unit.pk}"
    assert (vote["unit"], vote["thread"], vote["vote"]) == (unit.pk, f"{base}/thread/", f"{base}/label/")
    thread = caller.get(vote["thread"].removeprefix("/api/v1/")).json()
    assert thread["second_vote"] == vote
    assert {(one["answer"], one["n"]) for one in thread["first_votes"]} == {("Supports", 1), ("Reports", 1)}
    assert caller.get(f"rounds/{round_.pk}/units/{unit.pk}/")["ETag"] == vote["tag"]
    body = {"codebook_version": round_.codebook_version_id, "answers": answers_for(round_, stance="reports")}
    key = {"If-Match": vote["tag"], "Idempotency-Key": "second-vote-of-alice"}
    assert caller.put(vote["vote"].removeprefix("/api/v1/"), body, **key).status_code == 200
    assert ("ali", "after_discussion", "reports") in votes(round_)
    assert caller.get(f"rounds/{round_.pk}/").json()["second_votes"] == []
    thread = caller.get(vote["thread"].removeprefix("/api/v1/")).json()
    assert thread["second_vote"] is None
    assert Caller(owner_of(round_.project)).get(f"rounds/{round_.pk}/").json()["second_votes"] == []


def test_who_voted_hears_once_a_day_that_the_votes_are_in() -> None:
    round_, _, _, bob = sealed()
    run_jobs()
    assert not Notice.objects.filter(key__startswith="votes-").exists()
    label_next(round_, bob, stance="reports")
    run_jobs()
    told = Notice.objects.filter(key__startswith="votes-")
    assert {notice.user for notice in told} == {member(round_.project, name) for name in ("alice", "bob")}
    assert {notice.path for notice in told} == {f"/p/{round_.project.slug}/rounds/{round_.pk}/"}
    assert "vote again" in told[0].subject


def test_rounds_without_it_are_as_they_were() -> None:
    round_, unit, alice, bob = sealed(has_second_vote=False)
    label_next(round_, bob, stance="reports")
    vote_again(round_, unit, alice, "reports")
    assert {phase for _, phase, _ in votes(round_)} == {"first"}
    assert thread_unit(round_, unit.pk, alice, member(round_.project, "alice")) == unit
