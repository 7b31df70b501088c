"""The pages of an outlet say who it is and what was observed, and who cites it."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from claims.credibility.entities import confirm_outlet, describe_outlet
from claims.models import Article, OutletTally
from tests.factories import make_article, make_claim, make_codebook, make_outlet, make_project, owner_of

pytestmark = pytest.mark.django_db


def test_control_and_ownership_are_shown_with_their_days_and_sources(client: Client) -> None:
    project = make_project()
    outlet, owner = make_outlet(project), owner_of(project)
    for n, (day, control, ownership) in enumerate(
        ((date(2019, 5, 1), "private", "The Orrin family"), (date(2025, 2, 3), "party", "The Lake Party")), start=1
    ):
        describe_outlet(
            outlet,
            expected_n=n,
            name=outlet.name,
            country="DE",
            control=control,
            ownership=ownership,
            as_of=day,
            source=f"https://register.example/{n}",
            by=owner,
        )
    client.force_login(owner)
    page = client.get(f"/p/{project.slug}/outlets/{outlet.pk}/").content.decode()
    for part in ("2019-05-01", "The Orrin family", "2025-02-03", "The Lake Party", "https://register.example/2"):
        assert part in page
    assert page.index("The Lake Party") < page.index("The Orrin family")  # the newest first


def test_months_without_a_verdict_are_shown_too(client: Client) -> None:
    project = make_project()
    outlet, owner = make_outlet(project), owner_of(project)
    confirm_outlet(outlet, by=owner)
    facts = {"measure": "voice", "outcome": "author_voice", "probability": 1.0}
    OutletTally.objects.create(outlet=outlet, n=40, month=date(2026, 1, 1), **facts)
    client.force_login(owner)
    page = client.get(f"/p/{project.slug}/outlets/{outlet.pk}/").content.decode()
    assert "Voice and sources by month" in page
    assert "Verdicts by month" not in page


def test_who_is_cited_most_stands_first(client: Client) -> None:
    project = make_project()
    for n, name in enumerate(("Tidal Post", "Lake Herald")):
        article = make_article(project, f"Tugs {n}\n\nTugs stay.", outlet=make_outlet(project, name), state="split")
        make_claim(article, "Tugs stay.", source="the Harbour Ministry", cue="said")
    client.force_login(owner_of(project))
    answer = client.get(f"/p/{project.slug}/outlets/citations/")
    first = answer.context["nodes"][0]
    assert (first.node.name, first.cited_by, first.claims_in) == ("Harbour Ministry", 2, 2)
    assert "Who is cited, and who cites" in answer.content.decode()


def test_a_target_is_named_on_its_page_and_a_near_one_only_on_purpose(client: Client) -> None:
    project = make_project()
    make_codebook(project, "outlet")
    client.force_login(owner_of(project))
    page = f"/p/{project.slug}/outlets/targets/"
    assert "Nobody is named yet" in client.get(page).content.decode()
    assert client.post(page, {"kind": "government", "name": "Kaldvik"}).status_code == 303
    near = client.post(page, {"kind": "government", "name": "Kaldvyk"})
    assert near.status_code == 409
    assert "It is another one than that" in near.content.decode()
    assert client.post(page, {"kind": "government", "name": "Kaldvyk", "is_another": "yes"}).status_code == 303
    assert client.get(page).content.decode().count("toward_government_") == 2


def test_citations_come_in_pages_and_the_picture_with_the_first(client: Client) -> None:
    project = make_project()
    article = make_article(
        project, "Tugs\n\n" + " ".join(f"Tug {n} stays." for n in range(60)), outlet=make_outlet(project), state="split"
    )
    for n in range(60):
        make_claim(article, f"Tug {n} stays.", source=f"Captain Nr{n}", cue="said")
    client.force_login(owner_of(project))
    address = f"/p/{project.slug}/outlets/citations/"
    first = client.get(address)
    assert (len(first.context["edges"]), first.context["total"]) == (50, 60)
    assert "50 of 60, of most articles first" in first.content.decode()
    rest = client.get(address + first.context["next_query"])
    assert "next_query" not in rest.context
    assert "Citation graph" not in rest.content.decode()
    named = [edge.cited.key for page in (first, rest) for edge in page.context["edges"]]
    assert len(named) == len(set(named)) == 60
    assert client.get(f"{address}?articles=x&claims=1").context["is_first"]
    beyond = client.get(f"{address}?articles=0&claims=0&citing=z&cited=z")
    assert (beyond.status_code, len(beyond.context["edges"])) == (200, 0)


def test_articles_without_an_outlet_are_why_nobody_is_cited(client: Client) -> None:
    project = make_project()
    article = make_article(project, "Tugs\n\nTugs stay.", state="split")
    Article.objects.filter(pk=article.pk).update(outlet=None)
    client.force_login(owner_of(project))
    body = client.get(f"/p/{project.slug}/outlets/citations/").content.decode()
    assert "Of 1 article it is not known" in body


def test_a_name_without_a_space_does_not_widen_the_comparison(client: Client) -> None:
    project = make_project()
    long, other = make_outlet(project, "x" * 200), make_outlet(project, "Lake Herald")
    article = make_article(project, "Tugs\n\nTugs stay.", outlet=long, state="split")
    make_claim(article, "Tugs stay.")
    client.force_login(owner_of(project))
    page = client.get(f"/p/{project.slug}/outlets/compare/?q=Tugs&outlet={long.pk}&outlet={other.pk}").content.decode()
    assert "Claims by outlet" in page
    assert "x" * 61 not in page
