"""The blocks of an article's text and what each is on the page. Blocks are marked and never deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.importing.dates import find_date
from claims.importing.marking.density import article_lines, ends_sentence, width
from claims.importing.marking.language import UNKNOWN, identify_language
from claims.importing.marking.phrases import (
    has_furniture,
    is_closing,
    is_comment_heading,
    is_credit,
    is_inline_link,
    is_promotion,
    is_tail_heading,
    is_time,
    starts_as_byline,
    without_byline_start,
)

_LINE = re.compile(r"[^\n]+")
_SEPARATORS = re.compile(r"\s+[|•·/–—]\s+")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){0,5}")
_LONGEST_HEADLINE = 300
# A language is believed of a line this long, and when it is this likely.
_LANGUAGE_WIDTH, _LANGUAGE_PROBABILITY, _LANGUAGE_SAMPLE = 40, 0.8, 160


@dataclass(frozen=True)
class Block:
    """One line of the text: `text[start:end]` in code points, without the blanks round it."""

    start: int
    end: int
    role: str
    language: str = UNKNOWN


def find_blocks(text: str, *, title: str = "", language: str = "") -> list[Block]:
    """Cut a text into its non-empty lines and give each a role (domain: A1 segment_role) and a language.

    `title` and `language` are what is known of the article from elsewhere. In a text without any running text every
    line but a first short one is body: it may be a message of a few words.
    """
    places = [_trimmed(found.group(), found.start()) for found in _LINE.finditer(text)]
    places = [(start, end) for start, end in places if start < end]
    lines = [text[start:end] for start, end in places]
    own = language or article_language(lines)
    languages = [_language_of(line, own) for line in lines]
    roles = _Roles(lines, languages, own, title).all()
    return [Block(*place, role, tongue) for place, role, tongue in zip(places, roles, languages, strict=True)]


def article_language(lines: Sequence[str]) -> str:
    """Return the language of the longest lines together, "und" when there is nothing to tell by."""
    longest = sorted(lines, key=len, reverse=True)[:5]
    return identify_language(" ".join(longest))[0]


def find_headline(text: str, blocks: Sequence[Block]) -> str:
    """Return the line marked as headline; without one, a few words that stand right over the text, else the beginning
    of the first body line, at most 120 characters."""
    if stands_alone_over(text, blocks):
        return text[blocks[0].start : blocks[0].end][:500]
    for wanted in ("headline", "body"):
        block = next((block for block in blocks if block.role == wanted), None)
        if block is not None:
            line = text[block.start : block.end]
            return line[:500] if wanted == "headline" else line[:119] + ("…" if len(line) > 119 else "")
    return ""


def stands_alone_over(text: str, blocks: Sequence[Block]) -> bool:
    """Whether the first line is all that stands over the text and can be its name, though it is too short to be told
    from furniture by itself: `Harbour closed`."""
    if [block.role for block in blocks[:2]] != ["boilerplate", "body"]:
        return False
    line = text[blocks[0].start : blocks[0].end]
    return (
        len(line.split()) > 1 and width(line) <= _LONGEST_HEADLINE and not (ends_sentence(line) or has_furniture(line))
    )


def find_dateline_date(text: str, blocks: Sequence[Block]) -> datetime | None:
    """Return the first date in a byline or dateline block."""
    dates = (find_date(text[block.start : block.end]) for block in blocks if block.role == "byline_dateline")
    return next((date for date in dates if date is not None), None)


def _trimmed(line: str, start: int) -> tuple[int, int]:
    return start + len(line) - len(line.lstrip()), start + len(line.rstrip())


def _language_of(line: str, article: str) -> str:
    """Short lines are taken to be in the article's language, because their own cannot be told reliably."""
    if width(line) < _LANGUAGE_WIDTH:
        return article
    code, probability = identify_language(line[:_LANGUAGE_SAMPLE])
    return code if probability >= _LANGUAGE_PROBABILITY else article


def is_dateline(line: str) -> bool:
    """Say whether a line is mostly a date or a time, a byline, or a name beside a date."""
    if is_time(line):
        return True
    if width(line) > 120 or (ends_sentence(line) and len(line.split()) > 12):
        return False
    if starts_as_byline(line) and len(line.split()) <= 12:
        return True
    return find_date(line) is not None and width(line) <= 70


class _Roles:
    """Works out the roles of all lines: the article's run of lines first, then what stands before, in and after it."""

    def __init__(self, lines: Sequence[str], languages: Sequence[str], language: str, title: str) -> None:
        self.lines = lines
        self.languages = languages
        self.language = language
        self.keys = [" ".join(line.casefold().split()) for line in lines]
        self.title = " ".join(title.casefold().split())
        self.inside = article_lines(lines)
        self.roles: list[str] = [""] * len(lines)
        self.authors: list[str] = []

    def all(self) -> list[str]:
        if not any(self.inside):
            return self._without_running_text()
        first = self._first_of_article()
        last = len(self.lines) - 1 - self.inside[::-1].index(True)
        self._mark_lead(first)
        self.authors = self._named_in_bylines(first)
        self._mark_middle(first, last)
        self._mark_tail(last)
        self._mark_repetitions()
        return self.roles

    def _first_of_article(self) -> int:
        """Short lines right before the first paragraph are taken up with it, but stand over it."""
        first = self.inside.index(True)
        following = first + 1
        while following < len(self.lines) and self.inside[following] and self._stands_over(following - 1):
            following += 1
        return following - 1

    def _stands_over(self, at: int) -> bool:
        return width(self.lines[at]) <= 120 and not ends_sentence(self.lines[at])

    def _without_running_text(self) -> list[str]:
        roles = ["byline_dateline" if is_dateline(line) else "body" for line in self.lines]
        if len(roles) > 1 and not ends_sentence(self.lines[0]) and "body" in roles[1:]:
            roles[0] = "headline"
        return roles

    def _mark_lead(self, end: int) -> None:
        headline = self._headline_before(end)
        for at in range(end):
            line = self.lines[at]
            if at == headline:
                role = "headline"
            elif is_credit(line):
                role = "caption"
            elif is_dateline(line) or (headline is not None and at > headline and self._is_name(at, end)):
                role = "byline_dateline"
            elif headline is not None and abs(at - headline) <= 2 and self._is_subheadline(line):
                role = "subheadline"
            else:
                role = "boilerplate"
            self.roles[at] = role

    def _headline_before(self, end: int) -> int | None:
        """The title where it is known; else a line that is repeated; else the last that can be one."""
        possible = [at for at in range(end) if self._can_be_headline(at)]
        known = [at for at in possible if self.title and (self.keys[at] in self.title or self.title in self.keys[at])]
        repeated = [at for at in possible if self.keys.count(self.keys[at]) > 1 and width(self.lines[at]) >= 25]
        nearest = [at for at in possible if end - at <= 4] or possible
        return next(iter(known or repeated or nearest), None)

    def _can_be_headline(self, at: int) -> bool:
        line = self.lines[at]
        if not 12 <= width(line) <= _LONGEST_HEADLINE or (len(line.split()) < 3 and width(line) < 25):
            return False
        if is_dateline(line) or is_credit(line) or has_furniture(line) or is_tail_heading(line) or is_inline_link(line):
            return False
        return self.languages[at] == self.language

    def _is_name(self, at: int, end: int) -> bool:
        line = self.lines[at]
        return end - at <= 3 and len(line.split()) <= 5 and _NAME.fullmatch(_SEPARATORS.split(line)[0]) is not None

    def _is_subheadline(self, line: str) -> bool:
        return width(line) >= 20 and len(line.split()) >= 4 and not has_furniture(line) and not is_tail_heading(line)

    def _mark_middle(self, first: int, last: int) -> None:
        for at in range(first, last + 1):
            line = self.lines[at]
            if is_credit(line) and width(line) < 300:
                role = "caption"
            elif is_inline_link(line) or is_tail_heading(line):
                role = "related_links"
            elif width(line) < 70 and is_dateline(line):
                role = "byline_dateline"
            elif self._is_furniture(at) or is_promotion(line) or is_closing(line) or self._is_about_author(at):
                role = "boilerplate"
            else:
                role = "subheadline" if self._is_subheading(at) else "body"
            self.roles[at] = role

    def _is_furniture(self, at: int) -> bool:
        return not self.inside[at] and (has_furniture(self.lines[at]) or not self._is_lone(at))

    def _named_in_bylines(self, end: int) -> list[str]:
        """The names over the article, of two words at least."""
        lines = (self.lines[at] for at in range(end) if self.roles[at] == "byline_dateline")
        names = (found.group() for line in lines if (found := _NAME.search(without_byline_start(line))))
        return [name.casefold() for name in names if " " in name]

    def _is_about_author(self, at: int) -> bool:
        """A paragraph that begins with the author's own name says who that is."""
        return self.keys[at].startswith(tuple(self.authors)) and width(self.lines[at]) <= 400

    def _is_lone(self, at: int) -> bool:
        """A short line alone between paragraphs belongs to them."""
        return self.inside[at - 1] and at + 1 < len(self.inside) and self.inside[at + 1]

    def _is_subheading(self, at: int) -> bool:
        line = self.lines[at]
        if ends_sentence(line) or width(line) > 90 or at + 1 >= len(self.lines) or not line[:1].isalpha():
            return False
        following = self.lines[at + 1]
        return width(following) > 120 and ends_sentence(following)

    def _mark_tail(self, last: int) -> None:
        listed_as = ""
        for at in range(last + 1, len(self.lines)):
            line = self.lines[at]
            if is_tail_heading(line):
                listed_as = "boilerplate" if is_comment_heading(line) else "related_links"
            if has_furniture(line):
                role = "boilerplate"
            elif listed_as:
                role = listed_as
            elif is_credit(line):
                role = "caption"
            elif at - last <= 3 and is_dateline(line):
                role = "byline_dateline"
            else:
                role = "boilerplate"
            self.roles[at] = role

    def _mark_repetitions(self) -> None:
        """A second time the same line, or the headline in another language, is a duplicate or a translation."""
        seen: set[str] = set()
        headline = self.roles.index("headline") if "headline" in self.roles else -1
        for at, key in enumerate(self.keys):
            repeated = key in seen and width(self.lines[at]) >= 20 and self.roles[at] != "headline"
            if repeated or (abs(at - headline) <= 3 and self._is_foreign_title(at)):
                self.roles[at] = "duplicate_or_translation"
            if at >= headline or key != self.keys[headline]:
                seen.add(key)

    def _is_foreign_title(self, at: int) -> bool:
        if self.languages[at] == self.language:
            return False
        return self.roles[at] not in ("headline", "body", "caption") and width(self.lines[at]) <= _LONGEST_HEADLINE
