"""Where a quote stands in a text: exactly, loosely (white space and marks), or nearly; never by offsets it came with.

What is kept is always what stands in the text. A near place says that the model did not copy: the figures are the same,
but a word such as “not” may not be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

LEAST_NEAR = 0.95  # share of equal characters; below it the quote counts as not found
SHORTEST_NEAR = 24  # code points; a shorter quote has to stand as it is
MARKS = re.compile("[“”„‟«»\"‘’‚‛'`´]")

FIGURE = re.compile(r"\d+")


@dataclass(frozen=True)
class Place:
    """`text[start:end]`, and how it was found."""

    start: int
    end: int
    how: str


def locate_quote(text: str, quote: str, start: int = 0, end: int | None = None) -> Place | None:
    """The first place of the quote within `text[start:end]`, or None."""
    end = len(text) if end is None else end
    wanted = quote.strip()
    if not wanted:
        return None
    at = text.find(wanted, start, end)
    if at >= 0:
        return Place(at, at + len(wanted), "exact")
    found = _loose(wanted).search(text, start, end)
    if found is not None:
        return Place(found.start(), found.end(), "loose")
    return _near(text, wanted, start, end)


def _loose(wanted: str) -> re.Pattern[str]:
    """The same words, whatever white space and whichever quotation marks stand there."""
    parts = []
    for word in wanted.split():
        pieces = MARKS.split(word)
        parts.append(f"{MARKS.pattern}?".join(re.escape(piece) for piece in pieces))
    return re.compile(r"\s+".join(parts))


def _near(text: str, wanted: str, start: int, end: int) -> Place | None:
    """Around the longest common run, the window of whole words that is most alike."""
    if len(wanted) < SHORTEST_NEAR:
        return None
    window = text[start:end]
    run = SequenceMatcher(None, window, wanted, autojunk=False).find_longest_match()
    if run.size < len(wanted) // 4:
        return None
    about = start + run.a - run.b
    slack = max(4, len(wanted) // 20)
    begins = [at for at in range(about - slack, about + slack + 1) if start <= at < end and _is_edge(text, at)]
    ends = [
        at
        for at in range(about + len(wanted) - slack, about + len(wanted) + slack + 1)
        if start < at <= end and _is_edge(text, at)
    ]
    figures = FIGURE.findall(wanted)
    best: tuple[float, int, int] | None = None
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    for first in begins:
        for last in ends:
            matcher.set_seq1(text[first:last])
            if matcher.quick_ratio() >= LEAST_NEAR:
                ratio = matcher.ratio()
                same = FIGURE.findall(text[first:last]) == figures
                if same and ratio >= LEAST_NEAR and (best is None or ratio > best[0]):
                    best = (ratio, first, last)
    return Place(best[1], best[2], "near") if best is not None else None


def _is_edge(text: str, at: int) -> bool:
    """A word begins or ends here."""
    if at in {0, len(text)}:
        return True
    return not (text[at - 1].isalnum() and text[at].isalnum())
