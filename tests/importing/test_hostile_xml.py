"""Feeds that are made to harm whoever reads them: nothing is expanded, loaded or fetched."""

from __future__ import annotations

import time

import pytest

from claims.errors import Refused
from claims.importing import sandbox
from claims.importing.links import find_links

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]><rss><item><link>&l9;</link></item></rss>'


def refusal_of(body: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        find_links(body, "https://news.example/feed")
    return refusal.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_up_31_a_billion_laughs_are_refused_at_once(encoding: str) -> None:
    """Ten to the ninth `lol` would be 3 GB; in UTF-16 the declaration is not found by its bytes."""
    began = time.monotonic()
    assert refusal_of(BOMB.encode(encoding)) in ("xml_forbidden_dtd", "not_a_feed")
    assert time.monotonic() - began < 1


def test_up_31_the_child_says_the_same() -> None:
    with pytest.raises(Refused) as refusal:
        sandbox.feed_links(BOMB.encode(), "https://news.example/feed")
    assert refusal.value.code == "xml_forbidden_dtd"


@pytest.mark.parametrize(
    "declared",
    [
        '[<!ENTITY x SYSTEM "file:///etc/passwd">]',
        '[<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]',
        "[" + " " * 70_000 + '<!ENTITY x SYSTEM "file:///etc/passwd">]',
    ],
)
def test_up_32_entities_of_its_own_are_refused(declared: str) -> None:
    feed = f"<!DOCTYPE rss {declared}><rss><channel><item><link>https://a.example/&x;</link></item></channel></rss>"
    assert refusal_of(feed.encode()) == "xml_forbidden_dtd"


def test_up_32_a_document_type_elsewhere_is_never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """RSS 0.91 names one; the feed is read without it, and no connection is made."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", never)
    feed = b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd"><rss><item><link>https://a.example/1</link></item></rss>'
    assert find_links(feed, "https://news.example/feed") == ["https://a.example/1"]
