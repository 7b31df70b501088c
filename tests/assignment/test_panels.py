"""Panels, languages and conflicts of interest: who is offered which place."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.assignment.actions import draw_next
from claims.assignment.interests import add_interest, remove_interest, seen_by
from claims.assignment.overlap import change_overlap
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.labelling.actions import submit_label
from claims.models import Article, Assignment, AuditEvent, Interest, Project, ReviewerTraits, Round
from claims.people.personal_data import delete_own_login, own_data
from claims.people.traits import say_traits
from tests.api.caller import Caller, code
from tests.factories import (
    PASSWORD,
    answers_for,
    label_next,
    make_article,
    make_claim,
    make_claims,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
PANEL = ["left", "centre", "right"]


def stand(project: Project, **leanings: str) -> None:
    for name, leaning in leanings.items():
        say_traits(reviewer(project, name), by=member(project, name), leaning=leaning)


def drawn(round_: Round, name: str) -> Assignment | None:
    return draw_next(round_, reviewer(round_.project, name))


def test_one_left_one_centre_one_right() -> None:
    project = make_project(**dict.fromkeys(("alice", "bob", "dora", "emil"), "reviewer"))
    round_ = make_round(project, units=2, overlap=3, panel=PANEL)
    stand(project, alice="left", bob="left", dora="right")
    first, second, third = (drawn(round_, name) for name in ("alice", "bob", "dora"))
    assert first is not None
    assert second is not None
    assert third is not None
    assert [(row.position, row.slot) for row in (first, second, third)] == [(0, 1), (1, 1), (0, 3)]
    with pytest.raises(Conflict) as conflict:
        drawn(round_, "emil")
    assert conflict.value.code == "leaning_missing"
    change_overlap(round_, 4, by=owner_of(project))  # the fourth place is anybody's
    run_jobs()
    round_.refresh_from_db()
    fourth = drawn(round_, "emil")
    assert fourth is not None
    assert fourth.slot == 4


def test_what_a_camp_gives_back_is_for_that_camp_and_a_late_answer_takes_its_own_seat() -> None:
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    round_ = make_round(project, units=1, overlap=2, panel=["left", "right"])
    stand(project, alice="left", bob="left", dora="right")
    held = drawn(round_, "alice")
    assert held is not None
    Assignment.objects.filter(pk=held.pk).update(expires_at="2020-01-01T00:00Z")
    from claims.assignment.actions import give_back_expired

    give_back_expired()
    assert drawn(round_, "bob")
    with pytest.raises(Conflict) as conflict:  # the place of the right is free, and not Alice's
        submit_label(
            round_,
            held.unit,
            reviewer(project, "alice"),
            answers=answers_for(round_),
            idempotency_key="a-late-answer",
            codebook_version_id=round_.codebook_version_id,
        )
    assert conflict.value.code == "reservation_lost"


def test_units_go_to_those_who_read_the_language() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    make_claims(project, 2)
    make_claims(project, 2)
    Article.objects.filter(pk=Article.objects.earliest("pk").pk).update(language="de-AT")
    round_ = make_round(project, overlap=1, matches_languages=True)
    alice = reviewer(project, "alice")
    with pytest.raises(Conflict, match="read their language"):
        draw_next(round_, alice)
    say_traits(alice, by=member(project, "alice"), languages=["DE-de", "tr"])
    found = list(iter(lambda: label_next(round_, alice), None))
    assert {unit.article.language for unit in found if unit.article} == {"de-AT"}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("plan", "expected"),
    [({"panel": ["left", "up"]}, "unknown_leaning"), ({"panel": PANEL, "overlap": 2}, "panel_too_large")],
)
def test_panels_that_do_not_fit(plan: dict[str, object], expected: str) -> None:
    with pytest.raises(Refused) as refusal:
        make_round(make_project(), units=1, **plan)
    assert refusal.value.code == expected


def outlets_round() -> tuple[Round, dict[str, int]]:
    """Three claims: of the Tidal Post, of the Courier quoting the Harbour Board, of the Courier alone."""
    project = make_project(alice="reviewer", bob="reviewer")
    post, courier = make_outlet(project, "Tidal Post"), make_outlet(project, "Orrin Courier")
    quotes = {"post": "Ferries stood still on Monday.", "board": "Fares will rise.", "courier": "Gulls are back."}
    for name, quote in quotes.items():
        article = make_article(project, f"News {name}\n\n{quote}", outlet=post if name == "post" else courier)
        make_claim(article, quote, source="the Harbour Board" if name == "board" else "")
    return make_round(project, overlap=1), {"post": 0, "board": 1, "courier": 2, "outlet": post.pk}


def test_declared_after_the_draw_the_unit_goes_to_somebody_else_at_once() -> None:
    round_, place = outlets_round()
    project = round_.project
    alice, by = reviewer(project, "alice"), member(project, "alice")
    held = draw_next(round_, alice)
    assert held is not None
    assert held.position == place["post"]
    outlet = held.unit.article.outlet if held.unit.article else None
    add_interest(alice, by=by, outlet=outlet)
    add_interest(alice, by=by, entity="harbour board")
    with pytest.raises(Conflict):
        submit_label(
            round_,
            held.unit,
            alice,
            answers=answers_for(round_),
            idempotency_key="not-any-more",
            codebook_version_id=round_.codebook_version_id,
        )
    positions = []
    while unit := label_next(round_, alice):
        positions.append(round_.round_units.get(unit=unit).position)
    assert positions == [place["courier"]]
    other = drawn(round_, "bob")
    assert other is not None
    assert other.position == place["post"]
    for interest in Interest.objects.all():
        remove_interest(interest, by=by)
    again = draw_next(round_, alice)
    assert again is not None
    assert again.position == place["board"]


def test_a_merged_outlet_is_still_the_one_that_was_meant() -> None:
    round_, place = outlets_round()
    alice, by = reviewer(round_.project, "alice"), member(round_.project, "alice")
    first = Article.objects.select_related("outlet").earliest("pk")
    add_interest(alice, by=by, outlet=first.outlet)
    kept = make_outlet(round_.project, "Tidal Post and Echo")
    type(kept).objects.filter(pk=place["outlet"]).update(merged_into=kept)
    Article.objects.filter(pk=first.pk).update(outlet=kept)
    found = draw_next(round_, alice)
    assert found is not None
    assert found.position == place["board"]


def test_owners_set_a_conflict_by_the_login_and_learn_no_pseudonym_by_it() -> None:
    round_, place = outlets_round()
    project, owner = round_.project, owner_of(round_.project)
    bob, caller = reviewer(project, "bob"), Caller(owner_of(round_.project))
    page, address = Client(), f"/p/{project.slug}/about-me/"
    page.force_login(owner)
    login = member(project, "bob").username
    assert f'<option value="{bob.user_id}">{login}</option>' in page.get(address).content.decode()
    page.post(f"{address}conflicts/", {"user": bob.user_id, "outlet": place["outlet"]})
    made = caller.post(f"projects/{project.slug}/conflicts/", {"user": bob.user_id, "entity": "Fishery Guild"})
    assert (made.status_code, made.json()["user"], made.json()["is_declared"]) == (201, bob.user_id, False)
    assert set(Interest.objects.values_list("reviewer", flat=True)) == {bob.pk}
    seen = page.get(address).content.decode()
    assert login in seen
    assert f">{bob.name}<" not in seen
    assert caller.post(f"projects/{project.slug}/conflicts/", {"user": 10**9, "entity": "Guild"}).status_code == 404
    alice = Caller(member(project, "alice"))
    assert alice.post(f"projects/{project.slug}/conflicts/", {"user": bob.user_id, "entity": "A b"}).status_code == 403


def test_conflicts_are_shown_to_nobody_else() -> None:
    round_, _ = outlets_round()
    project, owner = round_.project, owner_of(round_.project)
    alice, bob = reviewer(project, "alice"), reviewer(project, "bob")
    add_interest(alice, by=member(project, "alice"), entity="Edda Quill")
    add_interest(bob, by=owner, entity="Fishery Guild")
    assert [row.entity for row in seen_by(member(project, "alice"), project)] == ["Edda Quill"]
    assert [row.entity for row in seen_by(member(project, "bob"), project)] == ["Fishery Guild"]
    assert [row.entity for row in seen_by(owner, project)] == ["Fishery Guild"]
    hers = Interest.objects.get(reviewer=alice)
    with pytest.raises(NotFound):
        remove_interest(hers, by=owner)
    assert Caller(owner).send("DELETE", f"conflicts/{hers.pk}/").status_code == 404
    with pytest.raises(NotPermitted):
        add_interest(bob, by=member(project, "alice"), entity="Fishery Guild")
    page = Client()
    page.force_login(owner)
    seen = page.get(f"/p/{project.slug}/about-me/").content.decode()
    assert "Fishery Guild" in seen
    assert "Edda Quill" not in seen
    assert [row.subject_id for row in AuditEvent.objects.filter(verb="add_interest")] == [
        Interest.objects.get(reviewer=bob).pk
    ]


def test_the_api_and_the_page_do_the_same() -> None:
    round_, place = outlets_round()
    project = round_.project
    alice = Caller(member(project, "alice"))
    said = {"leaning": "centre", "languages": ["en"], "region": "Sandmouth", "expertise": ["shipping"]}
    assert alice.put(f"projects/{project.slug}/about-me/", said).json() == said
    assert alice.get(f"projects/{project.slug}/about-me/").json() == said
    made = alice.post(f"projects/{project.slug}/conflicts/", {"outlet": place["outlet"]})
    assert (made.status_code, made.json()["is_declared"]) == (201, True)
    assert code(alice.post(f"projects/{project.slug}/conflicts/", {"entity": "x"})) == "invalid_interest"
    listed = alice.get(f"projects/{project.slug}/conflicts/").json()["results"]
    assert [row["outlet"] for row in listed] == [place["outlet"]]
    page = Client()
    page.force_login(member(project, "alice"))
    root = f"/p/{project.slug}/about-me/"
    assert 'value="Sandmouth"' in page.get(root).content.decode()
    page.post(root, {"leaning": "", "languages": "", "region": "", "expertise": ""})
    assert not ReviewerTraits.objects.exists()
    page.post(f"{root}conflicts/", {"entity": "Edda Quill"})
    page.post(f"{root}conflicts/{made.json()['id']}/remove/")
    assert [row.entity for row in Interest.objects.all()] == ["Edda Quill"]
    assert page.post(root, {"leaning": "upwards"}).status_code == 422


def test_pr_07_what_was_said_goes_along_and_goes_away() -> None:
    project = make_project(alice="reviewer")
    alice = member(project, "alice")
    stand(project, alice="left")
    add_interest(reviewer(project, "alice"), by=alice, entity="Edda Quill")
    kinds = {row["kind"]: row for row in own_data(alice)}
    assert (kinds["about_me"]["leaning"], kinds["conflict_of_interest"]["entity"]) == ("left", "Edda Quill")
    delete_own_login(alice, password=PASSWORD)
    assert not ReviewerTraits.objects.exists()
    assert not Interest.objects.exists()
