"""Orders beside fixed and random (tests/assignment/test_draw.py), and what each promises while several people draw."""

from __future__ import annotations

from collections import defaultdict

import pytest

from claims.assignment.actions import create_round, draw_next, give_back_expired
from claims.errors import Refused
from claims.models import Assignment, OccurrenceVersion, Reviewer, Round
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_claims,
    make_codebook,
    make_project,
    make_round,
    owner_of,
    reviewer,
    run_jobs,
)
from tests.racing import all_at_once

pytestmark = pytest.mark.django_db
SCORES = (0.2, 0.9, 0.4, 0.9, 0.7)


def positions(round_: Round, who: Reviewer, n: int, **answers: str) -> list[int]:
    """Where the next n units that `who` labels stand in the round."""
    found = []
    for _ in range(n):
        unit = label_next(round_, who, **answers)
        assert unit is not None
        found.append(round_.round_units.get(unit=unit).position)
    return found


def test_the_most_worth_checking_come_first_and_the_order_of_the_text_breaks_ties(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("claims.assignment.opening.CHUNK", 2)
    project = make_project(alice="reviewer")
    lines = [f"Crane number {n} stood still on Friday." for n in range(len(SCORES))]
    article = make_article(project, "Cranes\n\n" + "\n".join(lines))
    for line, score in zip(lines, SCORES, strict=True):
        make_claim(article, line, checkworthiness=score)
    round_ = make_round(project, order="priority", overlap=1)
    drawn = []
    while unit := label_next(round_, reviewer(project, "alice")):
        assert unit.occurrence_version is not None
        drawn.append(unit.occurrence_version.verbatim)
    assert drawn == [lines[n] for n in (1, 3, 4, 2, 0)]
    assert sorted(round_.round_units.values_list("position", flat=True)) == list(range(len(SCORES)))


def test_priority_is_for_claims() -> None:
    project = make_project()
    book = make_codebook(project, "full")
    with pytest.raises(Refused) as refusal:
        create_round(
            project, name="r", codebook_version=book, by=owner_of(project), unit_kind="article", order="priority"
        )
    assert refusal.value.code == "order_needs_claims"


def test_every_unit_gets_a_first_label_before_any_gets_a_second() -> None:
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    round_ = make_round(project, units=6, overlap=2, order="least_labelled")
    alice, bob, dora = (reviewer(project, name) for name in ("alice", "bob", "dora"))
    assert positions(round_, alice, 2) == [0, 1]
    assert positions(round_, bob, 3) == [2, 3, 4]
    assert positions(round_, dora, 1) == [5]
    assert positions(round_, dora, 2) == [0, 1]
    held = draw_next(round_, alice)
    assert held is not None
    Assignment.objects.filter(pk=held.pk).update(expires_at="2020-01-01T00:00Z")
    give_back_expired()
    everybody = [who for who in (alice, bob, dora) for _ in iter(lambda who=who: label_next(round_, who), None)]
    assert len(everybody) == 12 - 8
    assert not Assignment.objects.filter(round=round_, state="open").exists()


def test_units_in_doubt_come_first() -> None:
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    book = make_codebook(project, "stance")
    round_ = make_round(project, units=5, overlap=3, order="disagreement", codebook=book)
    alice, bob, dora = (reviewer(project, name) for name in ("alice", "bob", "dora"))
    assert positions(round_, alice, 4, stance="supports") == [0, 1, 2, 3]
    assert positions(round_, bob, 2, stance="supports") == [0, 1]
    assert positions(round_, bob, 1, stance="refutes") == [2]
    run_jobs()
    assert positions(round_, dora, 2, stance="supports") == [2, 0]


def make_articles(n: int, claims: int) -> Round:
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    for _ in range(n):
        make_claims(project, claims)
    return make_round(project, order="article", overlap=2)


def test_an_article_is_labelled_as_a_whole_and_what_is_left_behind_is_finished_by_others() -> None:
    round_ = make_articles(3, 2)
    alice, bob, dora = (reviewer(round_.project, name) for name in ("alice", "bob", "dora"))
    assert positions(round_, alice, 1) == [0]
    assert positions(round_, bob, 1) == [0]
    assert positions(round_, dora, 1) == [2]  # both places of the first article are taken
    assert positions(round_, alice, 2) == [1, 2]
    assert positions(round_, dora, 2) == [3, 4]
    assert positions(round_, dora, 2) == [5, 1]  # nothing whole is left for her, so she finishes what Bob left
    while label_next(round_, alice) or label_next(round_, bob):
        pass
    assert not Assignment.objects.filter(round=round_, state="open").exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twelve_connections_divide_articles_and_never_a_place_of_one() -> None:
    project = make_project()
    for _ in range(24):
        make_claims(project, 5)
    round_ = make_round(project, order="article", overlap=2)
    people = [Reviewer.objects.create(project=project, name=f"Reader {n}") for n in range(12)]

    def work(who: Reviewer) -> None:
        for _ in range(20):  # four articles each: 12 x 20 is all there is
            held = draw_next(round_, who)
            assert held is not None
            Assignment.objects.filter(pk=held.pk).update(state="submitted", expires_at=None)

    all_at_once(work, people)
    owners = defaultdict(set)
    for article, slot, who in Assignment.objects.filter(round=round_).values_list("unit__article", "slot", "reviewer"):
        owners[article, slot].add(who)
    assert len(owners) == 48
    assert {len(who) for who in owners.values()} == {1}
    assert OccurrenceVersion.objects.count() == 120
