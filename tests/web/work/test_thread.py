"""Threads about units and the page of what was settled otherwise: who reads them, and when."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.assignment.actions import close_round, draw_next
from claims.labelling.comments import add_comment, read_thread
from claims.labelling.overruled import overruled_answers
from claims.models import AuditEvent, Round, Unit, UnitComment
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(db: None) -> Round:
    return make_round(make_project(alice="reviewer", bob="reviewer", clio="curator", olga="observer"), units=2)


def labelled(round_: Round, who: str, stance: str) -> Unit:
    unit = label_next(round_, reviewer(round_.project, who), stance=stance)
    assert unit is not None
    return unit


def thread_of(round_: Round, unit: Unit) -> str:
    return f"/p/{round_.project.slug}/rounds/{round_.pk}/label/{unit.pk}/thread/"


def signed_in(round_: Round, who: str) -> Client:
    client = Client()
    client.force_login(member(round_.project, who))
    return client


def settle(round_: Round, unit: Unit, **said: object) -> None:
    given = {"outcome": "answer", "value": "supports", "expected_revision": 0, "method": "discussion"} | said
    settle_label(round_, unit, "stance", by=owner_of(round_.project), **given)  # type: ignore[arg-type]


def test_it_works(round_: Round) -> None:
    unit = labelled(round_, "alice", "supports")
    labelled(round_, "bob", "refutes")
    alice, bob = signed_in(round_, "alice"), signed_in(round_, "bob")
    assert alice.post(thread_of(round_, unit), {"text": "The third sentence <b>says</b> so."}).status_code == 303
    body = bob.get(thread_of(round_, unit)).content.decode()
    assert "The third sentence &lt;b&gt;says&lt;/b&gt; so." in body
    assert "person 1" in body
    assert reviewer(round_.project, "alice").name not in body
    assert "<b>you</b> ·" in alice.get(thread_of(round_, unit)).content.decode()
    assert AuditEvent.objects.filter(verb="add_comment").count() == 1


def test_nobody_reads_it_before_their_own_answer(round_: Round) -> None:
    """Bob holds the unit and has not answered: for him there is no thread, not even an empty one."""
    unit = labelled(round_, "alice", "supports")
    add_comment(round_, unit, reviewer(round_.project, "alice"), member(round_.project, "alice"), text="Look at 3.")
    drawn = draw_next(round_, reviewer(round_.project, "bob"))
    assert drawn is not None
    assert drawn.unit_id == unit.pk
    for who in ("bob", "olga"):
        client = signed_in(round_, who)
        assert client.get(thread_of(round_, unit)).status_code in (403, 404)
        assert client.post(thread_of(round_, unit), {"text": "hello"}).status_code in (403, 404)
    assert UnitComment.objects.count() == 1


def test_who_settles_reads_it_unless_they_still_have_to_judge_it(round_: Round) -> None:
    unit = labelled(round_, "alice", "supports")
    clio = signed_in(round_, "clio")
    assert clio.get(thread_of(round_, unit)).status_code == 200
    drawn = draw_next(round_, reviewer(round_.project, "clio"))
    assert drawn is not None
    assert drawn.unit_id == unit.pk
    assert clio.get(thread_of(round_, unit)).status_code == 404


def test_an_empty_comment_is_refused(round_: Round) -> None:
    unit = labelled(round_, "alice", "supports")
    answer = signed_in(round_, "alice").post(thread_of(round_, unit), {"text": " \n "})
    assert answer.status_code == 422
    assert read_thread(round_, unit, reviewer(round_.project, "alice")) == []


def test_overruled_answers_show_when_the_round_is_closed(round_: Round) -> None:
    unit = labelled(round_, "alice", "refutes")
    labelled(round_, "bob", "supports")
    settle(round_, unit, rationale="The minutes say so.")
    alice, bob = reviewer(round_.project, "alice"), reviewer(round_.project, "bob")
    assert overruled_answers(alice) == []  # she could still correct it, knowing the outcome
    close_round(round_, by=owner_of(round_.project))
    run_jobs()
    (row,) = overruled_answers(alice)
    assert (row.mine, row.settled, row.rationale) == ("Refutes", "Supports", "The minutes say so.")
    assert overruled_answers(bob) == []
    page = signed_in(round_, "alice").get(f"/p/{round_.project.slug}/my-labels/overruled/").content.decode()
    assert "The minutes say so." in page


def test_a_later_revision_takes_it_off_the_page(round_: Round) -> None:
    unit = labelled(round_, "alice", "refutes")
    labelled(round_, "bob", "supports")
    settle(round_, unit)
    settle(round_, unit, expected_revision=1, value="refutes")
    close_round(round_, by=owner_of(round_.project))
    assert overruled_answers(reviewer(round_.project, "alice")) == []
    assert [row.mine for row in overruled_answers(reviewer(round_.project, "bob"))] == ["Supports"]


def test_what_one_judges_again_elsewhere_is_not_told(round_: Round) -> None:
    unit = labelled(round_, "alice", "refutes")
    labelled(round_, "bob", "supports")
    settle(round_, unit)
    close_round(round_, by=owner_of(round_.project))
    make_round(round_.project, codebook=round_.codebook_version)
    assert overruled_answers(reviewer(round_.project, "alice")) == []
