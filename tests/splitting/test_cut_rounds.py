"""Rounds in which articles are cut into claims: given to several, each alone, compared when all are done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from claims.assignment.actions import close_round, create_round, draw_next, set_paused
from claims.assignment.amendments import amend_round
from claims.errors import Conflict, NotPermitted, Refused
from claims.labelling.actions import submit_label
from claims.models import Article, Assignment, AuditEvent, Project, Round, RoundReviewer, TextVersion
from claims.splitting.cut_rounds import round_cuts
from claims.splitting.freezing import add_to_cut, compare_cuts, fill_with_cut, hand_in_cut, own_cut
from tests.api.caller import Caller
from tests.factories import make_article, make_codebook, make_project, make_round, member, owner_of, reviewer

pytestmark = pytest.mark.django_db
TEXTS = (
    "Bridge\n\nInspectors found 14 bolts. The bridge carries 9,000 cars a day. It was built in 1931.",
    "Harbour\n\nThe ferry sank on Monday. Two people died. Nobody knows why it sank so fast.",
)


@pytest.fixture
def project() -> Project:
    row = make_project(alice="reviewer", bob="reviewer", dora="curator")
    for text in TEXTS:
        make_article(row, text, state="split")
    return row


@pytest.fixture
def round_(project: Project) -> Round:
    return make_round(project, purpose="splitting", unit_kind="article", overlap=2)


def cut(article: Article, who: str, *words: str) -> None:
    text, by = article.text_versions.get().text, member(article.project, who)
    for quote in words:
        at = text.index(quote)
        add_to_cut(article, pieces=[(at, at + len(quote))], by=by)
    hand_in_cut(article, by=by)


def cut_all(round_: Round, who: str, **words: tuple[str, ...]) -> None:
    for _ in range(2):
        place = draw_next(round_, reviewer(round_.project, who))
        assert place is not None
        assert place.unit.article is not None
        cut(place.unit.article, who, *words[place.unit.article.headline.lower()])


BRIDGE = ("Inspectors found 14 bolts", "The bridge carries 9,000 cars a day", "It was built in 1931")
HARBOUR = ("The ferry sank on Monday", "Two people died")


def test_two_people_cut_two_articles_and_are_compared_when_all_are_done(project: Project, round_: Round) -> None:
    dora = member(project, "dora")
    cut_all(round_, "alice", bridge=BRIDGE, harbour=HARBOUR)
    awaited = round_cuts(round_, by=dora)
    assert (awaited.is_awaited, awaited.n_given, awaited.n_asked, awaited.figures) == (True, 2, 4, ())
    assert compare_cuts(Article.objects.earliest("pk"), by=dora).is_awaited
    cut_all(round_, "bob", bridge=BRIDGE[:2], harbour=("The ferry sank", "Two people died"))
    found = round_cuts(round_, by=dora)
    figures = {figure.name: figure for figure in found.figures}
    assert figures["f1_exact"].value == pytest.approx(2 * 3 / 9)
    assert figures["f1_loose"].value == pytest.approx(2 * 4 / 9)
    assert figures["alpha_u"].value is not None
    assert [(one, other) for one, other, _ in found.pairs] == [(1, 2)]
    assert (found.n_people, found.n_sentences, found.n_uneven) == (2, 5, 2)
    assert [one.sentence for one in found.uneven] == ["It was built in 1931.", "The ferry sank on Monday."]
    assert found.uneven[0].cuts == ((1, ("It was built in 1931",)), (2, ()))
    assert set(Assignment.objects.filter(round=round_).values_list("state", flat=True)) == {"submitted"}
    assert set(RoundReviewer.objects.filter(round=round_).values_list("done", flat=True)) == {2}
    assert draw_next(round_, reviewer(project, "alice")) is None


def test_nobody_below_a_curator_sees_a_comparison_and_a_text_that_changed_is_left_out(
    project: Project, round_: Round
) -> None:
    for who in ("alice", "bob"):
        cut_all(round_, who, bridge=BRIDGE, harbour=HARBOUR)
    with pytest.raises(NotPermitted):
        round_cuts(round_, by=member(project, "alice"))
    article = Article.objects.earliest("pk")
    old = article.text_versions.get()
    TextVersion.objects.create(
        article=article, n=2, text=old.text + " More.", sha256="0" * 64, length=old.length + 6, recipe="test"
    )
    found = round_cuts(round_, by=member(project, "dora"))
    assert found.changed == (article,)
    assert {figure.n_articles for figure in found.figures} == {1}


def test_a_round_that_is_closed_early_compares_what_there_is(project: Project, round_: Round) -> None:
    cut_all(round_, "alice", bridge=BRIDGE, harbour=HARBOUR)
    draw_next(round_, reviewer(project, "bob"))
    close_round(round_, by=owner_of(project))
    round_.refresh_from_db()
    found = round_cuts(round_, by=owner_of(project))
    assert (found.is_awaited, found.n_given, found.figures, found.pairs) == (False, 2, (), ())


def test_a_place_is_filled_by_a_cut_from_before_and_never_in_a_paused_round(project: Project, round_: Round) -> None:
    article = Article.objects.earliest("pk")
    cut(article, "alice", *BRIDGE)
    alice, by = reviewer(project, "alice"), owner_of(project)
    place = draw_next(round_, alice)
    assert place is not None
    assert place.unit.article == article
    assert fill_with_cut(place, by=member(project, "alice"))
    with pytest.raises(Conflict, match="handed this cut in"):
        hand_in_cut(article, by=member(project, "alice"))
    second = draw_next(round_, alice)
    assert second is not None
    assert not fill_with_cut(second, by=member(project, "alice"))
    set_paused(round_, True, by=by)
    with pytest.raises(Conflict) as refused:
        cut(Article.objects.latest("pk"), "alice", *HARBOUR)
    assert refused.value.code == "round_not_open"
    assert own_cut(Article.objects.latest("pk"), by=member(project, "alice")).ended_at is None


def test_who_was_slow_fills_a_place_that_is_still_free(project: Project, round_: Round) -> None:
    place = draw_next(round_, reviewer(project, "alice"))
    assert place is not None
    Assignment.objects.filter(pk=place.pk).update(state="expired", expires_at=None)
    Assignment.objects.create(round=round_, unit=place.unit, slot=place.slot, position=place.position)
    assert place.unit.article is not None
    cut(place.unit.article, "alice", *BRIDGE)
    places = Assignment.objects.filter(round=round_, unit=place.unit).order_by("id")
    assert sorted(places.values_list("state", flat=True)) == ["expired", "open", "submitted"]


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"unit_kind": "claim_occurrence"}, "splitting_takes_articles"),
        ({"questions": ["stance"]}, "splitting_takes_articles"),
        ({"overlap": 1}, "invalid_overlap"),
        ({"grows_to": 4}, "not_in_splitting"),
        ({"has_second_vote": True}, "not_in_splitting"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(project: Project, plan: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = {"purpose": "splitting", "unit_kind": "article", "overlap": 2} | plan
    with pytest.raises(Refused) as refused:
        create_round(project, name="x", codebook_version=make_codebook(project), by=owner_of(project), **given)
    assert refused.value.code == code


def test_a_draft_of_claims_does_not_turn_into_one_of_cutting(project: Project) -> None:
    draft = create_round(project, name="x", codebook_version=make_codebook(project), by=owner_of(project))
    with pytest.raises(Refused) as refused:
        amend_round(draft, changes={"purpose": "splitting"}, expected=1, by=owner_of(project))
    assert refused.value.code == "splitting_takes_articles"


def test_answers_are_not_taken(project: Project, round_: Round) -> None:
    alice = reviewer(project, "alice")
    place = draw_next(round_, alice)
    assert place is not None
    with pytest.raises(Refused) as refused:
        submit_label(
            round_,
            place.unit,
            alice,
            answers={},
            idempotency_key="key-12345",
            codebook_version_id=round_.codebook_version_id,
        )
    assert refused.value.code == "cut_instead"


def test_it_works_by_page(project: Project, round_: Round) -> None:
    page, root = Client(), f"/p/{project.slug}"
    page.force_login(member(project, "alice"))
    assert page.get(f"{root}/rounds/{round_.pk}/cuts/").status_code == 403
    for _ in range(2):
        to = page.post(f"{root}/rounds/{round_.pk}/label/").headers["Location"]
        assert "/cut/" in to
        place = Assignment.objects.get(round=round_, state="reserved")
        assert page.get(f"{root}/rounds/{round_.pk}/label/{place.unit_id}/").headers["Location"] == to
        assert round_.name in page.get(to).content.decode()
        page.post(f"{to}add/", {"words": "on Monday" if "Harbour" in page.get(to).content.decode() else "14 bolts"})
        assert page.post(f"{to}hand-in/").headers["Location"] == f"{root}/rounds/{round_.pk}/"
    assert page.post(f"{root}/rounds/{round_.pk}/label/").headers["Location"] == f"{root}/rounds/{round_.pk}/"
    cut_all(round_, "bob", bridge=BRIDGE, harbour=HARBOUR)
    page.force_login(member(project, "dora"))
    shown = page.get(f"{root}/rounds/{round_.pk}/cuts/").content.decode()
    assert "Boundary similarity" in shown
    assert "Inspectors found 14 bolts" in shown
    assert "alice" not in shown
    assert page.post(f"{root}/rounds/{round_.pk}/cuts/lock/").status_code == 303
    assert not Article.objects.filter(project=project, claims_locked_at=None).exists()
    assert AuditEvent.objects.filter(verb="lock_claims").exists()


def test_the_api_gives_the_same_figures(project: Project, round_: Round) -> None:
    dora = Caller(member(project, "dora"))
    assert dora.get(f"rounds/{round_.pk}/cuts/").json()["is_awaited"]
    for who in ("alice", "bob"):
        cut_all(round_, who, bridge=BRIDGE, harbour=HARBOUR)
    found = dora.get(f"rounds/{round_.pk}/cuts/").json()
    assert [(one["name"], one["value"]) for one in found["figures"]] == [
        ("f1_exact", 1.0),
        ("f1_loose", 1.0),
        ("boundary", 1.0),
        ("alpha_u", 1.0),
    ]
    assert found["pairs"][0]["people"] == [1, 2]
    assert found["figures"][0]["interval_reason"] == "no_disagreement"
    assert Caller(member(project, "alice")).get(f"rounds/{round_.pk}/cuts/").status_code == 403
    other = make_round(project, units=1)
    assert dora.get(f"rounds/{other.pk}/cuts/").status_code == 404
