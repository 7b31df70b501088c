"""Which addresses a request may go to. One parser decides: what was checked here is what is connected to.

No refusal repeats the address: it may hold a password.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http.request import validate_host

from claims.errors import Refused, Sentence
from claims.hosts import ascii_host, is_full_name
from claims.outbound.policy import Policy

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
URL_CHARS = 2_000
PORTS = {"http": 80, "https": 443}
NOT_PUBLIC = Sentence("The address does not lead to a public site. Check its spelling.")
# Everything that is not the public internet, by our own table: Python's `is_private` has changed between releases.
_CLOSED = [
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
_OPEN_6 = ipaddress.ip_network("2000::/3")  # the only part of IPv6 that is handed out
_CLOSED_6 = [
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # the first with Teredo and ORCHID
]


@dataclass(frozen=True)
class Target:
    """An address that may be asked, taken apart."""

    scheme: str
    host: str  # in ASCII
    port: int
    path: str  # with the query, in ASCII

    @property
    def authority(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == PORTS[self.scheme] else f"{shown}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def url_at(self, address: IPAddress) -> str:
        shown = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{shown}:{self.port}{self.path}"


def parse(url: str, policy: Policy) -> Target:
    """Take an address apart and check all of it that needs no resolver. Raises Refused: `invalid_url`,
    `scheme_not_allowed`, `credentials_in_url`, `port_not_allowed`, `url_not_allowed`, `self_reference`."""
    stated = url.strip(" ")
    if len(stated) > URL_CHARS or re.search(r"[\x00-\x20\x7f\\]", stated):
        raise Refused(
            "invalid_url", Sentence("The address is too long or holds a space, a backslash or a control character.")
        )
    try:
        parts = urlsplit(stated)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("invalid_url", Sentence("This is not an address.")) from None
    scheme = parts.scheme.lower()
    if "@" in parts.netloc:
        raise Refused("credentials_in_url", Sentence("The address holds a user name or password. Take it out."))
    if scheme not in PORTS:
        raise Refused("scheme_not_allowed", Sentence("The address does not start with http:// or https://."))
    host = ascii_host(host) if host.rstrip(".") + "." in (host, host + ".") else ""
    if not host or "%" in parts.netloc:
        raise Refused("invalid_url", Sentence("The address names no host."))
    port = PORTS[scheme] if port is None else port
    if policy.is_foreign:
        if not is_full_name(host):
            raise Refused("url_not_allowed", NOT_PUBLIC)
        if _is_ourselves(host):
            raise Refused("self_reference", Sentence("The address is one of this very installation."))
    if policy.ports is not None and port not in policy.ports:
        raise Refused("port_not_allowed", Sentence("Only the usual ports, 80 and 443, are asked."))
    path = quote(parts.path or "/", safe="/%~!$&'()*+,;=:@-._")
    query = f"?{quote(parts.query, safe='/%~!$&()*+,;=:@-._?')}" if parts.query else ""
    return Target(scheme, host, port, path + query)


def resolve(target: Target, policy: Policy, seconds: float) -> IPAddress:
    """Return the address to connect to; every address of a foreign name has to be public.

    A name that leads nowhere and one that leads inside are answered alike (FE-26). Raises Refused: `url_not_allowed`,
    `fetch_timeout`.
    """
    # With its last dot the name is whole: the resolver's search list is not asked.
    name = f"{target.host}." if policy.is_foreign else target.host
    found = _look_up(name, target.port, seconds)
    if not found:
        raise Refused("url_not_allowed", NOT_PUBLIC)
    if policy.is_foreign and not all(is_public(address) for address in found):
        raise Refused("url_not_allowed", NOT_PUBLIC)
    return next((address for address in found if address.version == 4), found[0])


def is_public(address: IPAddress) -> bool:
    """Whether an address is of the public internet. An IPv6 address that wraps another one never is."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED)
    return address in _OPEN_6 and not any(address in network for network in _CLOSED_6)


def _look_up(name: str, port: int, seconds: float) -> list[IPAddress]:
    """Ask the system's resolver, in a thread of its own: it has no time limit."""
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.extend(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            return

    thread = threading.Thread(target=ask, daemon=True, name="resolver")
    thread.start()
    thread.join(max(seconds, 0))
    if thread.is_alive():
        raise Refused("fetch_timeout", Sentence("The name of the host was not resolved in time."))
    return list(dict.fromkeys(ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers))


def _is_ourselves(host: str) -> bool:
    origins = [urlsplit(origin).hostname or "" for origin in settings.CSRF_TRUSTED_ORIGINS]
    own = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    return validate_host(host, own) or host in origins
