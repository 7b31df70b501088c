"""A newer splitter on an old article: shown, accepted in part or whole, never silently over people's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.errors import Conflict
from claims.models import Article, ClaimOccurrence, Label, OccurrenceVersion
from claims.splitting import splitters
from claims.splitting.actions import split_article
from claims.splitting.correcting import drop_claim, move_boundaries, word_claim
from claims.splitting.resplitting import accept_resplit, overlap, pair_up, propose_resplit
from claims.splitting.splitters import Block, SplitClaim
from claims.splitting.undoing import undo
from tests.factories import label_next, make_article, make_project, make_round, owner_of, reviewer, run_jobs

TEXT = "Ferry report\n\nOne ferry sank on Monday. Two people died there. The port was shut. Nobody spoke of it."
pytestmark = pytest.mark.django_db


def cut(*quotes: str) -> splitters.Splitter:
    def split(text: str, language: str, blocks: Sequence[Block]) -> list[SplitClaim]:
        spans = [(text.index(quote), text.index(quote) + len(quote)) for quote in quotes]
        return [SplitClaim((s,), s, "body", "author_voice", (), ("event",), (), 0.5, ("r",)) for s in spans]

    return split


OLD = cut("One ferry sank on Monday.", "Two people died there.", "The port was shut.")
NEW = cut("One ferry sank on Monday.", "Two people died", "Nobody spoke of it.")


@pytest.fixture
def article(monkeypatch: pytest.MonkeyPatch) -> Article:
    row = make_article(make_project(alice="reviewer", bob="reviewer"), TEXT)
    monkeypatch.setitem(splitters.SPLITTERS, "old", OLD)
    monkeypatch.setitem(splitters.SPLITTERS, "new", NEW)
    split_article(row, splitter="old")
    return row


def standing(article: Article) -> list[str]:
    rows = ClaimOccurrence.objects.filter(article=article).standing().order_by("position", "pk")
    return [OccurrenceVersion.objects.filter(occurrence=row).order_by("-n")[0].verbatim for row in rows]


def test_the_proposal_names_kept_changed_added_gone_and_writes_nothing(article: Article) -> None:
    before = OccurrenceVersion.objects.count()
    proposal = propose_resplit(article, splitter="new", by=owner_of(article.project))
    assert proposal.counts == {"kept": 1, "changed": 1, "added": 1, "gone": 1}
    changed = next(one for one in proposal.differences if one.kind == "changed")
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before.verbatim, changed.after.verbatim) == ("Two people died there.", "Two people died")
    assert OccurrenceVersion.objects.count() == before


def test_all_of_it_is_one_step_and_undone_as_one(article: Article) -> None:
    by = owner_of(article.project)
    old = standing(article)
    accept_resplit(article, splitter="new", by=by)
    assert standing(article) == ["One ferry sank on Monday.", "Two people died", "Nobody spoke of it."]
    assert propose_resplit(article, splitter="new", by=by).counts == {"kept": 3, "changed": 0, "added": 0, "gone": 0}
    undo(article, by=by)
    assert standing(article) == old


def test_a_part_is_accepted_and_a_stale_part_is_refused(article: Article) -> None:
    by = owner_of(article.project)
    proposal = propose_resplit(article, splitter="new", by=by)
    keys = [one.key for one in proposal.changes if one.kind == "added"]
    accept_resplit(article, keys=keys, splitter="new", by=by)
    assert len(standing(article)) == 4
    gone = next(one for one in proposal.changes if one.kind == "gone")
    assert gone.occurrence is not None
    at = TEXT.index("port")
    move_boundaries(article, gone.occurrence, pieces=[(at, at + 12)], expected=1, by=by)
    with pytest.raises(Conflict) as refused:
        accept_resplit(article, keys=[gone.key], splitter="new", by=by)
    assert refused.value.code == "stale_proposal"
    assert refused.value.current == {"missing": [gone.key]}


def test_answers_and_people_are_never_silently_overruled(article: Article) -> None:
    by = owner_of(article.project)
    round_ = make_round(article.project)
    alice = reviewer(article.project, "alice")
    for _ in range(2):
        label_next(round_, alice)
    run_jobs()
    third = ClaimOccurrence.objects.filter(article=article).latest("pk")
    word_claim(
        article,
        third.pk,
        wording="The port was shut.",
        checks=("entailed", "self_contained", "atomic"),
        expected=1,
        by=by,
    )
    proposal = propose_resplit(article, splitter="new", by=by)
    assert {one.kind: one.is_safe for one in proposal.changes} == {"changed": False, "gone": False, "added": True}
    accept_resplit(article, splitter="new", by=by)
    assert standing(article) == [
        "One ferry sank on Monday.",
        "Two people died there.",
        "The port was shut.",
        "Nobody spoke of it.",
    ]
    assert not Label.objects.filter(is_void=True).exists()
    changed = next(one for one in proposal.changes if one.kind == "changed")
    assert changed.n_answers == 1
    accept_resplit(article, keys=[changed.key], splitter="new", by=by)
    assert "Two people died" in standing(article)
    assert Label.objects.filter(is_void=True).exists()


def test_what_a_person_dropped_does_not_come_back_by_itself(article: Article) -> None:
    by = owner_of(article.project)
    first = ClaimOccurrence.objects.filter(article=article).earliest("pk")
    drop_claim(article, first.pk, reason="not_a_claim", expected=1, by=by)
    accept_resplit(article, splitter="new", by=by)
    assert "One ferry sank on Monday." not in standing(article)


def test_a_hop_that_is_read_otherwise_is_a_change_that_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Report\n\n« Le pont est mort, dit Tove Lind. Rien n’y vit. » Elle partit.\n"
    row = make_article(make_project(), text)
    now = splitters.SPLITTERS["rules"]

    def before(text: str, language: str, blocks: Sequence[Block]) -> list[SplitClaim]:
        """As the version before read it: the later sentences of a quotation were no quotation."""
        found = now(text, "fr", blocks)
        return [
            one
            if not one.hops or "Le pont" in text[slice(*one.pieces[0])]
            else replace(one, hops=tuple(replace(hop, mode="indirect") for hop in one.hops))
            for one in found
        ]

    monkeypatch.setitem(splitters.SPLITTERS, "old", before)
    monkeypatch.setitem(splitters.SPLITTERS, "new", lambda text, _, blocks: now(text, "fr", blocks))
    split_article(row, splitter="old")
    [changed] = propose_resplit(row, splitter="new", by=owner_of(row.project)).changes
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before.hops[0].mode, changed.after.hops[0].mode) == ("indirect", "direct_quote")
    assert changed.is_safe
    accept_resplit(row, splitter="new", by=owner_of(row.project))
    assert not propose_resplit(row, splitter="new", by=owner_of(row.project)).changes


spans = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 300)).map(lambda s: [(s[0], s[0] + s[1])]), max_size=12)


@given(spans, spans)
def test_every_claim_has_at_most_one_partner_and_equals_meet(
    one: list[list[tuple[int, int]]], other: list[list[tuple[int, int]]]
) -> None:
    pairs = pair_up(one, other)
    assert len({n for n, _ in pairs}) == len({m for _, m in pairs}) == len(pairs)
    assert all(overlap(one[n], other[m]) >= 0.5 for n, m in pairs)
    assert pair_up(one, one) == [(n, dict(pair_up(one, one))[n]) for n in range(len(one))]
