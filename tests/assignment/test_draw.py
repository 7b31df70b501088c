"""Slots are drawn exactly: over real connections, by many at once, and given back when time runs out."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.utils import timezone

from claims.assignment.actions import close_round, create_round, draw_next, give_back_expired, open_round, set_paused
from claims.assignment.offers import rounds_with_work
from claims.assignment.strategies import STRATEGIES, from_a_random_place
from claims.errors import Conflict, NotPermitted, Refused
from claims.models import Assignment, LabelChain, Project, Reviewer, Round, RoundReviewer, RoundUnit, Unit
from claims.models.round import ACTIVE
from claims.people.actions import change_role, remove_member
from tests.factories import (
    label,
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
from tests.racing import all_at_once

pytestmark = pytest.mark.django_db


def add_reviewers(project: Project, n: int) -> list[Reviewer]:
    people = [Reviewer.objects.create(project=project, name=f"Racer {i}") for i in range(n)]
    LabelChain.objects.bulk_create(LabelChain(reviewer=who) for who in people)
    return people


def active_slots(round_: Round) -> Counter[int]:
    return Counter(Assignment.objects.filter(round=round_, state__in=ACTIVE).values_list("unit", flat=True))


def test_opening_a_round_makes_k_slots_a_unit_in_reading_order() -> None:
    round_ = make_round(make_project(), units=5, overlap=3)
    assert round_.state == "open"
    assert Assignment.objects.filter(round=round_, state="open").count() == 15
    places = RoundUnit.objects.filter(round=round_).order_by("position")
    starts = [place.unit.occurrence_version.occurrence.position for place in places]
    assert starts == sorted(starts)


def test_the_same_subject_is_one_unit_in_two_rounds() -> None:
    project = make_project()
    make_round(project, units=4)
    make_round(project)
    assert Unit.objects.filter(project=project).count() == 4
    assert RoundUnit.objects.count() == 8


def test_a_killed_opening_goes_on_without_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claims.assignment.opening.CHUNK", 2)
    project = make_project()
    make_claims(project, 7)
    round_ = create_round(project, name="r", codebook_version=make_codebook(project), by=owner_of(project))
    from claims import jobs
    from claims.assignment import opening

    job = jobs.claim(open_round(round_, by=owner_of(project)).pk)
    assert job is not None
    with jobs.chunk(job):
        opening._plan(job, round_)
    with jobs.chunk(job):
        opening._add_chunk(job, round_)
    type(job).objects.filter(pk=job.pk).update(state="queued")  # the worker died here
    run_jobs()
    assert RoundUnit.objects.filter(round=round_).count() == 7
    assert set(active_slots(round_).values()) == {2}


def test_a_sample_is_seeded_and_knows_its_probability() -> None:
    project = make_project()
    make_claims(project, 40)
    book = make_codebook(project)
    drawn = [
        set(
            make_round(project, codebook=book, selection={"limit": 10}, seed=seed).round_units.values_list(
                "unit", flat=True
            )
        )
        for seed in (1, 1, 2)
    ]
    assert [len(units) for units in drawn] == [10, 10, 10]
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(RoundUnit.objects.values_list("probability", flat=True)) == {0.25}


def test_a_reviewer_gets_what_they_hold_again_and_then_the_next() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=3), reviewer(project, "alice")
    first = draw_next(round_, alice)
    assert first == draw_next(round_, alice)
    second = label_next(round_, alice) and draw_next(round_, alice)
    assert second is not None
    assert second.unit_id != first.unit_id


def test_nobody_gets_a_unit_twice_and_everybody_ends() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=4, overlap=2)
    for name in ("alice", "bob"):
        who, seen = reviewer(project, name), []
        while unit := label_next(round_, who):
            seen.append(unit.pk)
        assert len(seen) == len(set(seen)) == 4
    assert set(active_slots(round_).values()) == {2}


@pytest.mark.django_db(transaction=True)
def test_co_01_many_reviewers_at_once_end_with_exactly_k_assignments_a_unit() -> None:
    project = make_project()
    round_ = make_round(project, units=60, overlap=3)
    people = add_reviewers(project, 8)

    def work(who: Reviewer) -> None:
        while drawn := draw_next(round_, who):
            Assignment.objects.filter(pk=drawn.pk).update(state="submitted", expires_at=None)

    all_at_once(work, people)
    taken = Assignment.objects.filter(round=round_, state="submitted")
    assert taken.count() == 180
    assert set(Counter(taken.values_list("unit", flat=True)).values()) == {3}
    assert max(Counter(taken.values_list("unit", "reviewer")).values()) == 1


@pytest.mark.django_db(transaction=True)
def test_co_01_the_last_slot_goes_to_one_of_many() -> None:
    project = make_project()
    round_ = make_round(project, units=1, overlap=1)
    people, barrier, got = add_reviewers(project, 6), threading.Barrier(6), []

    def work(who: Reviewer) -> None:
        barrier.wait()
        got.append(draw_next(round_, who))
        connection.close()

    threads = [threading.Thread(target=work, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(drawn is not None for drawn in got) == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_reviewer_hold_one_slot() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=5), reviewer(project, "alice")
    barrier, got = threading.Barrier(4), []

    def draw() -> None:
        barrier.wait()
        drawn = draw_next(round_, alice)
        got.append(drawn and drawn.pk)
        connection.close()

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1


def run_out(assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(expires_at=timezone.now() - timedelta(hours=1))


def test_a_reservation_that_runs_out_is_offered_to_others_and_its_history_stays() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1, overlap=1)
    held = draw_next(round_, reviewer(project, "alice"))
    assert held is not None
    assert draw_next(round_, reviewer(project, "bob")) is None
    run_out(held)
    assert give_back_expired() == 1
    assert give_back_expired() == 0
    taken = draw_next(round_, reviewer(project, "bob"))
    assert taken is not None
    assert (taken.unit_id, taken.slot) == (held.unit_id, held.slot)
    held.refresh_from_db()
    assert (held.state, held.reviewer) == ("expired", reviewer(project, "alice"))


@pytest.mark.parametrize("order", sorted(STRATEGIES))
def test_who_finds_nothing_is_offered_what_ran_out_without_waiting_for_the_sweep(order: str) -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    bob = reviewer(project, "bob")
    round_, other = (make_round(project, units=n, overlap=1, order=order) for n in (1, 0))
    held, elsewhere = draw_next(round_, reviewer(project, "alice")), draw_next(other, reviewer(project, "alice"))
    assert held is not None
    assert elsewhere is not None
    assert draw_next(round_, bob) is None
    run_out(held)
    run_out(elsewhere)
    assert rounds_with_work([round_], member(project, "bob")) == {round_.pk}  # pages offer what a draw would give
    taken = draw_next(round_, bob)
    assert taken is not None
    assert (taken.unit_id, taken.slot) == (held.unit_id, held.slot)
    assert active_slots(round_) == {held.unit_id: 1}
    elsewhere.refresh_from_db()
    assert elsewhere.state == "reserved"  # only this round's were looked through


def test_what_somebody_holds_is_offered_to_others_as_soon_as_they_are_removed_or_only_observe() -> None:
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    round_, bob = make_round(project, units=2, overlap=1), reviewer(project, "bob")
    held = [draw_next(round_, reviewer(project, name)) for name in ("alice", "dora")]
    assert draw_next(round_, bob) is None
    remove_member(project, user=member(project, "alice"), by=owner_of(project))
    change_role(project, user=member(project, "dora"), role="observer", by=owner_of(project))
    assert Assignment.objects.filter(round=round_, state="open").count() == 2
    assert active_slots(round_) == {one.unit_id: 1 for one in held if one}
    assert draw_next(round_, bob) is not None


def test_whoever_let_it_run_out_may_draw_it_again() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=1, overlap=1), reviewer(project, "alice")
    held = draw_next(round_, alice)
    assert held is not None
    run_out(held)
    give_back_expired()
    again = draw_next(round_, alice)
    assert again is not None
    assert again.unit_id == held.unit_id


def test_a_late_submit_counts_while_a_place_is_free() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=1, overlap=1), reviewer(project, "alice")
    held = draw_next(round_, alice)
    assert held is not None
    run_out(held)
    give_back_expired()
    from claims.labelling.actions import submit_label
    from tests.factories import answers_for

    submit_label(
        round_,
        held.unit,
        alice,
        answers=answers_for(round_),
        idempotency_key="late-key-1",
        codebook_version_id=round_.codebook_version_id,
    )
    assert active_slots(round_) == {held.unit_id: 1}
    assert Assignment.objects.filter(round=round_, state="submitted", reviewer=alice).count() == 1


def test_a_late_submit_finds_its_place_taken_and_overlap_stays_exact() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1, overlap=1)
    alice, bob = reviewer(project, "alice"), reviewer(project, "bob")
    held = draw_next(round_, alice)
    assert held is not None
    run_out(held)
    give_back_expired()
    label_next(round_, bob)
    from claims.labelling.actions import submit_label
    from tests.factories import answers_for

    with pytest.raises(Conflict) as conflict:
        submit_label(
            round_,
            held.unit,
            alice,
            answers=answers_for(round_),
            idempotency_key="late-key-2",
            codebook_version_id=round_.codebook_version_id,
        )
    assert conflict.value.code == "reservation_lost"
    assert active_slots(round_) == {held.unit_id: 1}


def test_quota_and_pause_end_a_walk() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=3), reviewer(project, "alice")
    label_next(round_, alice)
    walk = RoundReviewer.objects.filter(round=round_, reviewer=alice)
    walk.update(quota=1)
    with pytest.raises(Conflict, match="this round asks of one person"):
        draw_next(round_, alice)
    walk.update(quota=None, is_paused=True)
    with pytest.raises(Conflict, match="in this round is paused"):
        draw_next(round_, alice)
    Reviewer.objects.filter(pk=alice.pk).update(state="paused")
    alice.refresh_from_db()
    with pytest.raises(NotPermitted, match="paused"):
        draw_next(round_, alice)


def test_random_order_starts_each_reviewer_elsewhere_and_still_reaches_all() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    alice, bob = reviewer(project, "alice"), reviewer(project, "bob")
    # The place follows from the seed and the row's number: one seed in 30 has both begin at one unit.
    seed = next(n for n in count() if len({from_a_random_place(n, who.pk, 30) for who in (alice, bob)}) == 2)
    round_ = make_round(project, units=30, overlap=2, order="random", seed=seed)
    starts = []
    for who in (alice, bob):
        seen = []
        while unit := label_next(round_, who):
            seen.append(unit.pk)
        assert len(set(seen)) == 30
        starts.append(seen[0])
    assert starts[0] != starts[1]


def test_a_closed_round_offers_nothing_and_keeps_what_was_submitted() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=2), reviewer(project, "alice")
    label_next(round_, alice)
    close_round(round_, by=owner_of(project))
    round_.refresh_from_db()
    with pytest.raises(Conflict, match="round is closed"):
        draw_next(round_, alice)
    assert Assignment.objects.filter(round=round_, state="submitted").count() == 1


def test_a_paused_round_takes_no_work_until_it_is_resumed() -> None:
    project = make_project(alice="reviewer")
    round_, alice, carol = make_round(project, units=2), reviewer(project, "alice"), owner_of(project)
    set_paused(round_, True, by=carol)
    with pytest.raises(Conflict, match="round is paused"):
        draw_next(Round.objects.get(pk=round_.pk), alice)
    set_paused(round_, False, by=carol)
    assert draw_next(Round.objects.get(pk=round_.pk), alice) is not None


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"overlap": 0}, "invalid_overlap"),
        ({"overlap": 61}, "invalid_overlap"),
        ({"unit_kind": "segment"}, "unknown_unit_kind"),
        ({"order": "best"}, "unknown_order"),
        ({"questions": ["no_such"]}, "unknown_question"),
        ({"selection": {"reviewer": 1}}, "invalid_selection"),
        ({"selection": {"limit": -1}}, "invalid_selection"),
        ({"selection": {"articles": "all"}}, "invalid_selection"),
    ],
)
def test_plans_that_are_refused(plan: dict[str, object], code: str) -> None:
    project = make_project()
    with pytest.raises(Refused) as refused:
        make_round(project, **plan)
    assert refused.value.code == code
    assert not Round.objects.exists()


def test_reviewers_open_no_rounds() -> None:
    project = make_project(alice="reviewer")
    book = make_codebook(project)
    with pytest.raises(NotPermitted):
        create_round(project, name="r", codebook_version=book, by=member(project, "alice"))


def test_a_round_opens_once() -> None:
    project = make_project()
    round_ = make_round(project, units=1)
    with pytest.raises(Conflict):
        open_round(round_, by=owner_of(project))


def test_dropped_claims_are_not_drawn_into_a_round() -> None:
    project = make_project()
    dropped, *_ = make_claims(project, 3)
    type(dropped).objects.filter(pk=dropped.pk).update(state="dropped")
    assert make_round(project).round_units.count() == 2


def test_labels_of_the_factory_go_to_the_unit_that_is_next() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=1), reviewer(project, "alice")
    unit = round_.round_units.get().unit
    assert label(round_, unit, alice) == 1
