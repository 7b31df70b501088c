"""A client of the API for programs: standard library only, so this one file can be copied to where it is needed.

    attest = Client("https://attest.example", token="att_...")
    for claim in attest.list_claims("my-project"):
        print(claim["text"])

Refusals are raised as Problem with the stable code of the API. What fails on the way (no connection, 429, 502, 503,
504) is tried again, after the time the server asks for; a request that writes carries an Idempotency-Key, so that a
repeat does nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, TypedDict, cast

TRY_AGAIN = frozenset({429, 502, 503, 504})
LONGEST_PAUSE = 60.0  # seconds
PART = 1 << 20

# What this client calls: operation of the OpenAPI document -> (method, path)
OPERATIONS = {
    "import_article": ("POST", "projects/{project}/articles/"),
    "import_articles": ("POST", "projects/{project}/articles/many/"),
    "upload_file": ("POST", "projects/{project}/imports/upload/"),
    "import_addresses": ("POST", "projects/{project}/addresses/"),
    "list_articles": ("GET", "projects/{project}/articles/"),
    "list_claims": ("GET", "projects/{project}/claims/"),
    "get_job": ("GET", "jobs/{id}/"),
    "create_round": ("POST", "projects/{project}/rounds/"),
    "open_round": ("POST", "rounds/{id}/open/"),
    "draw_next_unit": ("POST", "rounds/{id}/next/"),
    "draw_units": ("POST", "rounds/{id}/next/many/"),
    "submit_labels": ("POST", "rounds/{id}/labels/many/"),
    "submit_label": ("POST", "rounds/{id}/units/{unit}/label/"),
    "create_release": ("POST", "projects/{project}/releases/"),
    "get_release": ("GET", "releases/{id}/"),
    "download_file": ("GET", "releases/{id}/files/{name}/"),
}


class Job(TypedDict):
    id: int
    kind: str
    state: str
    reason: str
    sentence: str
    counts: dict[str, int]


class Said(TypedDict):
    n: int
    taken: bool
    code: str
    detail: str
    line: int | None


class Taken(TypedDict):
    job: Job
    results: list[Said]


class Article(TypedDict):
    id: int
    headline: str
    url: str
    language: str
    state: str


class Claim(TypedDict):
    id: int
    text: str
    checkworthiness: float | None


class ReleaseFile(TypedDict):
    name: str
    format: str
    rows: int
    size: int
    sha256: str


class Release(TypedDict):
    id: int
    number: int
    title: str
    state: str
    state_reason: str
    manifest: dict[str, Any] | None
    files: list[ReleaseFile]


class Drawn(TypedDict):
    unit: int | None
    codebook_version: int


@dataclass
class Problem(Exception):  # noqa: N818 - named as RFC 9457 names it
    """A refusal. `code` is stable; `detail` is for a person; `errors` name the fields that are wrong."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"


class NotDone(Exception):  # noqa: N818 - says what happened
    """A job or a release ended without what was asked for; its sentence says why."""


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token along to wherever it leads: it is raised instead."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client:
    """`address` is where the pages are; `tries` is how often a request is sent before its failure is raised."""

    def __init__(self, address: str, token: str, *, tries: int = 5, timeout: float = 60.0) -> None:
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no address. Write for example https://attest.example.")
        self._root = address.rstrip("/") + "/api/v1/"
        self._opener = urllib.request.build_opener(_StayHere)
        self._token, self._tries, self._timeout = token, max(1, tries), timeout

    # --- what there is to do

    def import_article(self, project: str, text: str, *, title: str = "", url: str = "", outlet: str = "") -> Job:
        body = {"text": text, "title": title, "url": url, "outlet": outlet}
        return cast("Job", self.call("import_article", body, project=project))

    def import_articles(self, project: str, articles: Sequence[Mapping[str, str]]) -> Taken:
        """At most 500 at once, each with `text` and what is known of it; what is wrong with one is in `results`."""
        return cast("Taken", self.call("import_articles", {"articles": list(articles)}, project=project))

    def upload_file(self, project: str, path: str | Path, **said: str) -> Job:
        """Import a file of articles in any format; `said` is what the address takes, such as outlet or column_text."""
        query = {"filename": Path(path).name, **said}
        return cast("Job", self.call("upload_file", Path(path).read_bytes(), query, project=project))

    def import_addresses(self, project: str, urls: Sequence[str], *, outlet: str = "") -> Job:
        return cast("Job", self.call("import_addresses", {"urls": list(urls), "outlet": outlet}, project=project))

    def list_articles(self, project: str, **filters: str | int) -> Iterator[Article]:
        return cast("Iterator[Article]", self.pages("list_articles", filters, project=project))

    def list_claims(self, project: str, **filters: str | int) -> Iterator[Claim]:
        return cast("Iterator[Claim]", self.pages("list_claims", filters, project=project))

    def get_job(self, job: int) -> Job:
        return cast("Job", self.call("get_job", id=job))

    def create_round(self, project: str, *, name: str, codebook_version: int, **plan: Any) -> dict[str, Any]:
        body = {"name": name, "codebook_version": codebook_version, **plan}
        return self.call("create_round", body, project=project)

    def open_round(self, round_: int) -> Job:
        return cast("Job", self.call("open_round", {}, id=round_))

    def draw_next_unit(self, round_: int) -> Drawn:
        return cast("Drawn", self.call("draw_next_unit", {}, id=round_))

    def draw_units(self, round_: int, count: int) -> list[Drawn]:
        """Those that you hold now, at most 50 at once; fewer when nothing is left for you."""
        return cast("list[Drawn]", self.call("draw_units", {"count": count}, id=round_)["units"])

    def submit_labels(self, round_: int, labels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Each with `unit`, `codebook_version` and `answers`; what is wrong with one is in `results`."""
        return self.call("submit_labels", {"labels": list(labels)}, id=round_)

    def submit_label(
        self, round_: int, unit: int, *, codebook_version: int, answers: Mapping[str, Any], **more: Any
    ) -> dict[str, Any]:
        body = {"codebook_version": codebook_version, "answers": dict(answers), **more}
        return self.call("submit_label", body, id=round_, unit=unit)

    def create_release(self, project: str, *, formats: Sequence[str] = ("jsonl",), **plan: Any) -> Release:
        return cast("Release", self.call("create_release", {"formats": list(formats), **plan}, project=project))

    def get_release(self, release: int) -> Release:
        return cast("Release", self.call("get_release", id=release))

    def download_file(self, release: int, name: str, folder: str | Path = ".") -> Path:
        """The path of the file, written whole or not at all, its checksum compared."""
        [kept] = [each for each in self.get_release(release)["files"] if each["name"] == name]
        target = Path(folder) / Path(name).name
        part = target.with_name(f"{target.name}.part")
        method, path = self._place("download_file", {"id": release, "name": name})
        with self._send(method, path) as source, part.open("wb") as written:
            digest = _copied(source, written)
        if digest != kept["sha256"]:
            part.unlink()
            raise NotDone(f"{name} came with another checksum than the release states. Ask for it again.")
        return part.replace(target)

    # --- waiting

    def wait_for_job(self, job: Job, *, seconds: float = 3_600.0) -> Job:
        """The job once it has ended well. Raises NotDone when it failed or did not end in time."""
        until = time.monotonic() + seconds
        while job["state"] in ("queued", "running"):
            _pause_before(until, f"Job {job['id']} did not end in {seconds:.0f} s.")
            job = self.get_job(job["id"])
        if job["state"] not in ("succeeded", "partial"):
            raise NotDone(f"Job {job['id']} {job['state']}: {job['sentence']}")
        return job

    def wait_for_release(self, release: Release, *, seconds: float = 3_600.0) -> Release:
        until = time.monotonic() + seconds
        while release["state"] == "building":
            _pause_before(until, f"Release {release['number']} was not ready in {seconds:.0f} s.")
            release = self.get_release(release["id"])
        if release["state"] != "ready":
            raise NotDone(f"Release {release['number']} {release['state']}: {release['state_reason']}")
        return release

    # --- any operation

    def call(
        self, operation: str, body: Any = None, query: Mapping[str, str] | None = None, /, **blanks: str | int
    ) -> dict[str, Any]:
        """`body` is sent as JSON, bytes as they are."""
        method, path = self._place(operation, blanks)
        if query:
            path = f"{path}?{urllib.parse.urlencode(query)}"
        with self._send(method, path, body) as answer:
            return cast("dict[str, Any]", json.load(answer))

    def pages(
        self, operation: str, filters: Mapping[str, str | int] | None = None, **blanks: str | int
    ) -> Iterator[dict[str, Any]]:
        """The rows of a list, page after page."""
        method, path = self._place(operation, blanks)
        address: str | None = f"{path}?{urllib.parse.urlencode(filters)}" if filters else path
        while address:
            with self._send(method, address) as answer:
                page = json.load(answer)
            yield from page["results"]
            address = page["next"]

    def _place(self, operation: str, blanks: Mapping[str, str | int]) -> tuple[str, str]:
        method, path = OPERATIONS[operation]
        return method, path.format(**{name: urllib.parse.quote(str(value), safe="") for name, value in blanks.items()})

    def _send(self, method: str, path: str, body: Any = None) -> IO[bytes]:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json, */*"}
        content = None
        if body is not None:
            is_plain = isinstance(body, bytes)
            content = body if is_plain else json.dumps(body).encode()
            kind = "application/octet-stream" if is_plain else "application/json"
            headers |= {"Content-Type": kind, "Idempotency-Key": uuid.uuid4().hex}
        address = urllib.parse.urljoin(self._root, path)
        if not address.startswith(self._root):  # the token goes to no other machine
            raise ValueError(f"{address} is not under {self._root}")
        request = urllib.request.Request(address, content, headers, method=method)  # noqa: S310 - http(s), checked
        for tried in range(1, self._tries + 1):
            try:
                return cast("IO[bytes]", self._opener.open(request, timeout=self._timeout))
            except urllib.error.HTTPError as refused:
                if refused.code not in TRY_AGAIN or tried == self._tries:
                    raise _problem(refused) from None
                time.sleep(_pause(tried, refused.headers.get("Retry-After")))
            except (OSError, HTTPException):
                if tried == self._tries:
                    raise
                time.sleep(_pause(tried))
        raise AssertionError("the last try returns or raises")


def _copied(source: IO[bytes], target: IO[bytes]) -> str:
    """SHA-256 (hex) of what was copied."""
    digest = hashlib.sha256()
    while part := source.read(PART):
        digest.update(part)
        target.write(part)
    return digest.hexdigest()


def _pause(tried: int, asked: str | None = None) -> float:
    """Seconds: what the server asks for, else twice as long each time."""
    wanted = float(asked) if asked and asked.isdigit() else 0.5 * 2 ** (tried - 1)
    return min(wanted, LONGEST_PAUSE)


def _pause_before(until: float, otherwise: str) -> None:
    if time.monotonic() >= until:
        raise NotDone(otherwise)
    time.sleep(0.5)


def _problem(refused: urllib.error.HTTPError) -> Problem:
    try:
        told = json.load(refused)
        return Problem(refused.code, told["code"], told["detail"], told.get("errors", []))
    except (ValueError, KeyError, TypeError):
        return Problem(refused.code, "unreadable_answer", f"The server answered {refused.code} without saying why.")
