"""Units that are asked of different numbers of people: a shared part, and units that grow while their labels differ."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from claims.assignment.actions import close_round, create_round
from claims.assignment.amendments import amend_round
from claims.assignment.opening import units_chosen
from claims.assignment.overlap import change_overlap
from claims.errors import Refused
from claims.labelling.actions import revise_label
from claims.models import Assignment, LabelEvent, Round, RoundUnit
from claims.models.round import ACTIVE
from tests.api.caller import Caller
from tests.api.caller import code as code_of
from tests.factories import (
    answers_for,
    label_next,
    make_claims,
    make_codebook,
    make_project,
    make_round,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
NAMES = ("alice", "bob", "dora", "emil")


def shape(round_: Round) -> Counter[tuple[bool, int]]:
    """(in the shared part, active slots) -> number of units; each as many as its row says."""
    active = Counter(
        Assignment.objects.filter(round=round_, state__in=ACTIVE).values_list("unit", flat=True),
    )
    rows = RoundUnit.objects.filter(round=round_).values_list("unit", "is_shared", "overlap")
    assert active == Counter({unit: overlap for unit, _, overlap in rows})
    return Counter((is_shared, overlap) for _, is_shared, overlap in rows)


def test_a_fifth_is_answered_by_three_and_the_rest_by_one() -> None:
    project = make_project()
    make_claims(project, 30)
    book = make_codebook(project, "stance")
    plan: dict[str, Any] = {"overlap": 1, "shared_share": 0.2, "shared_overlap": 3, "codebook": book}
    drawn = []
    for seed in (4, 4, 5):
        round_ = make_round(project, seed=seed, **plan)
        assert shape(round_) == {(True, 3): 6, (False, 1): 24}
        drawn.append(set(round_.round_units.filter(is_shared=True).values_list("unit", flat=True)))
    assert drawn[0] == drawn[1] != drawn[2]
    sample = make_round(project, selection={"limit": 10}, **plan)
    assert shape(sample) == {(True, 3): 2, (False, 1): 8}
    assert units_chosen(sample) == 10


def test_both_numbers_are_changed_under_way() -> None:
    project = make_project()
    round_ = make_round(project, units=10, overlap=1, shared_share=0.3, shared_overlap=3)
    change_overlap(round_, 2, shared_overlap=4, by=owner_of(project))
    run_jobs()
    assert shape(round_) == {(True, 4): 3, (False, 2): 7}
    round_.refresh_from_db()
    change_overlap(round_, 1, by=owner_of(project))
    run_jobs()
    assert shape(round_) == {(True, 4): 3, (False, 1): 7}


def growing(**plan: Any) -> Round:
    project = make_project(**dict.fromkeys(NAMES, "reviewer"))
    make_claims(project, 2)
    return make_round(project, codebook=make_codebook(project, "stance"), **plan)


def overlaps(round_: Round) -> list[int]:
    shape(round_)
    return list(RoundUnit.objects.filter(round=round_).order_by("position").values_list("overlap", flat=True))


def say(round_: Round, name: str, *stances: str) -> None:
    for stance in stances:
        assert label_next(round_, reviewer(round_.project, name), stance=stance)
    run_jobs()


def test_a_unit_whose_labels_differ_gets_one_more_reviewer_up_to_the_cap() -> None:
    round_ = growing(overlap=2, grows_to=4)
    say(round_, "alice", "supports", "supports")
    assert overlaps(round_) == [2, 2]  # one label differs from none
    say(round_, "bob", "refutes", "supports")
    assert overlaps(round_) == [3, 2]
    say(round_, "dora", "refutes")
    assert overlaps(round_) == [4, 2]
    say(round_, "emil", "refutes")
    assert overlaps(round_) == [4, 2]  # three to one still differ, and four were to be asked at most
    assert label_next(round_, reviewer(round_.project, "emil")) is None


def test_a_correction_can_leave_doubt_too_and_a_lowered_overlap_does_not_end_it() -> None:
    round_ = growing(overlap=2, grows_to=3)
    say(round_, "alice", "supports", "supports")
    say(round_, "bob", "supports", "supports")
    assert overlaps(round_) == [2, 2]
    bob = reviewer(round_.project, "bob")
    first = LabelEvent.objects.filter(reviewer=bob).order_by("seq")[0]
    revise_label(
        round_,
        first.unit,
        bob,
        answers=answers_for(round_, stance="refutes"),
        idempotency_key="another-mind",
        codebook_version_id=round_.codebook_version_id,
        expected_seq=first.seq,
    )
    run_jobs()
    assert overlaps(round_) == [3, 2]
    change_overlap(round_, 1, by=owner_of(round_.project))
    run_jobs()
    assert overlaps(round_) == [3, 2]  # answers stay, and the place that doubt added stays


def test_doubt_is_a_likeliest_answer_that_is_not_likely_enough() -> None:
    round_ = growing(overlap=1, grows_to=3, grows_below=0.95)
    say(round_, "alice", "supports", "supports")
    assert overlaps(round_) == [2, 2]  # one label alone is not 95 % sure
    say(round_, "bob", "supports", "refutes")
    assert overlaps(round_) == [2, 3]  # two of one mind are; a draw is not


def test_a_closed_round_does_not_grow() -> None:
    round_ = growing(overlap=2, grows_to=4)
    for name, stance in (("alice", "supports"), ("bob", "refutes")):
        assert label_next(round_, reviewer(round_.project, name), stance=stance)
    close_round(round_, by=owner_of(round_.project))
    run_jobs()
    assert sorted(RoundUnit.objects.filter(round=round_).values_list("overlap", flat=True)) == [2, 2]


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"shared_share": 0.2}, "half_a_shared_part"),
        ({"shared_overlap": 3}, "half_a_shared_part"),
        ({"shared_share": 1.0, "shared_overlap": 3}, "invalid_share"),
        ({"shared_share": 0.2, "shared_overlap": 61}, "invalid_overlap"),
        ({"shared_share": 0.2, "shared_overlap": 2, "overlap": 3}, "shared_part_is_smaller"),
        ({"overlap": 3, "grows_to": 3}, "invalid_overlap"),
        ({"grows_to": 61}, "invalid_overlap"),
        ({"grows_below": 0.9}, "cap_missing"),
        ({"grows_to": 5, "grows_below": 1.0}, "invalid_share"),
    ],
)
def test_plans_that_do_not_fit_are_refused(plan: dict[str, Any], code: str) -> None:
    project = make_project()
    book, by = make_codebook(project, "stance"), owner_of(project)
    with pytest.raises(Refused) as refusal:
        create_round(project, name="r", codebook_version=book, by=by, **plan)  # type: ignore[arg-type]
    assert refusal.value.code == code
    round_ = create_round(project, name="r", codebook_version=book, by=by)
    with pytest.raises(Refused) as refusal:
        amend_round(round_, changes=plan, expected=1, by=by)
    assert refusal.value.code == code


def test_the_api_plans_both_and_changes_the_shared_part() -> None:
    project = make_project()
    make_claims(project, 10)
    caller = Caller(owner_of(project))
    asked = {"name": "Core", "codebook_version": make_codebook(project, "stance").pk, "overlap": 1}
    asked |= {"shared_share": 0.2, "shared_overlap": 3, "grows_to": 5, "grows_below": 0.9}
    made = caller.post(f"projects/{project.slug}/rounds/", asked).json()
    assert {name: made[name] for name in asked} == asked
    caller.post(f"rounds/{made['id']}/open/")
    run_jobs()
    assert caller.post(f"rounds/{made['id']}/overlap/", {"overlap": 1, "shared_overlap": 4}).status_code == 202
    run_jobs()
    assert shape(Round.objects.get(pk=made["id"])) == {(True, 4): 2, (False, 1): 8}
    refused = caller.post(f"rounds/{made['id']}/overlap/", {"overlap": 5})
    assert (refused.status_code, code_of(refused)) == (422, "shared_part_is_smaller")
    assert "4 is fewer than the 5" in refused.json()["detail"]
