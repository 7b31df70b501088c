"""A release at Zenodo: a draft of its own with the metadata and every file, published only when that is asked for.

Zenodo's deposit API, developers.zenodo.org: a deposition is made by POST, its metadata put, its files put into the
bucket that it links to, each answered with its size and MD5; a POST to actions/publish is final. Whatever is there
already, whole, is not sent again, so an upload that broke off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import File

from claims import audit
from claims.errors import Refused
from claims.exporting.handing import open_file
from claims.models import AuditEvent, Release, User
from claims.outbound import CONFIGURED, Fetched, ask, put_stream
from claims.permissions import check_can
from claims.text import strict_json

MOST_FILES = 100  # in one deposit
LEAST_RATE = 100_000  # bytes a second that an upload is given time for
PIECE = 1 << 18
Told = Callable[[str], None]


@dataclass(frozen=True)
class Deposit:
    """What stands at Zenodo now. `doi` is registered by publishing; `sent` and `kept` are names of files."""

    id: int
    is_published: bool
    address: str
    doi: str
    sent: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class Upload:
    """A file that is read once, piece by piece, while its MD5 is taken; its length is known before."""

    def __init__(self, content: File[bytes], size: int, told: Callable[[int], None]) -> None:
        self._content, self._size, self._told = content, size, told
        self.md5 = hashlib.md5(usedforsecurity=False)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(PIECE), b"")

    def read(self, size: int = -1) -> bytes:
        part: bytes = self._content.read(PIECE if size < 0 else size)
        self.md5.update(part)
        self._told(len(part))
        return part


def deposit_release(
    release: Release, *, by: User, creators: Sequence[str] = (), publish: bool = False, say: Told = lambda _: None
) -> Deposit:
    """Make the deposit of a release, or go on with the one that was begun; done twice, nothing is there twice.

    Raises Refused: `zenodo_token_missing`, `no_deposit_metadata`, `too_many_files`, `zenodo_refused` (its answer in
    the sentence), `zenodo_checksum`, `taken_down`, or what outbound raises.
    """
    check_can("release", by, release.project)
    if not settings.ZENODO_TOKEN:
        raise Refused("zenodo_token_missing", WITHOUT_KEY)
    metadata = metadata_of(release, creators, by=by)
    if release.files.count() > MOST_FILES:
        raise Refused(
            "too_many_files", f"A deposit holds {MOST_FILES} files; release {release.number} has more. Choose formats."
        )
    found = begun(release) or begin(release, metadata, by=by)
    if found["submitted"]:
        return as_deposit(found)
    found = _call("PUT", f"deposit/depositions/{found['id']}", {"metadata": metadata})
    sent, kept = send_files(release, found, by=by, say=say)
    if publish:
        found = _call("POST", f"deposit/depositions/{found['id']}/actions/publish")
        audit.record("publish_deposit", release, by=by, deposit=found["id"], endpoint=settings.ZENODO_ENDPOINT)
    return replace(as_deposit(found), sent=sent, kept=kept)


WITHOUT_KEY = (
    "Set ZENODO_TOKEN to a token with the scopes deposit:write and deposit:actions; zenodo.org makes one under "
    "Applications. For trying, set ZENODO_ENDPOINT=https://sandbox.zenodo.org/api and take a token of the sandbox."
)


def metadata_of(release: Release, creators: Sequence[str], *, by: User) -> dict[str, Any]:
    """What zenodo.json of the release says, with other creators where they are named."""
    if not release.files.filter(name="zenodo.json").exists():
        raise Refused(
            "no_deposit_metadata",
            f"Release {release.number} has no zenodo.json. Make a release with the format citation among others.",
        )
    content = open_file(release, "zenodo.json", by=by)[1]
    with content:
        metadata: dict[str, Any] = json.loads(content.read())["metadata"]
    return metadata | ({"creators": [{"name": name} for name in creators]} if creators else {})


def begun(release: Release) -> dict[str, Any] | None:
    """The deposit that was made for this release at this endpoint, unless it was deleted there since."""
    made = AuditEvent.objects.filter(
        verb="begin_deposit",
        subject_type="release",
        subject_id=release.pk,
        details__endpoint=settings.ZENODO_ENDPOINT,
    ).order_by("-pk")
    for event in made:
        try:
            return _call("GET", f"deposit/depositions/{int(event.details['deposit'])}")
        except Refused as refused:
            if refused.status not in (404, 410):
                raise
    return None


def begin(release: Release, metadata: dict[str, Any], *, by: User) -> dict[str, Any]:
    found = _call("POST", "deposit/depositions", {"metadata": metadata})
    audit.record("begin_deposit", release, by=by, deposit=found["id"], endpoint=settings.ZENODO_ENDPOINT)
    return found


def send_files(release: Release, found: dict[str, Any], *, by: User, say: Told) -> tuple[list[str], list[str]]:
    """Names of the files that were sent, and of those that were there whole."""
    bucket = str(found.get("links", {}).get("bucket", ""))
    if not bucket.startswith(_origin() + "/"):
        raise Refused("zenodo_refused", "Zenodo names no place for files at its own address.", status=502)
    there = {one.get("filename"): one for one in found.get("files") or []}
    sent: list[str] = []
    kept: list[str] = []
    for name in release.files.order_by("name").values_list("name", flat=True):
        kept_there = there.get(name)
        if kept_there is not None and is_same(release, name, kept_there, by=by):
            kept.append(name)
            continue
        send_file(release, name, bucket, by=by, say=say)
        sent.append(name)
    return sent, kept


def is_same(release: Release, name: str, there: dict[str, Any], *, by: User) -> bool:
    kept, content = open_file(release, name, by=by)
    with content:
        if there.get("filesize") != kept.size:
            return False
        md5 = hashlib.md5(usedforsecurity=False)
        while part := content.read(PIECE):
            md5.update(part)
    return str(there.get("checksum", "")).removeprefix("md5:") == md5.hexdigest()


def send_file(release: Release, name: str, bucket: str, *, by: User, say: Told) -> None:
    kept, content = open_file(release, name, by=by)
    done = 0

    def told(size: int) -> None:
        nonlocal done
        done += size
        say(f"{name}: {done:,} of {kept.size:,} bytes")

    with content:
        upload = Upload(content, kept.size, told)
        policy = replace(CONFIGURED, seconds=CONFIGURED.seconds + kept.size / LEAST_RATE)
        address = f"{bucket}/{quote(name)}"
        answer = _read(put_stream(address, upload, policy=policy, headers=_authorised()))
    if str(answer.get("checksum", "")).removeprefix("md5:") != upload.md5.hexdigest():
        raise Refused("zenodo_checksum", f"{name} arrived otherwise than it was sent. Run this again.", status=502)


def as_deposit(found: dict[str, Any]) -> Deposit:
    links = found.get("links") or {}
    address = links.get("record_html") or links.get("latest_draft_html") or links.get("html") or ""
    doi = str(found.get("doi") or "") if found["submitted"] else ""
    return Deposit(int(found["id"]), bool(found["submitted"]), str(address), doi)


def _call(method: str, path: str, payload: Any = None) -> dict[str, Any]:
    url = f"{settings.ZENODO_ENDPOINT.rstrip('/')}/{path}"
    return _read(ask(method, url, policy=CONFIGURED, headers=_authorised(), payload=payload))


def _authorised() -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.ZENODO_TOKEN}"}


def _origin() -> str:
    return "/".join(str(settings.ZENODO_ENDPOINT).split("/")[:3])


def _read(answer: Fetched) -> dict[str, Any]:
    """The JSON of an answer that is good; refused with what Zenodo says otherwise."""
    try:
        body = strict_json(answer.body)
    except Refused:
        body = None
    if answer.status in (200, 201, 202) and isinstance(body, dict):
        return body
    said = body if isinstance(body, dict) else {}
    faults = [f"{one.get('field')}: {one.get('message')}" for one in said.get("errors") or [] if isinstance(one, dict)]
    words = "; ".join([str(said.get("message") or "nothing that can be read"), *faults])[:500]
    cure = CURES.get(answer.status, "Run the same command again: it goes on where this one stopped.")
    raise Refused("zenodo_refused", f"Zenodo answered {answer.status}: {words}. {cure}", status=_status(answer.status))


CURES = {
    400: "Correct what it names in the release's title, licence or creators.",
    401: "Check ZENODO_TOKEN, and that it belongs to ZENODO_ENDPOINT.",
    403: "The token needs the scopes deposit:write and deposit:actions, and the deposit must be its owner's.",
    429: "It takes no more requests for a while. Wait some minutes and run the same command again.",
}


def _status(theirs: int) -> int:
    return theirs if theirs in (404, 410) else 502
