"""The addresses that a feed (RSS, Atom, RDF) or a sitemap lists. Runs in the parser's child process.

Nothing outside the bytes is read: no entity is resolved, no document type loaded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import urljoin

from lxml import etree

from claims.errors import Refused

LINKS = 500
UNPACKED_BYTES = 10_000_000
_START = re.compile(rb"(?:<[?!][^>]{0,400}>\s{0,9}(?:\]>\s{0,9})?)*<([\w:.-]{1,40})")
_ROOTS = frozenset({"rss", "feed", "RDF", "urlset", "sitemapindex"})


def answers(data: bytes, url: str) -> Iterator[dict[str, Any]]:
    """What the child process sends."""
    for link in find_links(data, url):
        yield {"address": link}


def is_feed(body: bytes) -> bool:
    """Whether bytes begin like a feed or sitemap, perhaps packed with gzip."""
    found = _START.match(_unpacked(body[:65_536], whole=False).removeprefix(b"\xef\xbb\xbf").lstrip()[:4_096])
    return found is not None and found.group(1).decode().rpartition(":")[2] in _ROOTS


def find_links(body: bytes, base: str) -> list[str]:
    """Return the first 500 addresses, in the order of the document, each once. Raises Refused: `not_a_feed`,
    `xml_forbidden_dtd`, `too_large`."""
    content = _unpacked(body, whole=True)
    if re.search(rb"<!ENTITY", content[:65_536], re.IGNORECASE):
        _refuse_entities()
    parser = etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    declared = root.getroottree().docinfo.internalDTD if root is not None else None
    if declared is not None and any(True for _ in declared.iterentities()):
        _refuse_entities()  # in an encoding or at a place that the search above does not see
    if root is None or _name(root) not in _ROOTS:
        raise Refused("not_a_feed", "This is neither a feed (RSS or Atom) nor a sitemap.")
    found: dict[str, None] = {}
    for stated in _stated(root):
        link = urljoin(base, " ".join(stated.split()))
        found.setdefault(link, None)
        if len(found) == LINKS:
            break
    return list(found)


def _refuse_entities() -> NoReturn:
    raise Refused("xml_forbidden_dtd", "The feed declares entities of its own, which are not read.")


def _stated(root: Any) -> Iterator[str]:
    """The address of each entry, as it stands there."""
    for entry in root.iter("{*}item", "{*}entry", "{*}url", "{*}sitemap"):
        inside = {"item": "link", "entry": "link", "url": "loc", "sitemap": "loc"}[_name(entry)]
        links = [child for child in entry if _name(child) == inside]
        if _name(entry) == "entry":
            links = [link for link in links if link.get("rel", "alternate") == "alternate"]
        for link in links[:1]:
            if address := link.get("href") or (link.text or "").strip():
                yield address


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _unpacked(body: bytes, *, whole: bool) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(body, UNPACKED_BYTES if whole else 65_536)
    except zlib.error:
        return b""
    if whole and unpacking.unconsumed_tail:
        raise Refused("too_large", f"The sitemap unpacks to more than {UNPACKED_BYTES:,} bytes.", status=413)
    return content
