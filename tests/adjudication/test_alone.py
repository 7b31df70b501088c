"""What one person alone was asked: nobody can differ, and a colleague approves it all the same."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.adjudication.disputes import disputes
from claims.models import Round
from tests.api.caller import Caller
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


def judged(overlap: int) -> Round:
    """Two units, of which Alice has judged the first."""
    round_ = make_round(make_project(alice="reviewer", clio="curator"), units=2, overlap=overlap)
    label_next(round_, reviewer(round_.project, "alice"), stance="refutes")
    run_jobs()
    return round_


def test_it_works_until_a_colleague_has_settled_it() -> None:
    round_ = judged(overlap=1)
    waiting = disputes(round_, "stance", alone=True)
    assert [(one.question, sum(one.counts), one.division) for one in waiting] == [("stance", 1, 0.0)]
    assert disputes(round_) == []
    unit = round_.round_units.get(unit=waiting[0].unit).unit
    clio = member(round_.project, "clio")
    settle_label(
        round_, unit, "stance", expected_revision=0, outcome="answer", value="refutes", method="expert", by=clio
    )
    assert disputes(round_, "stance", alone=True) == []
    assert [one.unit for one in disputes(round_, "stance", alone=True, settled=True)] == [unit.pk]


def test_where_others_are_asked_too_one_answer_is_not_alone() -> None:
    assert disputes(judged(overlap=2), alone=True) == []


def test_the_page_leads_to_it_and_a_program_reads_it(client: Client) -> None:
    round_ = judged(overlap=1)
    client.force_login(owner_of(round_.project))
    page = f"/p/{round_.project.slug}/disputes/?round={round_.pk}"
    assert "of one person alone wait" in client.get(page).content.decode()
    alone = client.get(f"{page}&settled=alone").content.decode()
    assert alone.count('small main" href=') == len(disputes(round_, alone=True))
    listed = Caller(owner_of(round_.project)).get(f"rounds/{round_.pk}/disputes/?alone=true&question=stance").json()
    assert [row["question"] for row in listed["results"]] == ["stance"]
