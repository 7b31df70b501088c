from __future__ import annotations

import base64
import hashlib
import hmac

from claims.exporting.pseudonyms import pseudonym, pseudonyms, release_key

SECRET = bytes(range(32))


def test_it_works() -> None:
    key = hmac.new(SECRET, b"release:1", hashlib.sha256).digest()
    digest = hmac.new(key, b"reviewer:7", hashlib.sha256).digest()
    assert pseudonyms(SECRET, 1, [7]) == {7: "R-" + base64.b32encode(digest).decode()[:10]}


def test_pr_02_names_of_two_releases_and_two_projects_cannot_be_joined() -> None:
    first, second = pseudonyms(SECRET, 1, range(50)), pseudonyms(SECRET, 2, range(50))
    other = pseudonyms(bytes(32), 1, range(50))
    assert not set(first.values()) & set(second.values())
    assert not set(first.values()) & set(other.values())


def test_names_do_not_follow_the_order_of_joining() -> None:
    names = list(pseudonyms(SECRET, 1, range(50)).values())
    assert names != sorted(names)


def test_a_name_is_used_once_in_a_release() -> None:
    names = pseudonyms(SECRET, 3, range(5000))
    assert len(set(names.values())) == 5000
    assert pseudonym(release_key(SECRET, 3), 4) == names[4]
