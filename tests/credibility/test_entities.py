"""Outlets as entities: confirmed, described, merged and parted by people who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from claims.credibility.entities import (
    add_alias,
    confirm_outlet,
    describe_outlet,
    domains_of,
    family_of,
    in_force,
    merge_outlets,
    part_outlet,
    split_outlet,
)
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.models import Article, AuditEvent, Outlet, OutletDomain
from tests.factories import make_article, make_outlet, make_project, member, owner_of

pytestmark = pytest.mark.django_db


def test_a_person_confirms_once() -> None:
    project = make_project()
    outlet = make_outlet(project)
    for _ in range(2):
        confirm_outlet(outlet, by=owner_of(project))
    assert outlet.confirmed_at is not None
    assert AuditEvent.objects.filter(verb="confirm_outlet").count() == 1


def test_reviewers_and_observers_may_not() -> None:
    project = make_project(alice="reviewer", olga="observer")
    outlet = make_outlet(project)
    for name in ("alice", "olga"):
        with pytest.raises(NotPermitted):
            confirm_outlet(outlet, by=member(project, name))


def test_a_description_is_a_new_version_and_the_old_one_stays() -> None:
    project = make_project()
    outlet = make_outlet(project)
    said = {"name": "Tidal Post", "country": "de", "languages": ["EN", " de "], "control": "private"}
    version = describe_outlet(outlet, expected_n=1, by=owner_of(project), **said)
    assert (version.n, version.country, version.languages) == (2, "DE", ["en", "de"])
    assert outlet.versions.get(n=1).country == "XX"
    with pytest.raises(Conflict) as stale:
        describe_outlet(outlet, expected_n=1, by=owner_of(project), **said)
    assert stale.value.code == "stale_version"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "  "}, "name_missing"),
        ({"country": "Germany"}, "invalid_country"),
        ({"country": "Ünd"[:2]}, "invalid_country"),
        ({"control": "secret"}, "unknown_control"),
        ({"as_of": date(2999, 1, 1)}, "date_in_the_future"),
        ({"source": "javascript:alert(1)"}, "invalid_address"),
    ],
)
def test_a_description_that_says_nothing_is_refused(change: dict[str, Any], code: str) -> None:
    project = make_project()
    outlet = make_outlet(project)
    with pytest.raises(Refused) as refused:
        describe_outlet(outlet, expected_n=1, by=owner_of(project), **({"name": "Tidal Post"} | change))
    assert refused.value.code == code


def test_two_outlets_do_not_share_a_name() -> None:
    project = make_project()
    make_outlet(project, "Harbour Gazette")
    outlet = make_outlet(project)
    with pytest.raises(Conflict) as taken:
        describe_outlet(outlet, expected_n=1, name="harbour gazette", by=owner_of(project))
    assert taken.value.code == "outlet_name_taken"
    add_alias(outlet, "The Post", by=owner_of(project))
    with pytest.raises(Conflict):
        add_alias(outlet, "the post", by=owner_of(project))


def test_a_merge_is_followed_over_two_steps_and_undone() -> None:
    project = make_project()
    group, post, local = (make_outlet(project, name) for name in ("Tidal Group", "Tidal Post", "Tidal Post North"))
    for outlet, domain in ((post, "tidalpost.example"), (local, "north.tidalpost.example")):
        OutletDomain.objects.create(project=project, outlet=outlet, domain=domain)
    merge_outlets(post, local, by=owner_of(project))
    merge_outlets(group, Outlet.objects.get(pk=post.pk), by=owner_of(project))
    assert family_of(group) == sorted(outlet.pk for outlet in (group, post, local))
    assert domains_of(group) == ["north.tidalpost.example", "tidalpost.example"]
    part_outlet(Outlet.objects.get(pk=post.pk), by=owner_of(project))
    assert family_of(group) == [group.pk]
    assert family_of(post) == sorted([post.pk, local.pk])


def test_a_merge_makes_no_ring_and_crosses_no_project() -> None:
    project, other = make_project(), make_project()
    first, second, foreign = make_outlet(project), make_outlet(project, "Harbour Gazette"), make_outlet(other)
    owner = owner_of(project)
    with pytest.raises(Conflict):
        merge_outlets(first, first, by=owner)
    merge_outlets(first, second, by=owner)
    with pytest.raises(Conflict):
        merge_outlets(second, first, by=owner)
    with pytest.raises(NotFound):
        merge_outlets(first, foreign, by=owner)
    with pytest.raises(Conflict):
        part_outlet(first, by=owner)


def test_a_name_taken_meanwhile_stands_in_the_way_of_parting() -> None:
    project = make_project()
    first, second = make_outlet(project), make_outlet(project, "Harbour Gazette")
    merge_outlets(first, second, by=owner_of(project))
    make_outlet(project, "Harbour Gazette")
    with pytest.raises(Conflict) as taken:
        part_outlet(Outlet.objects.get(pk=second.pk), by=owner_of(project))
    assert taken.value.code == "outlet_name_taken"


def test_control_and_ownership_are_dated_with_their_source() -> None:
    project = make_project()
    outlet = make_outlet(project)
    said: dict[str, Any] = {"as_of": date(2026, 1, 31), "source": "https://register.example/7", "ownership": "A fund"}
    describe_outlet(outlet, expected_n=1, name="Tidal Post", by=owner_of(project), **said)
    version = outlet.versions.get(n=2)
    assert (version.as_of, version.source) == (date(2026, 1, 31), "https://register.example/7")


def test_a_split_takes_the_domain_and_its_articles_and_a_merge_undoes_it() -> None:
    project = make_project()
    owner = owner_of(project)
    outlet = make_outlet(project)
    addresses = [
        "https://north.example/a",
        "http://WWW.north.example:8080/b",
        "https://north.example.org/c",
        "https://tidalpost.example/north.example/d",
        "",
    ]
    for n, url in enumerate(addresses):
        make_article(project, f"Story {n}\n\nIts text {n}.", outlet=outlet, url=url)
    for domain in ("north.example", "tidalpost.example"):
        OutletDomain.objects.create(project=project, outlet=outlet, domain=domain)
    made = split_outlet(outlet, domain="north.example", name="Northern Tide", by=owner)
    assert list(Article.objects.filter(outlet=made).order_by("id").values_list("url", flat=True)) == addresses[:2]
    assert (domains_of(made), domains_of(outlet)) == (["north.example"], ["tidalpost.example"])
    assert AuditEvent.objects.get(verb="split_outlet").details == {"made": made.pk, "articles": 2}
    merge_outlets(outlet, made, by=owner)
    assert domains_of(outlet) == ["north.example", "tidalpost.example"]
    for domain, name, code in (("else.example", "X", "unknown_domain"), ("tidalpost.example", " ", "name_missing")):
        with pytest.raises(Refused) as refused:
            split_outlet(outlet, domain=domain, name=name, by=owner)
        assert refused.value.code == code
    with pytest.raises(Conflict):
        split_outlet(outlet, domain="tidalpost.example", name="TIDAL POST", by=owner)


def test_what_is_learnt_late_of_an_earlier_day_does_not_stand_today() -> None:
    """Sold in 2020; in the next statement somebody adds who held it in 2018. It is private still."""
    project = make_project()
    outlet, owner = make_outlet(project), owner_of(project)
    for n, (day, control) in enumerate(((date(2020, 5, 1), "private"), (date(2018, 5, 1), "party")), start=1):
        describe_outlet(outlet, expected_n=n, name=outlet.name, control=control, as_of=day, by=owner)
    stands = in_force(outlet)
    assert stands is not None
    assert (stands.control, stands.as_of) == ("private", date(2020, 5, 1))
    describe_outlet(outlet, expected_n=3, name=outlet.name, control="nonprofit", as_of=date(2020, 5, 1), by=owner)
    corrected = in_force(outlet)
    assert corrected is not None
    assert corrected.control == "nonprofit"  # of one day the newest statement


def test_the_name_of_another_outlet_is_no_alias() -> None:
    project = make_project()
    outlet, other = make_outlet(project), make_outlet(project, "Lake Herald")
    with pytest.raises(Conflict) as refused:
        add_alias(outlet, "lake herald", by=owner_of(project))
    assert refused.value.code == "alias_is_a_name"
    merge_outlets(outlet, other, by=owner_of(project))
    add_alias(outlet, "lake herald", by=owner_of(project))


def test_an_alias_of_another_outlet_is_no_name() -> None:
    project = make_project()
    outlet, other = make_outlet(project), make_outlet(project, "Lake Herald")
    add_alias(other, "The Herald", by=owner_of(project))
    with pytest.raises(Conflict) as refused:
        describe_outlet(outlet, expected_n=1, name="the herald", by=owner_of(project))
    assert refused.value.code == "name_is_an_alias"


def test_the_name_an_outlet_had_still_leads_to_it() -> None:
    project = make_project()
    outlet = make_outlet(project, "Tidal Post")
    describe_outlet(outlet, expected_n=1, name="Tidal Post Online", by=owner_of(project))
    assert [alias.name for alias in outlet.aliases.all()] == ["Tidal Post"]
