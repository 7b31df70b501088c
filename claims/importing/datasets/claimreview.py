"""ClaimReview (schema.org) as JSON-LD: inside a page, or as a file of one object, an array, a graph or a data feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from claims.encodings import decode_bytes
from claims.errors import Refused
from claims.importing.addresses import outlet_domain
from claims.importing.charsets import decode_page
from claims.importing.datasets.finding import Faults, Finding, Item, Verdict, claim_text, refused, short
from claims.importing.readers.jsonl import ArrayElements
from claims.importing.readers.lines import LINE_BYTES, bounded_lines, check_is_text, open_text
from claims.importing.readers.record import ReadOptions
from claims.text import strict_json

PAGE_BYTES = 10_000_000
_SCRIPT = re.compile(r"<script\b[^>]{0,500}application/ld\+json[^>]{0,500}>", re.IGNORECASE)
_INSIDE = ("@graph", "dataFeedElement", "item", "itemListElement", "mainEntity")
_DEPTH = 8


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Item]:
    """Yield one finding a review. Raises Refused: `empty`, `no_claim_review`, `encoding_unknown`."""
    head = data.read(1 << 12)
    data.seek(0)
    check_is_text(head)
    found_any = False
    is_page = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    for line, text in _scripts(data, options) if is_page else _documents(data, options):
        try:
            if text is None:
                raise Refused("line_too_long", "This object is longer than 8 MB and was left out.")
            document = strict_json(text, max_chars=LINE_BYTES)
        except Refused as refusal:
            found_any = True
            yield refused(refusal, options, line)
            continue
        for review in reviews(document):
            found_any = True
            faults = Faults(options, line)
            try:
                yield _finding(review, line, faults)
            except Refused as refusal:
                yield refused(refusal, options, line)
            yield from faults.found
    if not found_any:
        raise Refused("no_claim_review", "No ClaimReview was found in this file.")


def reviews(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Find the reviews in a document, wherever publishers put them."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from reviews(item, depth + 1)
    if isinstance(value, dict):
        kind = value.get("@type")
        if kind == "ClaimReview" or (isinstance(kind, list) and "ClaimReview" in kind):
            yield value
            return
        for name in _INSIDE:
            yield from reviews(value.get(name), depth + 1)


def _documents(data: BinaryIO, options: ReadOptions) -> Iterator[tuple[int, str | None]]:
    """A whole file as one document where it fits; else the elements of its array, or its lines."""
    content = data.read(LINE_BYTES + 1)
    data.seek(0)
    if len(content) <= LINE_BYTES:
        text = decode_bytes(content, encoding=options.encoding).text
        if not text.strip():
            raise Refused("empty", "The file is empty.")
        try:
            strict_json(text, max_chars=LINE_BYTES)
        except Refused:
            pass
        else:
            yield 1, text
            return
    with open_text(data, options.encoding) as opened:
        lines = bounded_lines(opened)
        is_array = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        for line, text_ in ArrayElements(lines) if is_array else lines:
            if text_ is None or text_.strip():
                yield line, text_


def _scripts(data: BinaryIO, options: ReadOptions) -> Iterator[tuple[int, str | None]]:
    """The JSON-LD of a page, cut out without parsing the page."""
    content = data.read(PAGE_BYTES + 1)
    if len(content) > PAGE_BYTES:
        raise Refused("too_large", f"The page has more than {PAGE_BYTES:,} bytes.", status=413)
    if options.encoding is not None:
        page = decode_bytes(content, encoding=options.encoding).text
    else:
        page = decode_page(content, options.charset).text
    lower, at, line = page.lower(), 0, 1
    while (opening := _SCRIPT.search(page, at)) is not None:
        end = lower.find("</script", opening.end())
        if end < 0:
            return
        line += page.count("\n", at, opening.end())
        yield line, page[opening.end() : end].strip()
        line += page.count("\n", opening.end(), end)
        at = end


def _finding(review: dict[str, Any], line: int, faults: Faults) -> Finding:
    text = claim_text(review.get("claimReviewed"))
    rating, said = _one(review.get("reviewRating")), _one(review.get("itemReviewed"))
    url = faults.url(review.get("url"))
    label = _label(rating)
    if not label:
        faults.add("missing_label", "The review has no rating. The claim was kept without a verdict.")
    verdict = Verdict(
        publisher=_publisher(_one(review.get("author") or review.get("publisher")), url),
        label=label,
        url=url,
        published_at=faults.date(review.get("datePublished")),
        rating=_number(rating.get("ratingValue")),
        worst=_number(rating.get("worstRating")),
        best=_number(rating.get("bestRating")),
    )
    speaker = _one(said.get("author"))
    return Finding(
        text=text,
        line=line,
        kind="review",
        speaker=short(speaker.get("name")),
        said_at=faults.date(said.get("datePublished")),
        url=faults.url(_appearance(said)),
        verdicts=(verdict,) if label else (),
    )


def _one(value: Any) -> dict[str, Any]:
    """Publishers write one object, a list of one, or only a name."""
    if isinstance(value, list):
        value = value[0] if value else {}
    if isinstance(value, str):
        return {"name": value}
    return value if isinstance(value, dict) else {}


def _label(rating: dict[str, Any]) -> str:
    named = short(rating.get("alternateName") or rating.get("name"))
    value = rating.get("ratingValue")
    return named or ("" if value is None or isinstance(value, (dict, list)) else str(value)[:40])


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) < 1e9 else None


def _publisher(author: dict[str, Any], url: str) -> str:
    return (outlet_domain(url) if url else "") or short(author.get("name"), 200) or "unknown"


def _appearance(said: dict[str, Any]) -> Any:
    first = _one(said.get("firstAppearance") or said.get("appearance"))
    return first.get("url") or (first.get("name") if str(first.get("name", "")).startswith("http") else "")
