"""What page furniture, bylines and captions are told by; the words themselves are in phrases.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_MARKS = "•*-–—:>»| \t\u00a0…"


def _phrases() -> dict[str, list[str]]:
    listed = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))
    return {name: re.split(r"\s*[;\n]\s*", str(text).strip()) for name, text in listed.items()}


_LISTED = _phrases()


def _one_of(name: str) -> str:
    longest_first = sorted(_LISTED[name], key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})"


def _whole_words(name: str) -> str:
    longest_first = sorted(_LISTED[name], key=len, reverse=True)
    # Scripts without blanks between words have no word boundaries to ask for.
    spaced = "|".join(re.escape(phrase) for phrase in longest_first if phrase[0] < "\u2e80")
    unspaced = "|".join(re.escape(phrase) for phrase in longest_first if phrase[0] > "\u2e80")
    return rf"(?<!\w)(?:{spaced})(?!\w)|{unspaced}"


_COMMENT_HEADING = re.compile(rf"{_one_of('comment_headings')}(?:\s*\(\d+\))?", re.IGNORECASE)
_TAIL_HEADING = re.compile(rf"{_one_of('tail_headings')}|{_one_of('tail_starts')}\b.{{0,60}}", re.IGNORECASE)
_INLINE_LINK = re.compile(rf"{_one_of('inline_links')}\s*[:：|»>]", re.IGNORECASE)
_FURNITURE = re.compile(f"{_whole_words('furniture')}|[©ⓒ]", re.IGNORECASE)
_CLOSING = re.compile(rf"{_one_of('closings')}\b", re.IGNORECASE)
_ADDRESS = re.compile(_whole_words("addresses"), re.IGNORECASE)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:\s*(?:[ap]\.?m\.?|uhr|gmt|utc|[a-z]{3,4}))?", re.IGNORECASE)
_QUOTATION = re.compile('["“”„«»「」]')
_BYLINE = re.compile(rf"{_one_of('byline_starts')}\b[:\s]", re.IGNORECASE)
_PICTURE = rf"\b{_one_of('pictures')}\b"
_CREDIT = re.compile(
    rf"{_PICTURE}\s*(?::|/|by\b|credit\b|courtesy\b|©)|\bgetty images\b|\bfile photo\b"
    rf"|\((?:[^()]{{0,60}}[/ ])?{_one_of('picture_makers')}\b[^()]{{0,80}}\)\s*\Z|[写画]真\s*[：:=]|사진\s*=",
    re.IGNORECASE,
)


def is_comment_heading(line: str) -> bool:
    """Say whether this short line announces comments, or what the page says of its author."""
    return len(line) <= 80 and _COMMENT_HEADING.fullmatch(line.strip(_MARKS)) is not None


def is_tail_heading(line: str) -> bool:
    """Say whether this short line announces a list of other stories, or comments."""
    return is_comment_heading(line) or (len(line) <= 80 and _TAIL_HEADING.fullmatch(line.strip(_MARKS)) is not None)


def is_inline_link(line: str) -> bool:
    """Say whether this line points to another story (`Read more: …`)."""
    return len(line) <= 200 and _INLINE_LINK.match(line.lstrip("•*-–—>»([ ")) is not None


def has_furniture(line: str) -> bool:
    """Say whether the line holds a phrase of page furniture (log in, newsletter, all rights reserved)."""
    return _FURNITURE.search(line) is not None


def is_promotion(line: str) -> bool:
    """Say whether the line asks the reader for something (`Sign up to our newsletter`) and quotes nobody."""
    return len(line) <= 400 and has_furniture(line) and bool(_ADDRESS.search(line)) and not _QUOTATION.search(line)


def is_closing(line: str) -> bool:
    """Say whether the line says where the text comes from (`This story was first published …`) or what comes next."""
    return len(line) <= 300 and _CLOSING.match(line.lstrip(_MARKS)) is not None


def is_time(line: str) -> bool:
    """Say whether the line is a time of the day and nothing else, as over the entries of a live blog."""
    return len(line) <= 20 and _TIME.fullmatch(line) is not None


def is_credit(line: str) -> bool:
    """Say whether the line names the maker of a picture, as captions do."""
    return len(line) <= 400 and _CREDIT.search(line) is not None


def starts_as_byline(line: str) -> bool:
    """Say whether the line begins as bylines do (`By …`, `Von …`, `Updated …`)."""
    return len(line) <= 120 and _BYLINE.match(line.lstrip("•*-–— |")) is not None


def without_byline_start(line: str) -> str:
    """The rest of a byline: `By Dora Finch, correspondent` begins with the name then."""
    return _BYLINE.sub("", line.lstrip("•*-–— |"), count=1).strip()
