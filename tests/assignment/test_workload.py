"""The workload of a round, what is taken back, and how many more units a figure needs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from claims.agreement.forecast import forecasts_of
from claims.assignment.actions import create_round, draw_next, open_round
from claims.assignment.amendments import delete_round
from claims.assignment.strategies import from_a_random_place
from claims.assignment.workload import limit_reviewer, take_back, workload_of
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.labelling.actions import save_draft, submit_label
from claims.models import AgreementScore, Assignment, LabelEvent, Round
from claims.models.round import ACTIVE
from claims.statistics.planning import more_needed
from tests.api.caller import Caller, code
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
HOUR = timedelta(hours=1)


def begun() -> Round:
    """Of twelve places Alice has answered three and holds one, Bob has answered two."""
    project = make_project(alice="reviewer", bob="reviewer", clio="curator")
    round_ = make_round(project, units=6, overlap=2, codebook=make_codebook(project, "stance"), quota=5)
    for name, n in (("alice", 3), ("bob", 2)):
        for _ in range(n):
            label_next(round_, reviewer(project, name), stance="supports")
    assert draw_next(round_, reviewer(project, "alice"))
    return round_


def test_it_works_done_left_pace_and_end() -> None:
    round_ = begun()
    load = workload_of(round_, by=member(round_.project, "clio"))
    assert (load.done, load.left, load.per_day) == (5, 7, 5.0)
    assert load.ends_at is not None
    assert abs(load.ends_at - timezone.now() - timedelta(days=7 / 5)) < HOUR
    assert [(one.done, one.left, one.recent) for one in load.people] == [(3, 2, 3), (2, 3, 2)]
    assert [one.held is not None for one in load.people] == [True, False]
    assert not load.stalled
    with pytest.raises(NotPermitted):
        workload_of(round_, by=member(round_.project, "alice"))


def test_what_is_neither_drawn_nor_drafted_for_half_an_hour_lies_about() -> None:
    round_ = begun()
    Assignment.objects.filter(round=round_, state="reserved").update(reserved_at=timezone.now() - HOUR)
    owner = owner_of(round_.project)
    assert [load.done for load in workload_of(round_, by=owner).stalled] == [3]
    held = Assignment.objects.select_related("unit").get(round=round_, state="reserved")
    save_draft(round_, held.unit, reviewer(round_.project, "alice"), payload={}, client_seq=1)
    assert workload_of(round_, by=owner).stalled == []


def test_inv_3_what_is_taken_back_is_offered_to_others_and_a_late_answer_still_counts() -> None:
    round_ = begun()
    owner, alice = owner_of(round_.project), reviewer(round_.project, "alice")
    held = Assignment.objects.select_related("unit").get(round=round_, state="reserved")
    take_back(round_, held.pk, by=owner)
    assert Assignment.objects.filter(round=round_, state__in=ACTIVE).count() == 12
    with pytest.raises(Conflict) as conflict:
        take_back(round_, held.pk, by=owner)
    assert conflict.value.code == "not_reserved"
    with pytest.raises(NotFound):
        take_back(make_round(make_project(), units=1), held.pk, by=owner)
    submit_label(
        round_,
        held.unit,
        alice,
        answers=answers_for(round_),
        idempotency_key="written-all-the-same",
        codebook_version_id=round_.codebook_version_id,
    )
    assert LabelEvent.objects.filter(reviewer=alice).count() == 4
    assert Assignment.objects.filter(round=round_, state__in=ACTIVE).count() == 12


def test_one_person_has_a_quota_and_a_pause_of_their_own() -> None:
    round_ = begun()
    owner, bob = owner_of(round_.project), reviewer(round_.project, "bob")
    limit_reviewer(round_, bob, quota=2, is_paused=False, by=owner)
    with pytest.raises(Conflict, match="asks of one person: 2"):
        draw_next(round_, bob)
    limit_reviewer(round_, bob, quota=None, is_paused=True, by=owner)
    with pytest.raises(Conflict, match="is paused"):
        draw_next(round_, bob)
    assert workload_of(round_, by=owner).per_day == 3.0  # nobody expects work of somebody paused
    with pytest.raises(Refused):
        limit_reviewer(round_, bob, quota=0, is_paused=False, by=owner)


@pytest.mark.parametrize("is_draft", [True, False])
def test_somebody_is_limited_before_they_begin_and_begins_where_they_would_have_begun(is_draft: bool) -> None:
    project = make_project(alice="reviewer", olga="observer")
    stranger = reviewer(make_project(dora="reviewer"), "dora")
    owner, alice = owner_of(project), reviewer(project, "alice")
    round_ = make_round(project, units=30, overlap=1, order="random", seed=4)
    if is_draft:
        name, book = "A draft", round_.codebook_version
        round_ = create_round(project, name=name, codebook_version=book, by=owner, overlap=1, order="random", seed=4)
    caller, path = Caller(owner), f"rounds/{round_.pk}/workload/"
    assert [one["name"] for one in caller.get(path).json()["people"]] == [alice.name]  # who may, and has not begun
    said = caller.put(f"{path}{alice.pk}/", {"quota": 2, "is_paused": True})
    assert said.status_code == 200
    assert [said.json()[name] for name in ("done", "quota", "is_paused")] == [0, 2, True]
    for nobody in (stranger, reviewer(project, "olga")):
        assert caller.put(f"{path}{nobody.pk}/", {"quota": 2}).status_code == 404
    if is_draft:
        open_round(round_, by=owner)
        run_jobs()
        round_.refresh_from_db()
    with pytest.raises(Conflict, match="is paused"):
        draw_next(round_, alice)
    caller.put(f"{path}{alice.pk}/", {"quota": 2, "is_paused": False})
    drawn = draw_next(round_, alice)
    assert drawn is not None
    assert drawn.position == from_a_random_place(4, alice.pk, 30) + 1
    label_next(round_, alice)
    label_next(round_, alice)
    with pytest.raises(Conflict, match="asks of one person: 2"):
        draw_next(round_, alice)


def test_a_draft_with_limits_is_given_up_with_them() -> None:
    project = make_project(alice="reviewer")
    owner, book = owner_of(project), make_codebook(project, "stance")
    draft = create_round(project, name="A draft", codebook_version=book, by=owner)
    limit_reviewer(draft, reviewer(project, "alice"), quota=2, is_paused=False, by=owner)
    delete_round(draft, by=owner)
    assert not Round.objects.filter(pk=draft.pk).exists()


def test_four_times_the_units_halve_the_reach() -> None:
    assert more_needed(100, 0.10, 0.05) == 300
    assert more_needed(100, 0.05, 0.05) == 0
    assert more_needed(100, 0.01, 0.05) == 0
    assert more_needed(50, 0.1225, 0.05) == 251  # 50 x 2.45^2 = 300.125, and of units there are whole ones


def test_the_forecast_is_of_the_headline_figure_and_hidden_with_it() -> None:
    round_ = begun()
    run_jobs()
    rows = AgreementScore.objects.filter(round=round_, question="stance", stratum="all", view="full", phase="first")
    rows.filter(coefficient="krippendorff_alpha_nominal").update(value=0.7, low=0.5, high=0.8, reason="", n_pairable=40)
    found = {row.question: row for row in forecasts_of(round_)}
    assert (found["stance"].more, found["stance"].n_units) == (600, 40)  # reach 0.2, four times too far
    with pytest.raises(Refused, match="between 0 and 1"):
        forecasts_of(round_, 0)
    Round.objects.filter(pk=round_.pk).update(shows_live_scores=False)
    round_.refresh_from_db()
    assert forecasts_of(round_) == []


def test_page_and_api_do_the_same() -> None:
    round_ = begun()
    owner = Caller(owner_of(round_.project))
    said = owner.get(f"rounds/{round_.pk}/workload/?within=0.1").json()
    assert (said["done"], said["left"], len(said["people"])) == (5, 7, 2)
    assert code(owner.get(f"rounds/{round_.pk}/workload/?within=near")) == "invalid_width"
    held, bob = said["people"][0]["held"]["assignment"], said["people"][1]["reviewer"]
    assert owner.post(f"assignments/{held}/take-back/").status_code == 204
    assert owner.put(f"rounds/{round_.pk}/workload/{bob}/", {"quota": 9}).json()["left"] == 7
    page = Client()
    page.force_login(owner_of(round_.project))
    root = f"/p/{round_.project.slug}/rounds/{round_.pk}/workload/"
    page.post(f"{root}limit/", {"reviewer": bob, "quota": "4", "is_paused": "on"})
    seen = page.get(root).content.decode()
    assert "paused here" in seen
    assert 'value="4"' in seen
    assert draw_next(round_, reviewer(round_.project, "alice"))
    again = Assignment.objects.get(round=round_, state="reserved")
    page.post(f"{root}take-back/", {"assignment": again.pk})
    again.refresh_from_db()
    assert (again.state, again.reason) == ("expired", "taken_back")
    assert page.get(f"{root}?within=7").status_code == 422
