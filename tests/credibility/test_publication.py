"""Saying something in public: three reviewers, an interval, the right of reply, two people, and a way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from claims.credibility import publication as acts
from claims.credibility.entities import confirm_outlet, merge_outlets
from claims.credibility.tallies import derive
from claims.errors import Conflict, NotPermitted, Refused
from claims.importing.takedown import take_down_article
from claims.models import Article, AuditEvent, Outlet, Project, Publication, TextVersion
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
)

pytestmark = pytest.mark.django_db
EVIDENCE = [{"url": "https://records.example/1", "quote": "It is so.", "relation": "supports"}]


def judged(reviewers: int = 3, claims: int = 30) -> tuple[Project, Outlet]:
    """An outlet of which enough claims were settled by so many reviewers."""
    from claims.adjudication.actions import settle_by_majority

    names = [f"reviewer{n}" for n in range(reviewers)]
    project = make_project(clio="curator", **dict.fromkeys(names, "reviewer"))
    outlet = make_outlet(project)
    lines = [f"Ferry number {n} arrived late on Monday." for n in range(claims)]
    article = make_article(project, "Ferries\n\n" + "\n".join(lines), outlet=outlet, state="split")
    for line in lines:
        make_claim(article, line)
    round_ = make_round(project, codebook=make_codebook(project, "main"), overlap=max(reviewers, 2))
    for name in names:
        while label_next(round_, reviewer(project, name), stance="supports", verdict="supported", evidence=EVIDENCE):
            pass
    settle_by_majority(round_, by=owner_of(project))
    derive([article.pk])
    confirm_outlet(outlet, by=owner_of(project))
    return project, outlet


@pytest.fixture
def begun() -> tuple[Project, Outlet, Publication]:
    project, outlet = judged()
    return project, outlet, acts.start_publication(outlet, letter="Dear editors", days=14, by=owner_of(project))


def let_time_pass(publication: Publication) -> None:
    Publication.objects.filter(pk=publication.pk).update(reply_until="2020-01-01T00:00:00Z")


def public(outlet: Outlet, version: str = "") -> Any:
    return Client().get(f"/public/{outlet.project.slug}/outlets/{outlet.pk}/{version}")


def publish(project: Project, publication: Publication) -> None:
    let_time_pass(publication)
    acts.approve(publication, by=owner_of(project))
    acts.approve(publication, by=member(project, "clio"))


def test_it_works_after_the_time_to_reply_with_two_people(begun: Any) -> None:
    project, outlet, publication = begun
    assert public(outlet).status_code == 404
    publish(project, publication)
    page = public(outlet)
    assert page.status_code == 200
    body = page.content.decode()
    assert "3 independent reviewers" in body
    assert "did not reply by" in body
    involved = (owner_of(project), member(project, "clio"), member(project, "reviewer0"))
    assert not any(person.username in body for person in involved)
    assert "no-store" in page["Cache-Control"]


def test_pr_04_fewer_than_three_reviewers_say_nothing_in_public() -> None:
    project, outlet = judged(reviewers=2)
    with pytest.raises(Refused) as refused:
        acts.start_publication(outlet, letter="Dear editors", days=14, by=owner_of(project))
    assert refused.value.code == "too_few_reviewers"
    assert public(outlet).status_code == 404


def test_pr_04_the_public_page_shows_n_and_interval(begun: Any) -> None:
    project, outlet, publication = begun
    publish(project, publication)
    supported = next(figure for figure in publication.snapshot["figures"] if figure["outcome"] == "supported")
    assert supported["n"] == 30
    assert 0 < supported["low"] < supported["value"] < supported["high"] <= 1
    body = public(outlet).content.decode()
    assert f"{100 * supported['low']:.0f}\u202f% to {100 * supported['high']:.0f}\u202f%" in body


def test_pr_03_a_takedown_holds_from_the_next_request_on(begun: Any) -> None:
    project, outlet, publication = begun
    publish(project, publication)
    acts.withdraw(publication, reason="A source asked for it.", by=owner_of(project))
    for version in ("", "v1/"):
        page = public(outlet, version)
        assert page.status_code == 410
        assert outlet.name not in page.content.decode()
        assert "A source asked" not in page.content.decode()
    assert AuditEvent.objects.filter(verb="withdraw_publication").count() == 1


def test_nothing_is_approved_while_the_outlet_may_reply(begun: Any) -> None:
    project, _, publication = begun
    with pytest.raises(Conflict) as early:
        acts.approve(publication, by=owner_of(project))
    assert early.value.code == "reply_time_running"


def test_the_page_offers_approval_when_it_can_be_given_and_else_says_when(begun: Any, client: Client) -> None:
    project, outlet, publication = begun
    address = f"/p/{project.slug}/outlets/{outlet.pk}/public/"

    def shown(who: str) -> str:
        client.force_login(member(project, who))
        body: str = client.get(address).content.decode()
        assert ("once the time to reply is over" in body) is (publication.state == "awaiting_reply" and not is_over)
        return body

    is_over = False
    assert ">Approve<" not in shown("clio")
    assert "Dear editors" in shown("clio")  # the letter
    let_time_pass(publication)
    is_over = True
    assert ">Approve<" in shown("clio")
    acts.approve(publication, by=member(project, "clio"))
    publication.refresh_from_db()
    assert "You have approved it." in shown("clio")
    assert ">Approve<" not in shown("clio")
    client.force_login(owner_of(project))
    assert ">Approve<" in client.get(address).content.decode()


def test_a_reply_is_kept_word_for_word_and_has_to_be_answered(begun: Any) -> None:
    project, outlet, publication = begun
    owner = owner_of(project)
    acts.record_reply(publication, reply="We stand by  every word.\n<b>Ed.</b>", disputed="Claim 4", by=owner)
    let_time_pass(publication)
    with pytest.raises(Conflict) as unanswered:
        acts.approve(publication, by=owner)
    assert unanswered.value.code == "reply_unanswered"
    with pytest.raises(Conflict):
        acts.record_reply(publication, reply="Another", disputed="", by=owner)
    acts.respond(publication, response="We checked claim 4 again.", by=owner)
    acts.approve(publication, by=owner)  # the time is over by now
    acts.approve(publication, by=member(project, "clio"))
    body = public(outlet).content.decode()
    assert "We stand by  every word.<br>&lt;b&gt;Ed.&lt;/b&gt;" in body
    assert "We checked claim 4 again." in body


def test_one_person_does_not_approve_twice(begun: Any) -> None:
    project, _, publication = begun
    let_time_pass(publication)
    acts.approve(publication, by=owner_of(project))
    with pytest.raises(Conflict) as alone:
        acts.approve(publication, by=owner_of(project))
    assert alone.value.code == "second_person_needed"


def test_the_database_itself_wants_two_people_and_frozen_figures(begun: Any) -> None:
    project, _, publication = begun
    owner = owner_of(project)
    rows = Publication.objects.filter(pk=publication.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(
            state="published", first_approval_by=owner, second_approval_by=owner, published_at="2026-01-01T00:00Z"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(snapshot={"figures": []})
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_a_correction_is_dated_and_changes_no_figure(begun: Any) -> None:
    project, outlet, publication = begun
    publish(project, publication)
    acts.correct(publication, notice="Claim 7 was counted twice.", by=owner_of(project))
    body = public(outlet).content.decode()
    assert "Claim 7 was counted twice." in body
    publication.refresh_from_db()
    assert len(publication.corrections) == 1


def test_a_later_version_stands_beside_the_first(begun: Any) -> None:
    project, outlet, publication = begun
    publish(project, publication)
    second = acts.start_publication(outlet, letter="Dear editors", days=14, by=owner_of(project))
    assert second.n == 2
    publish(project, second)
    assert "Version 2" in public(outlet).content.decode()
    assert "Version 1" in public(outlet, "v1/").content.decode()
    assert public(outlet, "v3/").status_code == 404


@pytest.mark.parametrize(("letter", "days", "code"), [(" ", 14, "letter_missing"), ("Dear", 2, "invalid_deadline")])
def test_what_is_missing_is_said(letter: str, days: int, code: str) -> None:
    project, outlet = judged()
    with pytest.raises(Refused) as refused:
        acts.start_publication(outlet, letter=letter, days=days, by=owner_of(project))
    assert refused.value.code == code


def test_a_figure_without_interval_is_not_published() -> None:
    project, outlet = judged(claims=5)
    with pytest.raises(Refused) as refused:
        acts.start_publication(outlet, letter="Dear editors", days=14, by=owner_of(project))
    assert refused.value.code == "too_few"


def test_reviewers_may_not(begun: Any) -> None:
    project, _, publication = begun
    with pytest.raises(NotPermitted):
        acts.approve(publication, by=member(project, "reviewer0"))


def test_a_legal_hold_stops_erasure() -> None:
    project = make_project()
    outlet = make_outlet(project)
    article: Article = make_article(project, outlet=outlet)
    text = TextVersion.objects.filter(article=article)
    acts.set_hold(outlet, is_held=True, by=owner_of(project))
    with pytest.raises(IntegrityError), transaction.atomic():
        text.update(text="", erased_at="2026-01-01T00:00Z")
    acts.set_hold(outlet, is_held=False, by=owner_of(project))
    assert text.update(text="", erased_at="2026-01-01T00:00Z") == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM claims_outlet WHERE held_at IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_a_hold_reaches_the_outlets_that_were_merged_into_it() -> None:
    project = make_project()
    kept, merged = make_outlet(project), make_outlet(project, "Lake Herald")
    article: Article = make_article(project, outlet=merged)
    merge_outlets(kept, merged, by=owner_of(project))
    acts.set_hold(kept, is_held=True, by=owner_of(project))
    with pytest.raises(IntegrityError), transaction.atomic():
        TextVersion.objects.filter(article=article).update(text="", erased_at="2026-01-01T00:00Z")


def test_a_takedown_under_hold_says_why_not() -> None:
    """It ended in the database's refusal, which nobody had words for."""
    project = make_project()
    outlet = make_outlet(project)
    article: Article = make_article(project, outlet=outlet)
    acts.set_hold(outlet, is_held=True, by=owner_of(project))
    article.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        take_down_article(article, reason="A court asked for it.", by=owner_of(project))
    assert refused.value.code == "legal_hold"
    article.refresh_from_db()
    assert article.state != "retracted"


def test_one_letter_at_a_time(begun: Any) -> None:
    project, outlet, publication = begun
    with pytest.raises(Conflict) as refused:
        acts.start_publication(outlet, letter="Dear editors, again", days=14, by=owner_of(project))
    assert refused.value.code == "publication_under_way"
    acts.withdraw(publication, reason="Begun twice.", by=owner_of(project))
    assert acts.start_publication(outlet, letter="Dear editors", days=14, by=owner_of(project)).n == 2


def test_a_reply_does_not_cut_the_time_short(begun: Any, client: Client) -> None:
    """Whoever publishes could type one in, answer it and publish on the day of the letter."""
    project, outlet, publication = begun
    owner = owner_of(project)
    acts.record_reply(publication, reply="We are looking into it.", disputed="", by=owner)
    acts.respond(publication, response="So are we.", by=owner)
    with pytest.raises(Conflict) as early:
        acts.approve(publication, by=owner)
    assert early.value.code == "reply_time_running"
    client.force_login(owner)
    body = client.get(f"/p/{project.slug}/outlets/{outlet.pk}/public/").content.decode()
    assert ">Approve<" not in body
    assert "The outlet may reply until" in body
    let_time_pass(publication)
    acts.approve(publication, by=owner)
