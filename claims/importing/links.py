"""The addresses that a feed (RSS, Atom, RDF, JSON) or a sitemap (XML, text) lists. Runs in the parser's child process.

Nothing outside the bytes is read: no entity is resolved, no document type loaded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn
from urllib.parse import urljoin

from lxml import etree

from claims.errors import Refused
from claims.text import strict_json

LINKS = 500
UNPACKED_BYTES = 10_000_000
_START = re.compile(rb"(?:<[?!][^>]{0,400}>\s{0,9}(?:\]>\s{0,9})?)*<([\w:.-]{1,40})")
_JSON_FEED = re.compile(rb'"https?://jsonfeed\.org/version/[\d.]+"')
_ADDRESS = re.compile(rb"\s*https?://[^\s<>\"]{4,2000}\s*")
_WEB = ("http://", "https://")
_ROOTS = frozenset({"rss", "feed", "RDF", "urlset", "sitemapindex"})


def answers(data: bytes, url: str, charset: str) -> Iterator[dict[str, Any]]:
    """What the child process sends."""
    for link in find_links(data, url):
        yield {"address": link}


def is_feed(body: bytes) -> bool:
    """Whether bytes begin like a feed or sitemap, perhaps packed with gzip."""
    start = _unpacked(body[:65_536], whole=False).removeprefix(b"\xef\xbb\xbf").lstrip()
    found = _START.match(start[:4_096])
    if found is not None:
        return found.group(1).decode().rpartition(":")[2] in _ROOTS
    return _is_json_feed(start) or _is_list(start, whole=len(body) < 65_536)


def find_links(body: bytes, base: str) -> list[str]:
    """Return the first 500 addresses, in the order of the document, each once. Raises Refused: `not_a_feed`,
    `xml_forbidden_dtd`, `too_large`."""
    content = _unpacked(body, whole=True)
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _is_json_feed(start):
        return _first(_of_json(start), base)
    if _is_list(start, whole=True):
        return _first(start.decode().split(), base)
    if re.search(rb"<!ENTITY", content[:65_536], re.IGNORECASE):
        _refuse_entities()
    parser = etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    declared = root.getroottree().docinfo.internalDTD if root is not None else None
    if declared is not None and any(True for _ in declared.iterentities()):
        _refuse_entities()  # in an encoding or at a place that the search above does not see
    if root is None or _name(root) not in _ROOTS:
        raise Refused("not_a_feed", "This is neither a feed (RSS, Atom or JSON Feed) nor a sitemap.")
    return _first(_stated(root), base)


def _first(stated: Iterable[str], base: str) -> list[str]:
    found: dict[str, None] = {}
    for address in stated:
        found.setdefault(urljoin(base, " ".join(address.split())), None)
        if len(found) == LINKS:
            break
    return list(found)


def _is_json_feed(start: bytes) -> bool:
    return start.startswith(b"{") and _JSON_FEED.search(start) is not None


def _is_list(start: bytes, *, whole: bool) -> bool:
    """Whether there is an address on every line and nothing else, as in a sitemap that is a text."""
    lines = start.splitlines() if whole else start.splitlines()[:-1]
    return bool(lines) and all(_ADDRESS.fullmatch(line) for line in lines if line.strip())


def _of_json(content: bytes) -> Iterator[str]:
    """The address of each entry of a JSON Feed. Raises Refused: what `strict_json` does."""
    items = strict_json(content).get("items")
    for item in items if isinstance(items, list) else ():
        stated = [item.get(name) for name in ("url", "external_url", "id")] if isinstance(item, dict) else []
        if address := next((one for one in stated if isinstance(one, str) and one.startswith(_WEB)), ""):
            yield address


def _refuse_entities() -> NoReturn:
    raise Refused("xml_forbidden_dtd", "The feed declares entities of its own, which are not read.")


def _stated(root: Any) -> Iterator[str]:
    """The address of each entry, as it stands there."""
    for entry in root.iter("{*}item", "{*}entry", "{*}url", "{*}sitemap"):
        inside = {"item": "link", "entry": "link", "url": "loc", "sitemap": "loc"}[_name(entry)]
        links = [child for child in entry if _name(child) == inside]
        if _name(entry) == "entry":
            links = [link for link in links if link.get("rel", "alternate") == "alternate"]
        stated = [link.get("href") or (link.text or "").strip() for link in links[:1]]
        if not any(stated):  # an entry of RSS may name its address by its identity alone
            stated = [(one.text or "").strip() for one in entry if _is_permalink(one)]
        if stated and stated[0]:
            yield stated[0]


def _is_permalink(element: Any) -> bool:
    is_address = (element.text or "").strip().startswith(_WEB)
    return _name(element) == "guid" and element.get("isPermaLink", "true") == "true" and is_address


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
