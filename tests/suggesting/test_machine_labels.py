"""Machines label beside people, and never among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from claims.agreement.actions import recount_round
from claims.errors import Conflict, NotPermitted, Refused
from claims.labelling.chain import verify_labels
from claims.models import AgreementScore, Label, LabelEvent, Reviewer, Round, UnitPattern
from claims.suggesting.machine_labels import start_model_labels, take_machine_labels
from claims.suggesting.machines import compare_machines
from tests.api.caller import Caller
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer, run_jobs
from tests.suggesting.stub import Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_() -> Round:
    project = make_project(alice="reviewer", bob="reviewer")
    return make_round(project, units=3, overlap=2)


def units_of(round_: Round) -> list[int]:
    return list(round_.round_units.order_by("position").values_list("unit", flat=True))


def figures(round_: Round) -> list[Any]:
    return [
        list(UnitPattern.objects.filter(round=round_).order_by("id").values("unit", "question", "counts")),
        list(AgreementScore.objects.filter(round=round_).order_by("id").values("question", "coefficient", "value")),
    ]


def test_a_model_labels_a_round_and_no_figure_of_people_moves(endpoint: Endpoint, round_: Round) -> None:
    for name in ("alice", "bob"):
        label_next(round_, reviewer(round_.project, name), stance="supports")
    run_jobs()
    before = figures(round_)
    endpoint.replies({"answers": {"stance": "refutes", "nonsense": "x"}}, fenced=True)
    endpoint.replies({"answers": {"stance": "loves"}})
    endpoint.replies({"answers": {"stance": "reports"}})
    job = start_model_labels(round_, by=owner_of(round_.project))
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts) == ("partial", {"total": 3, "read": 3, "labelled": 2, "failed": 1})
    machine = Reviewer.objects.get(project=round_.project, kind="machine")
    assert machine.name == "machine stub-1"
    assert sorted(Label.objects.filter(reviewer=machine).values_list("value", flat=True)) == ["refutes", "reports"]
    event = LabelEvent.objects.filter(reviewer=machine).select_related("text").earliest("seq")
    assert (event.text.content["model"], len(event.text.content["prompt_sha256"])) == ("stub-1", 64)
    assert figures(round_) == before
    assert recount_round(round_) == []
    assert list(verify_labels(round_.project)) == []
    asked = json.loads(endpoint.asked[0]["messages"][1]["content"])
    assert {"claim", "context", "headline", "questions"} == set(asked)
    stance = next(one for one in asked["questions"] if one["code"] == "stance")
    assert {"supports", "refutes"} <= set(stance["choices"])


def test_asked_again_it_answers_only_what_it_had_not(endpoint: Endpoint, round_: Round) -> None:
    for _ in range(6):
        endpoint.replies({"answers": {"stance": "refutes"}})
    for expected in (3, 0):
        job = start_model_labels(round_, by=owner_of(round_.project))
        run_jobs()
        job.refresh_from_db()
        assert job.counts.get("labelled", 0) == expected
    assert LabelEvent.objects.count() == 3


def test_a_program_sends_labels_and_bad_rows_cost_no_good_one(round_: Round) -> None:
    first, second, third = units_of(round_)
    foreign = units_of(make_round(make_project(), units=1))[0]
    sent = [
        {"unit": first, "answers": {"stance": "refutes"}},
        {"unit": foreign, "answers": {"stance": "refutes"}},
        {"unit": second, "answers": {"stance": "refutes", "verdict": ["supported"]}},
        {"unit": third, "answers": {"stance": {"a": 1}}},
    ]
    caller = Caller(owner_of(round_.project))
    answer = caller.post(f"rounds/{round_.pk}/machine-labels/", {"model": "mine 2", "labels": sent})
    assert answer.status_code == 200, answer.content
    assert answer.json()["kept"] == 2
    assert [one["field"] for one in answer.json()["problems"]] == [
        "labels.1.unit",
        "labels.2.answers.verdict",
        "labels.3.answers.stance",
    ]
    assert "stance takes one of supports," in answer.json()["problems"][2]["sentence"]
    assert take_machine_labels(round_, "mine 2", sent[:1], by=owner_of(round_.project))[0] == 0, "kept as it was"


def test_who_may_and_when(round_: Round) -> None:
    with pytest.raises(NotPermitted):
        take_machine_labels(round_, "mine", [], by=member(round_.project, "alice"))
    with pytest.raises(Refused) as off:
        start_model_labels(round_, by=owner_of(round_.project))
    assert off.value.code == "model_off"
    Round.objects.filter(pk=round_.pk).update(state="draft")
    round_.refresh_from_db()
    with pytest.raises(Conflict):
        take_machine_labels(round_, "mine", [], by=owner_of(round_.project))


def test_reviewers_see_nothing_of_it_and_take_the_same_places(round_: Round, client: Client) -> None:
    unit = units_of(round_)[0]
    client.force_login(member(round_.project, "alice"))

    def visit() -> list[bytes]:
        client.post(f"/p/{round_.project.slug}/rounds/{round_.pk}/next/")
        root = f"/p/{round_.project.slug}"
        pages = [f"{root}/rounds/{round_.pk}/", f"{root}/rounds/{round_.pk}/label/{unit}/", f"{root}/claims/"]
        return [client.get(page).content.split(b"csrfmiddlewaretoken")[0] for page in pages]

    before = visit()
    take_machine_labels(round_, "mine", [{"unit": unit, "answers": {"stance": "refutes"}}], by=owner_of(round_.project))
    run_jobs()
    assert visit() == before
    assert client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/machines/").status_code == 403


def test_the_page_sets_machines_beside_people(round_: Round, client: Client) -> None:
    units = units_of(round_)
    choices = {("alice", 0): "supports", ("bob", 0): "supports", ("alice", 1): "supports", ("bob", 1): "refutes"}
    for (name, _), choice in choices.items():
        label_next(round_, reviewer(round_.project, name), stance=choice)
    owner = owner_of(round_.project)
    sent = [{"unit": unit, "answers": {"stance": "supports"}} for unit in units]
    take_machine_labels(round_, "mine 2", sent, by=owner)
    row = next(one for one in compare_machines(round_) if one.question == "stance")
    assert (row.machine, row.n_units, row.n_majority, row.with_majority) == ("machine mine 2", 2, 1, 1.0)
    assert row.test.reason == "too_few_people"
    client.force_login(owner)
    shown = client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/machines/").content.decode()
    assert "machine mine 2" in shown
    assert "too few people" in shown
    Round.objects.filter(pk=round_.pk).update(shows_live_scores=False)
    hidden = client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/machines/").content.decode()
    assert "machine mine 2" not in hidden
