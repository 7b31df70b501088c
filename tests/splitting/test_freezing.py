"""Cut twice, compare, lock; and the flow that the methods section counts."""

from __future__ import annotations

import pytest

from claims.errors import Conflict, NotPermitted, Refused
from claims.models import Article, ClaimOccurrence
from claims.models.flow import flow_of
from claims.splitting.correcting import add_claim, drop_claim
from claims.splitting.freezing import (
    add_to_cut,
    compare_cuts,
    hand_in_cut,
    lock_claims,
    own_cut,
    remove_from_cut,
    unlock_claims,
)
from claims.splitting.undoing import undo
from claims.statistics.spans import apart
from tests.factories import TEXT, make_article, make_claim, make_project, make_round, member, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    row = make_article(make_project(alice="reviewer", bob="reviewer"), state="split")
    make_claim(row, "Inspectors found 14 broken bolts")
    make_claim(row, "The bridge carries 9,000 cars a day.")
    return row


def test_locked_claims_stay_as_they_are_until_they_are_opened_with_a_reason(article: Article) -> None:
    by = owner_of(article.project)
    add_claim(article, pieces=[(0, 7)], by=by)
    assert lock_claims(article.project, by=by) == 1
    assert lock_claims(article.project, by=by) == 0
    for act in (lambda: add_claim(article, pieces=[(0, 7)], by=by), lambda: undo(article, by=by)):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "claims_locked"
    with pytest.raises(Refused, match="why"):
        unlock_claims(article, reason=" ", by=by)
    unlock_claims(article, reason="A claim was missed", by=by)
    undo(article, by=by)


def test_two_people_cut_alone_and_are_compared_afterwards(article: Article) -> None:
    alice, bob, carol = member(article.project, "alice"), member(article.project, "bob"), owner_of(article.project)
    for who, ends in ((alice, (7, 20)), (bob, (7, 22))):
        add_to_cut(article, pieces=[(0, ends[0])], by=who)
        add_to_cut(article, pieces=[(10, ends[1])], by=who)
        add_to_cut(article, pieces=[(40, 50)], by=who)
        remove_from_cut(article, pieces=[(40, 50)], by=who)
        assert compare_cuts(article, by=carol).f1_exact is None
        hand_in_cut(article, by=who)
    assert own_cut(article, by=alice).claims == [[[0, 7]], [[10, 20]]]
    with pytest.raises(Conflict, match="handed this cut in"):
        add_to_cut(article, pieces=[(60, 70)], by=alice)
    with pytest.raises(NotPermitted):
        compare_cuts(article, by=alice)
    found = compare_cuts(article, by=carol)
    assert (found.n_cuts, found.n_claims, found.f1_exact, found.f1_loose) == (2, (2, 2), 0.5, 1.0)
    assert found.alpha_u is not None
    assert 0.9 < found.alpha_u < 1


def test_spans_over_each_other_become_one() -> None:
    assert apart([(5, 9), (0, 6), (9, 12)]) == [(0, 9), (9, 12)]


def test_the_flow_counts_what_came_in_what_was_left_out_and_what_was_drawn(article: Article) -> None:
    from claims.importing.mending import exclude_article

    by = owner_of(article.project)
    second = make_article(article.project, TEXT + " More.", state="split")
    exclude_article(second, reason="Off topic", by=by)
    first = ClaimOccurrence.objects.filter(article=article)[0]
    drop_claim(article, first.pk, reason="duplicate", note="see below", expected=1, by=by)
    round_ = make_round(article.project, seed=7, selection={"limit": 1})
    lock_claims(article.project, by=by)
    flow = flow_of(article.project)
    assert (flow["imported"], flow["split"], flow["locked"], flow["excluded"]) == (2, 1, 1, {"Off topic": 1})
    assert (flow["claims"], flow["dropped"]) == ({"proposed": 1, "dropped": 1, "retracted": 0}, {"duplicate": 1})
    assert flow["rounds"] == [
        {
            "round": round_.pk,
            "name": round_.name,
            "selection": {"limit": 1},
            "seed": 7,
            "candidates": 1,
            "sampled": 1,
        }
    ]
