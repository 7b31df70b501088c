"""Addresses of articles and the domains of outlets. Look-alike domains are never made equal."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from claims.errors import Refused
from claims.hosts import ascii_host, registered_domain

URL_CHARS = 2_000
DOMAIN_CHARS = 150
# Parameters that say how a reader came to a page and not which page it is.
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|at_(?:medium|campaign)|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh"
    r"|mc_cid|mc_eid|_ga|_gl|ocid|cmpid|wt\.mc_id|__twitter_impression)",
    re.IGNORECASE,
)
# Hosts that lend their subdomains to publishers who have nothing to do with each other, beside those in the list.
_SHARED_HOSTS = frozenset(
    (
        *(
            "blogspot.com",
            "wordpress.com",
            "substack.com",
            "medium.com",
            "tumblr.com",
            "livejournal.com",
            "typepad.com",
        ),
        *("over-blog.com", "weebly.com", "wixsite.com", "webflow.io", "ghost.io", "github.io", "gitlab.io"),
        *("netlify.app", "pages.dev", "vercel.app"),
    )
)
_PORTS = {"http": 80, "https": 443}


def check_url(url: str) -> SplitResult:
    """Return the parts of an absolute http or https address of an article.

    Raises Refused: `scheme_not_allowed`, `credentials_in_url`, `invalid_url`.
    """
    stated = url.strip()
    if len(stated) > URL_CHARS:
        raise Refused("invalid_url", f"The address has {len(stated):,} characters; at most {URL_CHARS:,} are kept.")
    try:
        parts = urlsplit(stated)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Refused("invalid_url", f"“{stated[:80]}” is not an address ({error}).") from error
    if "@" in parts.netloc:
        raise Refused("credentials_in_url", "The address holds a user name or password. Take it out.")
    if parts.scheme.lower() not in _PORTS:
        raise Refused("scheme_not_allowed", f"“{stated[:80]}” does not start with http:// or https://.")
    if not host or re.search(r"[\s\\%<>\"]", parts.netloc):
        raise Refused("invalid_url", f"“{stated[:80]}” names no host.")
    return parts


def canonical_url(url: str) -> str:
    """Return one spelling for all variants of an article's address.

    Host in lower case and punycode, https, no default port, no fragment, no tracking parameters, no trailing slash,
    the other parameters in order of name. The result is a key to compare by, not a link to open. Raises as `check_url`.
    """
    parts = check_url(url)
    port = "" if parts.port in (None, _PORTS[parts.scheme.lower()]) else f":{parts.port}"
    path = re.sub(
        r"/+\Z",
        "",
        quote(unquote(parts.path, errors="surrogateescape"), safe="/~!$&'()*+,;=:@", errors="surrogateescape"),
    )
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0])]
    query = f"?{urlencode(sorted(kept))}" if kept else ""
    return f"https://{ascii_host(parts.hostname or '')}{port}{path or '/'}{query}"


def outlet_domain(url: str) -> str:
    """Return the domain of the outlet behind an article's address, in ASCII. Raises as `check_url`.

    This is the registered part by the Public Suffix List, one label more on hosts that lend subdomains, the last two
    labels under a suffix that the list does not know; an IP address is its own domain.
    """
    host = ascii_host(check_url(url).hostname or "")
    if _is_address(host):
        return host
    labels = host.split(".")
    domain = registered_domain(host) or ".".join(labels[-2:])
    if domain in _SHARED_HOSTS and len(labels) > 2 and labels[-3] != "www":
        return ".".join(labels[-3:])
    return domain


def domain_or_nothing(url: str) -> str:
    """As `outlet_domain`; "" for what is no address, and for a host longer than any that is kept."""
    try:
        domain = outlet_domain(url) if url else ""
    except Refused:
        return ""
    return domain if len(domain) <= DOMAIN_CHARS else ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
