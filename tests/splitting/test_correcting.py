"""Corrections: versions, undo and redo, and what becomes of answers (CO-06, CO-07)."""

from __future__ import annotations

import pytest

from claims.assignment.actions import draw_next
from claims.errors import Conflict, NotPermitted, Refused
from claims.labelling.queries import label_context
from claims.models import (
    Anchor,
    Article,
    Assignment,
    AuditEvent,
    ClaimOccurrence,
    Correction,
    Label,
    LabelEvent,
    Notice,
    OccurrenceVersion,
    PatternCount,
    PendingFold,
    ReopenedUnit,
    Round,
    UnitPattern,
    User,
)
from claims.splitting.correcting import (
    add_claim,
    change_hops,
    drop_claim,
    locate,
    merge_claims,
    move_boundaries,
    split_claim,
    word_claim,
)
from claims.splitting.undoing import redo, undo
from tests.factories import (
    answers_for,
    label_next,
    make_article,
    make_claim,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
WORDS = "Port closed\n\nA 🚢 ferry sank and\u00a0two people died. The مرفأ harbour was shut. Nobody spoke."
CHECKS = ("entailed", "self_contained", "atomic")


def place(text: str, words: str) -> tuple[int, int]:
    at = text.index(words)
    return at, at + len(words)


@pytest.fixture
def article() -> Article:
    project = make_project(alice="reviewer", bob="reviewer", clio="curator")
    row = make_article(project, WORDS, state="split")
    make_claim(row, "A 🚢 ferry sank and\u00a0two people died.", source="Nobody", cue="spoke")
    make_claim(row, "The مرفأ harbour was shut.")
    return row


@pytest.fixture
def clio(article: Article) -> User:
    return member(article.project, "clio")


def first(article: Article) -> ClaimOccurrence:
    return ClaimOccurrence.objects.filter(article=article).order_by("position", "pk")[0]


def newest(row: ClaimOccurrence) -> OccurrenceVersion:
    return OccurrenceVersion.objects.filter(occurrence=row).order_by("-n")[0]


def standing(article: Article) -> list[str]:
    rows = ClaimOccurrence.objects.filter(article=article).standing().order_by("position", "pk")
    return [newest(row).verbatim for row in rows]


def test_a_split_keeps_every_character_and_both_have_the_chain(article: Article, clio: User) -> None:
    one, two = split_claim(article, first(article).pk, at=WORDS.index("and"), expected=1, by=clio)
    assert standing(article)[:2] == ["A 🚢 ferry sank", "and\u00a0two people died."]
    assert [newest(row).hops.count() for row in (one, two)] == [1, 1]
    for anchor in Anchor.objects.filter(occurrence_version__occurrence__article=article):
        assert anchor.text_version.text[anchor.start : anchor.end] == anchor.exact


def test_every_step_is_undone_and_done_again(article: Article, clio: User) -> None:
    row = first(article)
    seen = [standing(article)]
    hop = {"source_text": "Nobody", "cue_text": "spoke", "mode": "indirect", "act": "denial"}

    def now() -> int:
        row.refresh_from_db()
        return row.version

    steps = (
        lambda: add_claim(article, pieces=[place(WORDS, "Nobody spoke.")], by=clio),
        lambda: split_claim(article, row.pk, at=WORDS.index("and"), expected=now(), by=clio),
        lambda: move_boundaries(article, row.pk, pieces=[place(WORDS, "ferry sank")], expected=now(), by=clio),
        lambda: move_boundaries(
            article, row.pk, pieces=[place(WORDS, "ferry sank"), place(WORDS, "Nobody")], expected=now(), by=clio
        ),
        lambda: change_hops(article, row.pk, hops=[hop, hop], expected=now(), by=clio),
        lambda: word_claim(article, row.pk, wording="A ferry sank.", checks=CHECKS, expected=now(), by=clio),
        lambda: merge_claims(
            article,
            [(r.pk, r.version) for r in ClaimOccurrence.objects.filter(article=article).standing()],
            by=clio,
        ),
        lambda: drop_claim(article, row.pk, reason="duplicate", note="see above", expected=now(), by=clio),
    )
    for step in steps:
        step()
        seen.append(standing(article))
    for wanted in reversed(seen[:-1]):
        undo(article, by=clio)
        assert standing(article) == wanted
    with pytest.raises(Conflict, match="nothing to undo"):
        undo(article, by=clio)
    for wanted in seen[1:]:
        redo(article, by=clio)
        assert standing(article) == wanted
    assert Correction.objects.filter(article=article, state="done").count() == len(steps)
    assert AuditEvent.objects.filter(subject_type="article", subject_id=article.pk).count() == 3 * len(steps)


def test_a_new_step_ends_what_could_be_redone(article: Article, clio: User) -> None:
    add_claim(article, pieces=[place(WORDS, "Nobody spoke.")], by=clio)
    undo(article, by=clio)
    drop_claim(article, first(article).pk, reason="other", expected=1, by=clio)
    with pytest.raises(Conflict, match="nothing to redo"):
        redo(article, by=clio)


def test_co_03_the_second_of_two_who_saw_one_version_is_told_what_stands(article: Article, clio: User) -> None:
    row = first(article)
    move_boundaries(article, row.pk, pieces=[place(WORDS, "ferry sank")], expected=1, by=clio)
    with pytest.raises(Conflict) as refused:
        drop_claim(article, row.pk, reason="other", expected=1, by=owner_of(article.project))
    assert refused.value.code == "stale_version"
    assert refused.value.current is not None
    assert (refused.value.current["verbatim"], refused.value.current["version"]) == ("ferry sank", 2)


@pytest.mark.parametrize(
    ("pieces", "code"),
    [
        ([], "invalid_pieces"),
        ([(0, 999)], "span_outside"),
        ([(5, 5)], "span_outside"),
        ([(-1, 4)], "span_outside"),
        ([(11, 13)], "span_is_empty"),
        ([(0, 5), (3, 8)], "pieces_overlap"),
    ],
)
def test_places_that_are_none_are_refused(
    article: Article, clio: User, pieces: list[tuple[int, int]], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        add_claim(article, pieces=pieces, by=clio)
    assert refused.value.code == code
    assert not Correction.objects.exists()


def test_a_wording_needs_its_three_checks(article: Article, clio: User) -> None:
    with pytest.raises(Refused) as refused:
        word_claim(article, first(article).pk, wording="It sank.", checks=["entailed"], expected=1, by=clio)
    assert [problem.field for problem in refused.value.problems] == ["check_self_contained", "check_atomic"]


def test_reviewers_do_not_correct(article: Article) -> None:
    with pytest.raises(NotPermitted):
        add_claim(article, pieces=[(0, 4)], by=member(article.project, "alice"))


def labelled(article: Article) -> Round:
    """Alice and Bob have answered about the first claim; Alice holds the second."""
    round_ = make_round(article.project)
    for name in ("alice", "bob"):
        label_next(round_, reviewer(article.project, name), stance="supports")
    assert draw_next(round_, reviewer(article.project, "alice")) is not None
    run_jobs()
    return round_


def counted(round_: Round) -> int:
    run_jobs()
    assert not PendingFold.objects.exists()
    return sum(
        PatternCount.objects.filter(round=round_, question="stance", stratum="all", article=None).values_list(
            "n_units", flat=True
        )
    )


def test_answers_stay_while_the_words_stay(article: Article, clio: User) -> None:
    round_ = labelled(article)
    change_hops(article, first(article).pk, hops=[{"source_text": "Nobody"}], expected=1, by=clio)
    assert counted(round_) == 1
    assert not Label.objects.filter(is_void=True).exists()
    assert not ReopenedUnit.objects.exists()


def test_changed_words_are_asked_again_and_come_back_with_undo(article: Article, clio: User) -> None:
    round_ = labelled(article)
    move_boundaries(article, first(article).pk, pieces=[place(WORDS, "ferry sank")], expected=1, by=clio)
    assert counted(round_) == 0
    assert set(ReopenedUnit.objects.values_list("reviewer__user__username", flat=True)) == {
        member(article.project, "alice").username,
        member(article.project, "bob").username,
    }
    again = Assignment.objects.filter(round=round_, state="reserved", reason="claim_changed")
    assert {one.reviewer_id for one in again} == {reviewer(article.project, n).pk for n in ("alice", "bob")}
    assert LabelEvent.objects.filter(kind="voided").count() == 2
    assert {notice.user_id for notice in Notice.objects.filter(kind="reopened")} == {
        member(article.project, name).pk for name in ("alice", "bob")
    }
    held = again.get(reviewer=reviewer(article.project, "alice"))
    context = label_context(round_, held.unit_id, held.reviewer)
    assert (context.claim, context.words_before) == ("ferry sank", "A 🚢 ferry sank and\u00a0two people died.")
    undo(article, by=clio)
    assert counted(round_) == 1
    assert not Label.objects.filter(is_void=True).exists()
    newest_events = LabelEvent.objects.order_by("reviewer", "unit", "-seq").distinct("reviewer", "unit")
    assert {event.kind for event in newest_events} == {"revised"}
    assert Assignment.objects.filter(round=round_, state="submitted").count() == 2


def test_co_06_an_open_form_about_changed_words_is_refused_with_what_stands(article: Article, clio: User) -> None:
    from claims.labelling.actions import submit_label

    round_ = labelled(article)
    alice = reviewer(article.project, "alice")
    held = Assignment.objects.get(round=round_, reviewer=alice, state="reserved")
    second = ClaimOccurrence.objects.filter(article=article).latest("pk")
    move_boundaries(article, second.pk, pieces=[place(WORDS, "harbour was shut.")], expected=1, by=clio)
    with pytest.raises(Conflict) as refused:
        submit_label(
            round_,
            held.unit,
            alice,
            answers=answers_for(round_),
            idempotency_key="open-form-1",
            codebook_version_id=round_.codebook_version_id,
        )
    assert refused.value.code == "claim_changed"
    assert refused.value.current == {"state": "proposed", "version": 2, "claim": "harbour was shut."}
    assert label_next(round_, alice, stance="supports") is not None
    assert counted(round_) == 2
    assert Label.objects.filter(unit=held.unit).count() == 0


def test_co_07_split_and_merge_under_answers_leave_no_orphan_and_count_once(article: Article, clio: User) -> None:
    round_ = labelled(article)
    row = first(article)
    split_claim(article, row.pk, at=WORDS.index("and"), expected=1, by=clio)
    assert counted(round_) == 0
    units = Assignment.objects.filter(round=round_, state__in=("open", "reserved", "submitted"))
    asked = {one.unit.occurrence_version.verbatim for one in units if one.unit.occurrence_version}
    assert asked == set(standing(article))
    rows = list(ClaimOccurrence.objects.filter(article=article).standing().order_by("position"))
    merge_claims(article, [(one.pk, one.version) for one in rows[:2]], by=clio)
    assert counted(round_) == 1, "the words are the old ones again, and so are the answers"
    active = Assignment.objects.filter(round=round_, state__in=("open", "reserved", "submitted"))
    assert {one.unit.occurrence_version.verbatim for one in active if one.unit.occurrence_version} == set(
        standing(article)
    )
    assert UnitPattern.objects.filter(round=round_, question="stance").count() == 1


def test_a_dropped_claim_is_asked_of_nobody(article: Article, clio: User) -> None:
    round_ = labelled(article)
    drop_claim(article, first(article).pk, reason="not_a_claim", expected=1, by=clio)
    assert counted(round_) == 0
    assert not ReopenedUnit.objects.exclude(unit=None).exists()
    redo_words = standing(article)
    undo(article, by=clio)
    assert counted(round_) == 1
    redo(article, by=clio)
    assert (standing(article), counted(round_)) == (redo_words, 0)


def test_the_nearest_place_of_words_is_found() -> None:
    text = "aa bb aa bb aa"
    assert [locate(text, "aa", near) for near in (0, 5, 14)] == [(0, 2), (6, 8), (12, 14)]
    assert locate(text, "zz", 3) is None
