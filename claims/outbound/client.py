"""`fetch`, `post_json`, `ask`, `put_stream`: one request, its redirects followed by hand, its size and time capped."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, SSLError

from claims.errors import Refused
from claims.outbound.addresses import Target, parse, resolve
from claims.outbound.connection import Visit, open_session
from claims.outbound.policy import PUBLIC, Policy

REDIRECTS = frozenset({301, 302, 303, 307, 308})
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PIECE = 1 << 16


# Entered before each hop and left after it: whose turn it is to ask a site (see politeness).
Turn = Callable[[Target], AbstractContextManager[None]]


class Readable(Protocol):
    """Bytes read piece by piece, their number known before."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def read(self, length: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class Fetched:
    """What came. `url` is what was asked for, `final_url` what answered after redirects; header names in lower case."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")

    @property
    def last_modified(self) -> str:
        return self.headers.get("last-modified", "")


def fetch(
    url: str,
    *,
    policy: Policy = PUBLIC,
    headers: Mapping[str, str] | None = None,
    etag: str = "",
    last_modified: str = "",
    turn: Turn | None = None,
) -> Fetched:
    """Get an address. `etag` and `last_modified` of an earlier answer make 304 possible; `turn` is waited for outside
    the time allowed.

    Raises Refused: `url_not_allowed`, `scheme_not_allowed`, `credentials_in_url`, `port_not_allowed`, `invalid_url`,
    `self_reference`, `redirect_not_allowed`, `too_many_redirects`, `body_too_large`, `fetch_timeout`,
    `fetch_incomplete`, `fetch_failed`, `tls_error`.
    """
    asked = {"Accept": ACCEPT, **(headers or {})}
    asked |= {"If-None-Match": etag} if etag else {}
    asked |= {"If-Modified-Since": last_modified} if last_modified else {}
    request = requests.Request("GET", headers=asked)
    return _send(url, policy, request, turn)


def post_json(
    url: str, payload: Any, *, policy: Policy, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Fetched:
    """Post a value as JSON (or `body`, where a signature covers the very bytes). No redirect is followed. Raises as
    `fetch`."""
    content = json.dumps(payload, ensure_ascii=False).encode() if body is None else body
    asked = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
    return _send(url, policy, requests.Request("POST", headers=asked, data=content), None)


def ask(method: str, url: str, *, policy: Policy, headers: Mapping[str, str], payload: Any = None) -> Fetched:
    """One request of a configured endpoint by any method, with a value as JSON where there is one. No redirect is
    followed. Raises as `fetch`."""
    kind = {} if payload is None else {"Content-Type": "application/json"}
    content = None if payload is None else json.dumps(payload, ensure_ascii=False).encode()
    asked = {"Accept": "application/json", **kind, **headers}
    return _send(url, policy, requests.Request(method, headers=asked, data=content), None)


def put_stream(url: str, content: Readable, *, policy: Policy, headers: Mapping[str, str]) -> Fetched:
    """Put what is read piece by piece from `content`, whose length is known before. Raises as `fetch`."""
    asked = {"Accept": "application/json", "Content-Type": "application/octet-stream", **headers}
    return _send(url, policy, requests.Request("PUT", headers=asked, data=content), None)


def _send(url: str, policy: Policy, request: requests.Request, turn: Turn | None) -> Fetched:
    target = parse(url, policy)
    first = target.url
    request.headers = {"Accept-Encoding": "gzip, deflate", **(request.headers or {})}
    with Visit(policy.seconds) as visit:
        for hop in range(policy.redirects + 1):
            with ExitStack() as stack:
                try:
                    address = resolve(target, policy, visit.left)
                except Refused as refusal:
                    raise _of_hop(refusal, hop) from None
                if turn is not None:
                    with visit.paused():
                        stack.enter_context(turn(target))
                session = stack.enter_context(open_session(visit, target, address, policy))
                request.url = target.url_at(address)
                status, received, body = _exchange(visit, session, request, policy)
            location = received.get("location", "")
            if request.method != "GET" or status not in REDIRECTS or not location:
                return Fetched(first, target.url, status, received, body, datetime.now(UTC))
            try:
                target = parse(urljoin(target.url, location), policy)
            except (Refused, ValueError) as refusal:
                raise _of_hop(refusal, hop + 1) from None
    raise Refused("too_many_redirects", f"The address leads on more than {policy.redirects} times.")


def _of_hop(refusal: Exception, hop: int) -> Refused:
    """What the site itself named, not the person who asked, has a code of its own."""
    if isinstance(refusal, Refused) and (hop == 0 or refusal.code == "fetch_timeout"):
        return refusal
    return Refused("redirect_not_allowed", "The site leads on to an address that is not allowed.")


def _exchange(
    visit: Visit, session: requests.Session, request: requests.Request, policy: Policy
) -> tuple[int, dict[str, str], bytes]:
    """Send one request and take its answer as far as it is wanted."""
    try:
        if visit.is_over:
            raise _timeout()
        with session.send(session.prepare_request(request), stream=True, timeout=visit.left) as answer:
            received = {name.lower(): value for name, value in answer.headers.items()}
            if answer.status_code in REDIRECTS and "location" in received and request.method == "GET":
                return answer.status_code, received, b""  # the body of a redirect says nothing
            return answer.status_code, received, _body(visit, answer, policy)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _reason(visit, error) from None


def _body(visit: Visit, answer: requests.Response, policy: Policy) -> bytes:
    too_large = Refused("body_too_large", f"The site sends more than {policy.body_bytes:,} bytes.", status=413)
    stated = answer.headers.get("Content-Length", "")
    if stated.isdecimal() and int(stated) > policy.body_bytes:
        raise too_large
    body = bytearray()
    try:
        for piece in answer.raw.stream(PIECE, decode_content=True):
            body += piece
            if len(body) > policy.body_bytes:
                raise too_large
            if visit.is_over:
                raise _timeout()
    except (HTTPError, OSError):
        if visit.is_over:
            raise _timeout() from None
        raise Refused("fetch_incomplete", "The connection ended before the whole page was there.", status=502) from None
    if visit.is_over:
        raise _timeout()  # an end that our own clock made is not the page's end
    return bytes(body)


def _reason(visit: Visit, error: Exception) -> Refused:
    if visit.is_over or isinstance(error, requests.Timeout):
        return _timeout()
    if isinstance(error, requests.exceptions.SSLError | SSLError | ssl.SSLError):
        return Refused("tls_error", "The certificate of the site is not valid for it.", status=502)
    return Refused("fetch_failed", "The site did not take the connection, or did not answer in HTTP.", status=502)


def _timeout() -> Refused:
    return Refused("fetch_timeout", "The site did not answer in full within the time allowed.", status=504)
