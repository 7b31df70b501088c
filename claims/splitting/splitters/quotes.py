"""Quotation marks of every style: where speech in quotes begins and ends, also nested, unclosed and continued."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from claims.splitting.splitters.shapes import Span

PAIRS = {
    '"': '"', "“": "”", "”": "”", "„": "“”‟", "«": "»", "»": "«", "‘": "’", "‚": "‘’", "‹": "›",
    "「": "」", "『": "』", "《": "》", "〝": "〞",
}  # fmt: skip
APOSTROPHES = "’'"
_MARK = re.compile("[“„«»‘‚‹「『《〝\"'”]")
MARKS = frozenset('“”„‟«»‘’‚‹›「」『』《》〝〞"')
MASK = "\ue000"


@dataclass(frozen=True)
class Quote:
    """One quotation; `start` and `end` include the marks, `inner` does not. `closed` is False when no mark ends it."""

    start: int
    end: int
    inner: Span
    closed: bool


def find_quotes(view: str, start: int, end: int) -> list[Quote]:
    """The outermost quotations in view[start:end], in order. An unclosed one runs to the end of its paragraph."""
    found: list[Quote] = []
    position = start
    while (mark := _MARK.search(view, position, end)) is not None:
        position = mark.start()
        if not _opens(view, position, start):
            position += 1
            continue
        close = _close(view, position, end)
        if close is None:
            stop = view.find("\n", position, end)
            stop = end if stop < 0 else stop
            if view[position] in "»\"'" and not _is_long(view, position, stop):
                position += 1
                continue
            found.append(Quote(position, stop, (position + 1, stop), closed=False))
            position = stop
        else:
            found.append(Quote(position, close + 1, (position + 1, close), closed=True))
            position = close + 1
    return found


def _is_long(view: str, start: int, stop: int) -> bool:
    return stop - start > 30 and view[start + 1 : start + 2].isalnum()


def _opens(view: str, position: int, start: int) -> bool:
    mark = view[position]
    if mark not in PAIRS and mark != "'":
        return False
    before = view[position - 1] if position > start else " "
    after = view[position + 1] if position + 1 < len(view) else " "
    if mark in "'\"‘‚":
        return not before.isalnum() and not after.isspace() and before not in ".,!?"
    if mark == "”":  # ”…” in Swedish and Finnish: it opens only where nothing is open that it could close
        return (before.isspace() or before in "([–—-") and after.isalnum()
    if mark == "»":
        return not before.isalnum() and before not in ".,!?…" and after.isalnum()
    return True


def _close(view: str, position: int, end: int) -> int | None:
    mark = view[position]
    closers = PAIRS.get(mark, mark)
    depth = 0
    limit = view.find("\n", position, end)
    for place in range(position + 1, end if limit < 0 else limit):
        character = view[place]
        if character in closers and _may_close(view, position, place, closers):
            if depth == 0:
                return place
            depth -= 1
        elif character == mark and mark not in "\"'":
            depth += 1
    return None


def _may_close(view: str, opened: int, place: int, closers: str) -> bool:
    """An apostrophe is no closing mark: inside a word never, after a plural s only when nothing better follows."""
    before, after = view[place - 1], view[place + 1 : place + 2]
    if view[place] not in APOSTROPHES:
        return view[place] != '"' or not (before.isspace() and after.isalnum())
    if after.isalnum():
        return False
    if before in "sz" and after == " ":
        rest = view[place + 1 : place + 400].split("\n", maxsplit=1)[0]
        further = next((i for i, c in enumerate(rest) if c in closers and not rest[i + 1 : i + 2].isalnum()), -1)
        opens = rest.find(view[opened])
        return further < 0 or 0 <= opens < further
    return True


def without_lone_marks(view: str, span: Span, quotes: Sequence[Quote]) -> Span:
    """The span without a mark at its edge whose partner lies outside: `on the bus “` where the quotation belongs to the
    next claim. A span that begins inside a quotation and goes on after it takes the opening mark along."""
    start, end = span
    for quote in quotes:
        opening, closing = quote.start, quote.inner[1]
        if quote.closed and quote.inner[0] == start < closing < end - 1:
            start = opening
        elif quote.closed and closing <= start < quote.end:
            start = quote.end + _loose(view[quote.end : end])
        elif opening < end <= quote.inner[0]:
            end = opening - _loose(view[start:opening][::-1])
    return (start, end) if start < end else span


def _loose(words: str) -> int:
    """How many blanks, commas and dashes they begin with."""
    return len(words) - len(words.lstrip(" \n,;:–—-"))


def masked(view: str, start: int, end: int, quotes: list[Quote]) -> str:
    """view[start:end] with everything inside quotation marks replaced by U+E000, code point for code point."""
    pieces: list[str] = []
    at = start
    for quote in quotes:
        low, high = max(start, quote.inner[0]), min(end, quote.inner[1])
        if low < high:
            pieces += [view[at:low], MASK * (high - low)]
            at = high
    return "".join((*pieces, view[at:end]))
