"""Which outlets are proposed as one publisher, and which only look like another."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.credibility.entities import merge_outlets
from claims.credibility.lookalikes import look_alike
from claims.credibility.proposals import folded_name, keep_apart, propose_merges
from claims.errors import NotFound, NotPermitted
from claims.hosts import ascii_host
from claims.models import AuditEvent, Outlet, OutletAlias, OutletDomain, Project
from tests.factories import make_outlet, make_project, member, owner_of


def outlet(project: Project, name: str, *domains: str) -> Outlet:
    row = make_outlet(project, name)
    for domain in domains:
        OutletDomain.objects.create(project=project, outlet=row, domain=ascii_host(domain))
    return row


def found(project: Project) -> tuple[list[tuple[int, int, str]], list[tuple[int, int]]]:
    said = propose_merges(project)
    merges = [(pair.kept.pk, pair.other.pk, pair.reason) for pair in said.merges]
    return merges, [(pair.kept.pk, pair.other.pk) for pair in said.warnings]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tidalpost.com", "tida1post.com"),  # a digit
        ("tidalpost.com", "tidaipost.com"),  # an i that is read as l
        ("tidalpost.com", ascii_host("tidаlpost.com")),  # a Cyrillic a
        ("morning-tide.com", "rnorningtide.com"),  # r and n, and no hyphen
        ("tidalpost.com", "tidalpost.com.co"),  # another ending
        ("tidalpost.com", "tidalposts.com"),  # a letter more
        ("tidalpost.com", "tidlapost.com"),  # two letters in turn
        ("tidalpost.com", ascii_host("tidálpost.com")),  # an accent
    ],
)
def test_up_45_look_alikes_are_told(one: str, other: str) -> None:
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("tidalpost.com", "tidalpost.com"), ("bbc.co.uk", "bbcnews.com"), ("tide.com", "tile.com"), ("abc.com", "ard.de")],
)
def test_others_are_not(one: str, other: str) -> None:
    assert not look_alike(one, other)


def test_names_are_folded() -> None:
    said = {folded_name(name) for name in ("The Tidal Post", "Tidal-Post", "tidalpost.com", "Tidal Post (tp.example)")}
    assert said == {"tidalpost"}
    assert folded_name("Tidal Post Sport") != "tidalpost"


@pytest.mark.django_db
def test_it_works() -> None:
    project = make_project()
    stated = outlet(project, "The Tidal Post")
    told_apart = outlet(project, "Tidal Post (harbourmedia.org)", "harbourmedia.org")
    courier, sheet = outlet(project, "Orrin Courier", "orrin-courier.org"), outlet(project, "Evening Sheet")
    OutletAlias.objects.create(project=project, outlet=sheet, name="Orrin Courier")  # as an import found it
    by_domain, named = outlet(project, "sandmouthmail.com", "sandmouthmail.com"), outlet(project, "Sandmouth Mail")
    outlet(make_project(), "Tidal Post")
    merges, warnings = found(project)
    assert merges == [
        (stated.pk, told_apart.pk, "same_name"),
        (by_domain.pk, named.pk, "same_name"),
        (courier.pk, sheet.pk, "same_alias"),
    ]
    assert warnings == []


@pytest.mark.django_db
def test_up_45_a_look_alike_is_a_warning_and_never_a_proposal_whatever_it_calls_itself() -> None:
    project = make_project()
    real = outlet(project, "Tidal Post", "tidalpost.com")
    fake = outlet(project, "Tidal Post (tidаlpost.com)", "tidаlpost.com")
    other_ending = outlet(project, "Tidal Post 2", "tidalpost.com.co")
    merges, warnings = found(project)
    assert merges == []
    assert warnings == [(real.pk, fake.pk), (real.pk, other_ending.pk), (fake.pk, other_ending.pk)]


@pytest.mark.django_db
def test_what_was_merged_or_kept_apart_is_not_shown_again() -> None:
    project = make_project()
    one, other, third = outlet(project, "Tidal Post"), outlet(project, "The Tidal Post"), outlet(project, "Tidal-Post")
    keep_apart(other, one, by=owner_of(project))
    keep_apart(one, other, by=owner_of(project))
    assert found(project)[0] == [(one.pk, third.pk, "same_name"), (other.pk, third.pk, "same_name")]
    merge_outlets(one, third, by=owner_of(project))
    assert found(project)[0] == []
    assert AuditEvent.objects.filter(verb="keep_outlets_apart").count() == 1


@pytest.mark.django_db
def test_only_who_manages_outlets_decides_and_only_in_one_project() -> None:
    project = make_project(alice="reviewer")
    one, other = outlet(project, "Tidal Post"), outlet(project, "The Tidal Post")
    with pytest.raises(NotPermitted):
        keep_apart(one, other, by=member(project, "alice"))
    with pytest.raises(NotFound):
        keep_apart(one, make_outlet(make_project()), by=owner_of(project))


@pytest.mark.django_db
def test_the_page_shows_both_and_takes_the_decision(client: Client) -> None:
    project = make_project()
    one, other = outlet(project, "Tidal Post", "tidalpost.com"), outlet(project, "The Tidal Post")
    outlet(project, "Tide", "tida1post.com")
    client.force_login(owner_of(project))
    address = f"/p/{project.slug}/outlets/proposals/"
    page = client.get(address).content.decode()
    assert "They have the same name." in page
    assert "tida1post.com" in page
    assert address in client.get(f"/p/{project.slug}/outlets/").content.decode()
    client.post(address, {"kept": one.pk, "other": other.pk, "merge": "1"})
    other.refresh_from_db()
    assert other.merged_into_id == one.pk
    assert client.post(address, {"kept": one.pk, "other": "0", "merge": "1"}).status_code == 404
