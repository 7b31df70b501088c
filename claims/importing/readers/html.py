"""An HTML page is one article: its headline, then its text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.dates import parse_stated_date
from claims.importing.marking.language import identify_language
from claims.importing.readers.lines import check_is_text
from claims.importing.readers.record import ReadOptions, Record, RecordError
from claims.importing.sandbox import PAGE_BYTES, page_parser

REVIEWS = 50  # of one page


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]:
    """Yield the page as one article. Raises Refused: what `PageParser.read_page` raises, `unsupported_content`."""
    html = data.read(PAGE_BYTES + 1)
    check_is_text(html)
    if not html.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{options.member or 'The file'} is empty. Give an HTML page.")
    page = page_parser().read_page(html, options.url, options.charset)
    yield replace(record_of(page, options), reviews=reviews_in(html, options))


def reviews_in(html: bytes, options: ReadOptions) -> tuple[Any, ...]:
    """Return the fact-checks (ClaimReview) that the page describes in its metadata; faulty ones are left out."""
    if b"ClaimReview" not in html:
        return ()
    from claims.importing.datasets import claimreview  # its readers are in this package

    try:
        found = list(islice(claimreview.read(io.BytesIO(html), options), REVIEWS))
    except Refused:
        return ()
    return tuple(item for item in found if not isinstance(item, RecordError))


def record_of(page: dict[str, Any], options: ReadOptions) -> Record:
    """Turn the fields of a page into a record; the headline is put before the text unless the text starts with it."""
    text, title = page["text"], page["title"]
    if title and not text[: len(title) + 20].casefold().lstrip().startswith(title.casefold()):
        text = f"{title}\n\n{text}"
    published = page["published"]
    return Record(
        text=text,
        title=title,
        url=page["url"],
        outlet=page["outlet"],
        is_stated=False,
        author=page["author"],
        published_at=parse_stated_date(published) if published else None,
        published_how=page["published_how"],
        language=_language(text, page["language"]),
        member=options.member,
        control_chars_removed=page["control_chars_removed"],
        encoding=page["encoding"],
        encoding_confidence=page["encoding_confidence"],
        remarks=_remarks(page),
        links=tuple(page["links"]),
        recipe=f"trafilatura {version('trafilatura')}, clean_text 1",
    )


def _remarks(page: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    if page["articles"] < 2:
        return ()
    taken = f"“{page['title'][:100]}”" if page["title"] else "the longest"
    sentence = (
        f"This page holds {page['articles']:,} articles; {taken} was taken. "
        "Import the others from addresses of their own, or paste them."
    )
    return (("several_articles", sentence),)


def _language(text: str, stated: str) -> str:
    """Pages often state their template's language: the text decides where it is certain."""
    code, probability = identify_language(text)
    return code if probability >= 0.8 or not stated else stated
