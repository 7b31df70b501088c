"""The article inside an HTML page: text, headline, author, date, address, language (trafilatura).

Runs in the parser's child process, because a page can be made to keep a parser busy for minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urljoin

from trafilatura import bare_extraction, baseline
from trafilatura.utils import load_html

from claims.errors import Refused
from claims.importing.addresses import canonical_url, outlet_domain
from claims.importing.charsets import decode_page
from claims.importing.dates import parse_stated_date
from claims.importing.page_articles import keep_main_article
from claims.importing.page_links import outgoing_links
from claims.text import ARTICLE_CHARS, clean_text

# Less than this is taken as a failed extraction, and the next way is tried.
_ENOUGH = 200
_DATE_PLACES = (
    "//meta[@property='article:published_time' or @property='og:article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//meta[@name='date' or @name='pubdate' or @name='publishdate' or @name='dc.date' or @name='DC.date.issued'"
    " or @name='parsely-pub-date' or @name='sailthru.date' or @name='article.published']/@content",
    "//time[@itemprop='datePublished']/@datetime",
    "//article//time[@pubdate]/@datetime",
)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]")
# A piece of a page, such as a content system exports it, begins with one of these and not with <html>.
_FRAGMENT = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:p|div|h[1-6]|article|section|main|header|span|table|ul|ol|blockquote)\b", re.I | re.S
)
_SENDS_ON = re.compile(r"\s*(\d{1,9})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'\s]{1,2000})", re.I)
_AT_ONCE = 10  # seconds; a page that reloads later is there to be read
_JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"\\]{8,40})"')


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page says of itself. `text` is the body alone; `published` is ISO 8601 and "" when unknown."""

    text: str
    title: str = ""
    author: str = ""
    published: str = ""
    published_how: str = "unknown"
    url: str = ""
    outlet: str = ""
    language: str = ""
    encoding: str = "utf-8"
    encoding_confidence: float = 1.0
    control_chars_removed: int = 0
    articles: int = 1  # that the page holds; the text is that of its main one
    links: tuple[str, ...] = ()  # to other sites, from inside the text


def read_page(html: bytes, url: str = "", charset: str = "") -> Page:
    """Return the article of an HTML page; `charset` is what the server called its encoding.

    Raises Refused: `empty`, `encoding_unknown`, `article_too_long`, `parser_failed`.
    """
    decoded = decode_page(html, charset)
    cleaned = clean_text(decoded.text, limit=len(decoded.text) + 1)
    tree = _tree(cleaned.text)
    if tree is None:
        raise Refused("parser_failed", "These bytes cannot be parsed as an HTML page. Paste the text instead.")
    own_url = _own_url(tree, url)
    several = keep_main_article(tree)
    date, how = _stated_date(tree)
    extracted, found = _extract(tree, url)
    text = clean_text(extracted, limit=ARTICLE_CHARS, code="article_too_long").text
    if len(text) < _ENOUGH and (elsewhere := _elsewhere(tree, own_url)):
        sentence = (
            f"This page holds no article but leads to “{elsewhere[:200]}”. Import that address, or paste the text."
        )
        raise Refused("empty", sentence)
    if not text.strip():
        raise Refused("empty", "No article text was found on this page. Paste the text instead.")
    if not date and (date := getattr(found, "date", None) or ""):
        how = "url" if re.sub(r"\D", "", date) in re.sub(r"\D", "", own_url) else "text"
    return Page(
        text=text,
        title=_line((several.heading if not several.is_named else getattr(found, "title", None)) or _title(tree), 500),
        author=_line(getattr(found, "author", None), 300),
        published=date,
        published_how=how if date else "unknown",
        url=own_url,
        outlet=_line(getattr(found, "sitename", None), 200),
        language=_line(tree.get("lang") or "", 12).lower().partition("-")[0],
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
        control_chars_removed=cleaned.control_chars_removed,
        articles=several.n,
        links=outgoing_links(tree, own_url or url, text),
    )


def answers(data: bytes, url: str, charset: str) -> Iterator[dict[str, Any]]:
    """What the parser's child sends: the page."""
    yield asdict(read_page(data, url, charset))


def page_text(html: bytes, url: str = "") -> str:
    """Return the body of the article on a page, and "" when there is none."""
    tree = _tree(clean_text(decode_page(html).text, limit=len(html) + 1).text)
    if tree is None:
        return ""
    keep_main_article(tree)
    return _extract(tree, url)[0]


def _tree(markup: str) -> Any:
    tree = load_html(markup)
    if tree is None and _FRAGMENT.match(markup):
        tree = load_html(f"<html><body>{markup}</body></html>")
    return tree


def _title(tree: Any) -> str:
    """What a page is called, for when its other facts are so odd that nothing was found in them."""
    return next((str(found) for found in tree.xpath("//meta[@property='og:title']/@content | //title/text()")), "")


def _elsewhere(tree: Any, url: str) -> str:
    """Where a page without a text of its own sends its reader: at once, or into frames; "" when nowhere."""
    refreshes = tree.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']/@content")
    for found in filter(None, map(_SENDS_ON.match, refreshes)):
        address = urljoin(url, _line(found.group(2), 2_000))
        if int(found.group(1)) <= _AT_ONCE and address != url:
            return address
    return next((urljoin(url, _line(found, 2_000)) for found in tree.xpath("//frame/@src")), "")


def _extract(tree: Any, url: str) -> tuple[str, Any]:
    """Return (text, metadata) by the fast way; when that gives almost nothing, text by more thorough ones."""
    options: dict[str, Any] = {"url": url or None, "include_comments": False, "with_metadata": True}
    found = bare_extraction(deepcopy(tree), fast=True, **options)
    text = str(getattr(found, "text", None) or "")
    if len(text) < _ENOUGH:
        thorough = bare_extraction(deepcopy(tree), fast=False, favor_recall=True, **options)
        for other in (str(getattr(thorough, "text", None) or ""), baseline(deepcopy(tree))[1]):
            # A short notice is an article too: another way must find much more to be believed.
            text = other if len(other) > 2 * len(text) else text
    return text, found


def _own_url(tree: Any, url: str) -> str:
    """Return the page's canonical address. A page may not name another outlet's address as its own."""
    for found in tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content"):
        stated = _line(found, 2_000)
        try:
            canonical_url(stated)
            if not url or outlet_domain(stated) == outlet_domain(url):
                return stated
        except Refused:
            continue
    return url


def _stated_date(tree: Any) -> tuple[str, str]:
    """The first date that the page states of itself. The page is made to state it plainly, or nothing in place of a
    date that there is not: others would guess at what it may mean."""
    for place in _DATE_PLACES:
        for candidate in tree.xpath(place):
            date = _date_or_nothing(candidate)
            candidate.getparent().set(candidate.attrname, date)
            if date:
                return date, "metadata"
    for script in tree.xpath("//script[@type='application/ld+json']"):
        for candidate in _JSON_LD_DATE.findall(script.text or ""):
            date = _date_or_nothing(candidate)
            script.text = script.text.replace(candidate, date)
            if date:
                return date, "metadata"
    return "", "unknown"


def _date_or_nothing(stated: str) -> str:
    """A date in ISO 8601, and only the day where the time of day is none; "" for what is no date."""
    day = _DAY.match(stated.strip())
    for said in (stated, day.group(1) if day else ""):
        try:
            return parse_stated_date(said).isoformat()
        except (ValueError, OverflowError):
            continue
    return ""


def _line(value: str | None, limit: int) -> str:
    return " ".join(clean_text(value or "", limit=len(value or "") + 1).text.split())[:limit]
