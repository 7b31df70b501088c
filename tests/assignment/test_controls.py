"""Control items: units with an answer known from another round, mixed in where nobody sees them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.adjudication.cards.card import make_cards
from claims.adjudication.cards.reading import read_panel
from claims.adjudication.reviews import review_work
from claims.assignment.actions import create_round
from claims.errors import Refused
from claims.models import Label, Notice, Project, Reviewer, Round, RoundUnit, UnitPattern, WorkReview
from tests.api.caller import Caller
from tests.factories import (
    label_next,
    make_claims,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db


def settled(n: int, units: int, **members: str) -> tuple[Project, list[int]]:
    """A project whose first `n` of so many units were settled as `supports` in a round before."""
    project = make_project(**({"alice": "reviewer", "bob": "reviewer", "clio": "curator"} | members))
    make_claims(project, units)
    first = make_round(project, codebook=make_codebook(project, "stance"), overlap=1)
    for _ in range(n):
        label_next(first, reviewer(project, "bob"), stance="supports")
    run_jobs()
    known = list(Label.objects.filter(round=first, question="stance").values_list("unit", flat=True))
    for unit in first.round_units.filter(unit__in=known).select_related("unit"):
        said: dict[str, Any] = {"outcome": "answer", "value": "supports", "method": "expert"}
        settle_label(first, unit.unit, "stance", expected_revision=0, by=owner_of(project), **said)
    return project, known


def with_controls(project: Project, **plan: Any) -> Round:
    book = make_codebook(project, "stance")
    return make_round(project, codebook=book, overlap=1, **({"control_share": 0.25} | plan))


def controls(round_: Round) -> set[int]:
    return set(RoundUnit.objects.filter(round=round_, is_control=True).values_list("unit", flat=True))


def test_a_share_of_the_units_is_drawn_by_the_seed_from_those_with_a_settled_answer() -> None:
    project, known = settled(8, 20)
    drawn = [controls(with_controls(project, seed=seed)) for seed in (3, 3, 4)]
    assert [len(units) for units in drawn] == [5, 5, 5]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] < set(known)
    assert controls(with_controls(project, control_share=0.9)) == set(known)  # as far as there are any
    assert not controls(make_round(project, codebook=make_codebook(project, "stance")))


def test_they_stand_among_the_others_and_count_in_no_agreement() -> None:
    project, _ = settled(8, 20)
    round_ = with_controls(project)
    while label_next(round_, reviewer(project, "alice"), stance="supports"):
        pass
    run_jobs()
    assert sorted(round_.round_units.values_list("position", flat=True)) == list(range(20))
    patterned = set(UnitPattern.objects.filter(round=round_, question="stance").values_list("unit", flat=True))
    assert patterned == set(round_.round_units.values_list("unit", flat=True)) - controls(round_)


def received(round_: Round, name: str) -> list[bytes]:
    """What a reviewer is shown of the round before and while they label."""
    page, api = Client(), Caller(member(round_.project, name))
    page.force_login(member(round_.project, name))
    root = f"/p/{round_.project.slug}/rounds/"
    addresses = [f"rounds/{round_.pk}/", f"projects/{round_.project.slug}/rounds/"]
    found = [api.get(address).content for address in addresses]
    return [*found, page.get(root).content, page.get(f"{root}{round_.pk}/").content]


def test_inv_4_nothing_that_a_reviewer_receives_tells_a_round_with_control_items() -> None:
    """The same round, with and without: the flag is the only difference, so every answer has to be the same."""
    project, _ = settled(8, 20)
    round_ = with_controls(project)
    api = Caller(member(project, "alice"))
    unit = api.post(f"rounds/{round_.pk}/next/").json()["unit"]
    mixed = [*received(round_, "alice"), api.get(f"rounds/{round_.pk}/units/{unit}/").content]
    RoundUnit.objects.filter(round=round_).update(is_control=False)
    Round.objects.filter(pk=round_.pk).update(control_share=None, control_floor=None)
    plain = [*received(round_, "alice"), api.get(f"rounds/{round_.pk}/units/{unit}/").content]
    assert [mask(one) for one in mixed] == [mask(one) for one in plain]


def mask(answer: bytes) -> str:
    import re

    return re.sub(r'(csrfmiddlewaretoken" value|csrf_?[Tt]oken"?)[^>]*', "", answer.decode())


def answer_all(round_: Round, who: Reviewer, wrong: int) -> None:
    """`wrong` of the control items answered otherwise, everything else as settled."""
    hidden, n = controls(round_), 0
    from claims.assignment.actions import draw_next

    while (held := draw_next(round_, who)) is not None:
        is_wrong = held.unit_id in hidden and n < wrong
        n += is_wrong
        label_next(round_, who, stance="refutes" if is_wrong else "supports")


def test_who_answers_too_few_rightly_is_paused_told_and_measured_anew_after_that() -> None:
    project, _ = settled(8, 20)
    round_ = with_controls(project, control_floor=0.7)
    alice = reviewer(project, "alice")
    answer_all(round_, alice, wrong=2)
    run_jobs()
    alice.refresh_from_db()
    assert alice.state == "paused"  # three of five
    review = WorkReview.objects.get(reviewer=alice, kind="pause")
    assert "known answer" in review.words
    told = {notice.user.username.rstrip("0123456789") for notice in Notice.objects.filter(kind="paused")}
    assert told == {"alice", "carol", "clio"}
    card = make_cards(read_panel(project), Reviewer.objects.in_project(project).in_bulk())[alice.pk]
    assert card.control is not None
    assert (card.control.n, card.control.right) == (5, 3)
    # Wilson 1927 at 3 of 5: 0.2307 to 0.8824
    assert (round(card.control.low, 4), round(card.control.high, 4)) == (0.2307, 0.8824)
    review_work(alice, "resume", words="We spoke about it.", by=owner_of(project))
    from claims import jobs

    jobs.enqueue("check_controls", project=project, args={"round": round_.pk})
    run_jobs()
    alice.refresh_from_db()
    assert alice.state == "active"


def test_four_answers_say_nothing_and_enough_right_ones_pause_nobody() -> None:
    project, _ = settled(8, 20)
    few, enough = (
        with_controls(project, control_share=0.2, control_floor=0.9),
        with_controls(project, control_floor=0.6),
    )
    alice = reviewer(project, "alice")
    answer_all(few, alice, wrong=4)
    run_jobs()
    answer_all(enough, alice, wrong=2)
    run_jobs()
    alice.refresh_from_db()
    assert alice.state == "active"


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"control_share": 0.0}, "invalid_share"),
        ({"control_share": 1.0}, "invalid_share"),
        ({"control_floor": 0.8}, "controls_missing"),
        ({"control_share": 0.1, "control_floor": 0.0}, "invalid_share"),
    ],
)
def test_plans_that_do_not_fit(plan: dict[str, Any], code: str) -> None:
    project = make_project()
    book = make_codebook(project, "stance")
    with pytest.raises(Refused) as refusal:
        create_round(project, name="r", codebook_version=book, by=owner_of(project), **plan)
    assert refusal.value.code == code


def test_the_api_tells_the_share_to_those_who_run_rounds_alone() -> None:
    project, _ = settled(8, 20)
    round_ = with_controls(project, control_floor=0.7)
    said = Caller(owner_of(project)).get(f"rounds/{round_.pk}/").json()
    assert (said["control_share"], said["control_floor"], said["progress"]["controls"]) == (0.25, 0.7, 5)
    said = Caller(member(project, "alice")).get(f"rounds/{round_.pk}/").json()
    assert (said["control_share"], said["control_floor"], said["progress"]) == (None, None, None)
