"""CO-01 at size: fifty connections draw from one round at once, and its overlap is changed under them."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import connection

from claims import jobs
from claims.assignment.actions import draw_next
from claims.assignment.overlap import change_overlap
from claims.models import Assignment, Job, Label, LabelChain, Reviewer, Round, RoundUnit
from claims.models.round import ACTIVE
from claims.tasks import HANDLERS, do
from tests.factories import label_next, make_codebook, make_project, make_round, owner_of, run_jobs
from tests.racing import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PEOPLE, UNITS, OVERLAP = 50, 1_000, 3


def reviewers(round_: Round, n: int) -> list[Reviewer]:
    people = [Reviewer.objects.create(project=round_.project, name=f"Racer {i}") for i in range(n)]
    LabelChain.objects.bulk_create(LabelChain(reviewer=who) for who in people)
    return people


def test_fifty_connections_end_with_exactly_three_thousand_assignments() -> None:
    round_ = make_round(make_project(), units=UNITS, overlap=OVERLAP)
    drawn = Counter[int]()

    def work(who: Reviewer) -> None:
        while held := draw_next(round_, who):
            Assignment.objects.filter(pk=held.pk).update(state="submitted", expires_at=None)
            drawn[who.pk] += 1

    all_at_once(work, reviewers(round_, PEOPLE))
    rows = list(Assignment.objects.filter(round=round_).values_list("unit", "reviewer", "state"))
    assert len(rows) == UNITS * OVERLAP == sum(drawn.values())
    assert {state for _, _, state in rows} == {"submitted"}
    assert set(Counter(unit for unit, _, _ in rows).values()) == {OVERLAP}
    assert max(Counter((unit, who) for unit, who, _ in rows).values()) == 1


def test_inv_3_units_that_grow_stay_exact_while_twelve_connections_answer() -> None:
    project = make_project()
    round_ = make_round(project, units=40, overlap=2, grows_to=5, codebook=make_codebook(project, "stance"))
    people = reviewers(round_, 12)
    are_done = threading.Event()

    def work(who: Reviewer) -> None:
        for _ in range(30):
            label_next(round_, who, stance="supports" if who.pk % 3 else "refutes")

    def fold() -> None:
        while not are_done.is_set():
            run_jobs()
            are_done.wait(0.05)

    folding = threading.Thread(target=lambda: (fold(), connection.close()))
    folding.start()
    all_at_once(work, people)
    are_done.set()
    folding.join()
    run_jobs()
    for who in people:  # what was added last is still open
        while label_next(round_, who, stance="supports" if who.pk % 3 else "refutes"):
            run_jobs()
    active = Assignment.objects.filter(round=round_, state__in=ACTIVE)
    assert set(active.values_list("state", flat=True)) == {"submitted"}
    wanted = dict(RoundUnit.objects.filter(round=round_).values_list("unit", "overlap"))
    assert Counter(active.values_list("unit", flat=True)) == Counter(wanted)
    split = set(Label.objects.filter(round=round_, value="refutes").values_list("unit", flat=True)) & set(
        Label.objects.filter(round=round_, value="supports").values_list("unit", flat=True)
    )
    assert split
    assert {unit for unit, n in wanted.items() if n == 5} == split
    assert {n for unit, n in wanted.items() if unit not in split} <= {2}


def test_overlap_stays_exact_while_it_is_raised_and_lowered_under_twenty_connections() -> None:
    round_ = make_round(make_project(), units=200, overlap=2)
    owner = owner_of(round_.project)

    def work(who: Reviewer) -> None:
        for _ in range(25):
            if held := draw_next(round_, who):
                Assignment.objects.filter(pk=held.pk).update(state="submitted", expires_at=None)

    def change() -> None:
        for overlap in (4, 1, 3, 2):
            job = change_overlap(Round.objects.get(pk=round_.pk), overlap, by=owner)
            jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
            assert Job.objects.get(pk=job.pk).state == "succeeded"

    all_at_once(work, reviewers(round_, 20), change)
    active = Assignment.objects.filter(round=round_, state__in=ACTIVE)
    wanted = dict(RoundUnit.objects.filter(round=round_).values_list("unit", "overlap"))
    assert Counter(active.values_list("unit", flat=True)) == Counter(wanted)
    taken = Counter(active.exclude(state="open").values_list("unit", flat=True))
    assert all(n == max(2, taken[unit]) for unit, n in wanted.items())
    assert max(Counter(active.exclude(state="open").values_list("unit", "reviewer")).values()) == 1
