"""Names for reviewers in one release: nobody without the project's key can tell who it is, nor join two releases.

Key of a release = HMAC-SHA-256(key of the project, "release:" + number); name = the first 50 bits of
HMAC-SHA-256(key of the release, "reviewer:" + id), in base 32.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def release_key(project_secret: bytes, number: int) -> bytes:
    return hmac.new(project_secret, f"release:{number}".encode(), hashlib.sha256).digest()


def pseudonym(key: bytes, reviewer_id: int) -> str:
    digest = hmac.new(key, f"reviewer:{reviewer_id}".encode(), hashlib.sha256).digest()
    return "R-" + base64.b32encode(digest)[:10].decode()


def pseudonyms(project_secret: bytes, number: int, reviewer_ids: Iterable[int]) -> dict[int, str]:
    """{reviewer id: name} of a release; 50 bits keep a thousand reviewers apart but for one release in two billion,
    and there the names are told apart by a counter."""
    key, names, taken = release_key(project_secret, number), {}, set[str]()
    for reviewer_id in sorted(reviewer_ids):
        name, n = pseudonym(key, reviewer_id), 1
        while name in taken:
            n += 1
            name = f"{pseudonym(key, reviewer_id)}-{n}"
        taken.add(name)
        names[reviewer_id] = name
    return names
