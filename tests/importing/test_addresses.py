"""Canonical addresses and outlet domains."""

from __future__ import annotations

import pytest

from claims.errors import Refused
from claims.importing.addresses import ascii_host, canonical_url, outlet_domain


def test_it_works() -> None:
    assert canonical_url("https://news.example/2021/pier?id=3") == "https://news.example/2021/pier?id=3"


@pytest.mark.parametrize(
    "variant",
    [
        "HTTPS://News.Example/2021/pier?b=2&id=3",
        "http://news.example/2021/pier?id=3&b=2",
        "https://news.example:443/2021/pier/?id=3&b=2",
        "http://news.example:80/2021/pier?id=3&b=2#top",
        "https://news.example./2021/pier?id=3&b=2&utm_source=x&UTM_Medium=y",
        "https://news.example/2021/%70ier?fbclid=abc&id=3&b=2",
        "  https://news.example/2021/pier///?gclid=1&id=3&b=2&mc_cid=2  ",
    ],
)
def test_co_12_variants_of_an_address_are_one(variant: str) -> None:
    assert canonical_url(variant) == "https://news.example/2021/pier?b=2&id=3"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/Pier", "https://news.example/pier"),
        ("https://news.example/?id=1", "https://news.example/?id=2"),
        ("https://a.news.example/x", "https://b.news.example/x"),
        ("https://news.example:8443/x", "https://news.example/x"),
        ("https://news.example/a%2Fb", "https://news.example/a/b/c"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "lookalike",
    [
        "https://nеws.example/",  # Cyrillic е
        "https://ne\u200bws.example/",
        "https://news\u202e.example/",
        "https://ｎews.example/",
    ],
)
def test_up_45_look_alike_hosts_are_kept_apart_and_shown_as_punycode(lookalike: str) -> None:
    assert outlet_domain(lookalike) != outlet_domain("https://news.example/")
    assert "xn--" in outlet_domain(lookalike)
    assert outlet_domain(lookalike).isascii()


def test_an_honest_international_name_has_its_usual_punycode() -> None:
    assert ascii_host("Zeitung-MÜNCHEN.example") == "zeitung-münchen.example".encode("idna").decode()


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.news.example/a", "news.example"),
        ("https://edition.news.example/a", "news.example"),
        ("https://www.news.co.uk/a", "news.co.uk"),
        ("https://sport.news.com.tr/a", "news.com.tr"),
        ("https://velmora.blogspot.com/a", "velmora.blogspot.com"),
        ("https://quill.substack.com/p/a", "quill.substack.com"),
        ("http://192.0.2.7/a", "192.0.2.7"),
        ("http://[2001:db8::1]/a", "2001:db8::1"),
        ("https://localhost/a", "localhost"),
    ],
)
def test_outlet_domain_is_the_registrable_part(url: str, domain: str) -> None:
    assert outlet_domain(url) == domain


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("javascript:alert(1)", "scheme_not_allowed"),
        ("data:text/html,x", "scheme_not_allowed"),
        ("news.example/a", "scheme_not_allowed"),
        ("https://user:secret@news.example/", "credentials_in_url"),
        ("https://a@b@news.example/", "credentials_in_url"),
        ("https:///path", "invalid_url"),
        ("https://[::1/", "invalid_url"),
        ("https://news.example:99999/", "invalid_url"),
        ("https://127.0.0.1\\.news.example/", "invalid_url"),
        ("https://news .example/", "invalid_url"),
        ("https://news.example/" + "a" * 2_000, "invalid_url"),
    ],
)
def test_other_addresses_are_refused(url: str, code: str) -> None:
    for function in (canonical_url, outlet_domain):
        with pytest.raises(Refused) as refusal:
            function(url)
        assert refusal.value.code == code
        assert "secret" not in refusal.value.sentence
