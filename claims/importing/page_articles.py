"""The main article of a page that marks up several: teasers beside one long text, or really more than one article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from lxml.etree import iterwalk

# From so many characters on, a text is an article whatever stands beside it; teasers are shorter.
_LONG = 800
_SHORTEST = 80
_MOST = 500  # that are looked at; a page with more is a list
_COMMENT = re.compile(r"comment|respon[ds]|disqus|discussion|repl(?:y|ies)\b", re.IGNORECASE)
_UNREAD = frozenset(("a", "script", "style", "noscript", "figcaption", "button", "select", "template"))
_BESIDE = frozenset(("article", "nav", "aside", "footer", "head"))
_HEADINGS = "(.//h1 | .//h2 | .//h3 | .//h4 | .//*[@itemprop='headline'])"
_TITLES = "//meta[@property='og:title' or @name='twitter:title']/@content | //h1[not(ancestor::article)] | //title"
_LEAST_TITLE = 8  # characters by which a heading can be told from another


@dataclass(frozen=True)
class Several:
    """How many articles a page holds, and how the one that was kept is headed; `is_named` says that the page itself is
    named after it."""

    n: int = 1
    heading: str = ""
    is_named: bool = True


def keep_main_article(tree: Any) -> Several:
    """Take out of a page the articles beside its main one, and say what they were.

    An article inside another one, and one among comments, is no article of the page. What has no heading is a part of
    one text and stays, as does a short one whose heading leads nowhere. Among several of full length the main one is
    that which the page is named after, else the longest.
    """
    found = [one for one in islice(tree.iter("article"), _MOST) if _is_apart(one)]
    headings = {one: heading for one in found if (heading := _heading(one)) is not None} if len(found) > 1 else {}
    sizes = {one: _running_chars(one) for one in headings}
    longest = max(sizes.values(), default=0)
    if not headings or any(one not in sizes and _running_chars(one) >= _LONG for one in found):
        return Several()
    led_away = {one for one, heading in headings.items() if _is_link(heading)}
    if _running_chars(tree, is_outside=True) >= max(2 * longest, _LONG):
        _take_out(led_away)
        return Several()
    full = [one for one in headings if sizes[one] >= _LONG or (sizes[one] >= _SHORTEST and 2 * sizes[one] >= longest)]
    named = [one for one in full if _is_named_after(tree, _words(headings[one]))]
    if whole := [one for one in full if one in named or one not in led_away]:
        full = [one for one in full if one in whole or sizes[one] >= _LONG]  # the other short ones are teasers
    main = max(named or full or list(headings), key=lambda one: sizes[one])
    _take_out(led_away.union(full) - {main})
    return Several(max(1, len(full)), _words(headings[main]), bool(named) or len(full) < 2)


def _is_apart(article: Any) -> bool:
    around = [article, *article.iterancestors()]
    if any(one.tag == "article" for one in around[1:]):
        return False
    return not any(map(_is_of_comments, around[:-2]))  # the page as a whole may be called one where comments are open


def _heading(article: Any) -> Any:
    return next((one for one in article.xpath(_HEADINGS) if _words(one)), None)


def _is_link(heading: Any) -> bool:
    """Whether a heading leads to where its article is."""
    around = takewhile(lambda one: one.tag != "article", heading.iterancestors())
    return heading.find(".//a") is not None or any(one.tag == "a" for one in around)


def _is_named_after(tree: Any, heading: str) -> bool:
    """Whether one of the page's own titles holds the heading, or the heading the title."""
    folded = heading.casefold()
    for found in tree.xpath(_TITLES):
        title = (" ".join(found.split()) if isinstance(found, str) else _words(found)).casefold()
        if min(len(title), len(folded)) >= _LEAST_TITLE and (folded in title or title in folded):
            return True
    return False


def _running_chars(element: Any, *, is_outside: bool = False) -> int:
    """The length of the text that is read: without links, captions and what is not shown. `is_outside`: only what
    stands beside articles, comments and menus."""
    chars = 0
    walk = iterwalk(element, events=("start", "end"))
    for event, one in walk:
        if event == "end":
            chars += len(one.tail.strip()) if one.tail and one is not element else 0
        elif one.tag in _UNREAD or not isinstance(one.tag, str) or (is_outside and _is_beside(one)):
            walk.skip_subtree()
        else:
            chars += len(one.text.strip()) if one.text else 0
    return chars


def _is_beside(element: Any) -> bool:
    return element.tag in _BESIDE or _is_of_comments(element)


def _is_of_comments(element: Any) -> bool:
    return _COMMENT.search(f"{element.get('class', '')} {element.get('id', '')}") is not None


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def _take_out(articles: Iterable[Any]) -> None:
    for one in articles:
        one.drop_tree()
