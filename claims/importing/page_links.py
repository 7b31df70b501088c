"""Where the text of a page leads: its links to other sites, as far as they stand in the article itself."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from claims.errors import Refused
from claims.importing.addresses import canonical_url, domain_or_nothing

MOST = 100  # of one page
LOOKED_AT = 2_000  # of the links of one page: each is looked for in the whole text
LONGEST = 1_000  # characters of an address that is kept
_BEGINNING = 60  # characters by which a paragraph is found in the text
_BLOCKS = frozenset(
    ("p", "li", "blockquote", "td", "dd", "figcaption", "h1", "h2", "h3", "h4", "div", "section", "article", "body")
)
_HOST = re.compile(r"(?:https?:)?//([^/?#]+)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\t\r\n]")  # what browsers leave out of an address
_SPACE = re.compile(r"\s+")


def outgoing_links(tree: Any, url: str, text: str) -> tuple[str, ...]:
    """Canonical addresses on other sites than that of `url`, in the order of the page, each once, at most MOST.

    A link counts where its words and the beginning of its paragraph stand in `text`: menus, teasers and buttons for
    sharing do not.
    """
    squeezed, own = _squeezed(text), domain_or_nothing(url)
    found: dict[str, None] = {}
    domains: dict[str, str] = {}
    for link in tree.xpath("//a[@href]")[:LOOKED_AT]:
        # Most links stay on their site, and are told by having no host or one that was seen before.
        href = _UNSEEN.sub("", str(link.get("href"))).strip()
        host = _HOST.match(href)
        if host is None:
            continue
        if (name := host.group(1)) not in domains:
            domains[name] = domain_or_nothing(f"https://{name}")
        if domains[name] in ("", own):
            continue
        address = _address(href, url)
        if address is None or address in found:
            continue
        words = _squeezed("".join(link.itertext()))
        if words and words in squeezed and _beginning(link) in squeezed:
            found[address] = None
        if len(found) == MOST:
            break
    return tuple(found)


def _address(href: str, base: str) -> str | None:
    try:
        found = canonical_url(urljoin(base, href.strip()))
    except (Refused, ValueError):
        return None
    return found if len(found) <= LONGEST else None


def _beginning(link: Any) -> str:
    """How the paragraph of a link begins; a long one is not read to its end for it."""
    block = next((parent for parent in link.iterancestors() if parent.tag in _BLOCKS), link)
    parts: list[str] = []
    chars = 0
    for part in block.itertext():
        parts.append(part)
        chars += len(part.strip())
        if chars > _BEGINNING:
            break
    return _squeezed("".join(parts))[:_BEGINNING]


def _squeezed(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
