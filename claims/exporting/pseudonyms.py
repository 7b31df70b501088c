"""Names for reviewers in one release: nobody without the project's key can tell who it is, nor join two releases.

Key of a release = HMAC-SHA-256(key of the project, "release:" + number); name = the first 50 bits of
HMAC-SHA-256(key of the release, "reviewer:" + id), in base 32. At the newsroom's desk people have another name each
("desk:" + id): a published check may say who wrote it, and their labels are not to be found by that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIXES = {"reviewer": "R-", "desk": "D-"}


def release_key(project_secret: bytes, number: int) -> bytes:
    return hmac.new(project_secret, f"release:{number}".encode(), hashlib.sha256).digest()


def pseudonym(key: bytes, reviewer_id: int, what: str = "reviewer") -> str:
    digest = hmac.new(key, f"{what}:{reviewer_id}".encode(), hashlib.sha256).digest()
    return PREFIXES[what] + base64.b32encode(digest)[:10].decode()


def pseudonyms(
    project_secret: bytes, number: int, reviewer_ids: Iterable[int], what: str = "reviewer"
) -> dict[int, str]:
    """{reviewer id: name} of a release; 50 bits keep a thousand reviewers apart but for one release in two billion,
    and there the names are told apart by a counter."""
    key, names, taken = release_key(project_secret, number), {}, set[str]()
    for reviewer_id in sorted(reviewer_ids):
        name, n = pseudonym(key, reviewer_id, what), 1
        while name in taken:
            n += 1
            name = f"{pseudonym(key, reviewer_id, what)}-{n}"
        taken.add(name)
        names[reviewer_id] = name
    return names
