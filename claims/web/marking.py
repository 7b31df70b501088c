"""A text cut into runs for display: which marks lie on which piece. Plain Python, code points in and out.

Marks may overlap and nest; the text is cut at every boundary, so each run carries the set of its marks. Templates
print runs as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """`text[start:end]` is of this kind; `number` tells what it belongs to (a claim's id, say)."""

    start: int
    end: int
    kind: str
    number: int = 0
    name: str = ""  # by which a link leads to its beginning


@dataclass(frozen=True)
class Run:
    """A piece of text under one set of marks."""

    text: str
    kinds: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()  # numbers of the marks that begin with this run: jump targets
    name: str = ""  # of a mark that begins with this run

    @property
    def classes(self) -> str:
        return " ".join(self.kinds)


@dataclass
class Block:
    """A paragraph as it is shown: its role on the page and its runs."""

    role: str
    runs: list[Run] = field(default_factory=list)
    language: str = "und"
    is_near: bool = False  # holds the mark in focus
    start: int = 0  # where it begins in the text, in code points

    @property
    def plain(self) -> str:
        """Its text where nothing is marked in it, as in most of them: a template prints that in one go."""
        return "" if any(run.kinds for run in self.runs) else "".join(run.text for run in self.runs)


def runs_of(text: str, start: int, end: int, marks: Iterable[Mark], seen: set[int] | None = None) -> list[Run]:
    """`text[start:end]` as runs. `seen` collects which numbers have begun, so that each is a jump target once."""
    seen = set() if seen is None else seen
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    cuts = sorted({start, end, *(max(m.start, start) for m in inside), *(min(m.end, end) for m in inside)})
    runs = []
    for left, right in pairwise(cuts):
        here = [mark for mark in inside if mark.start <= left and mark.end >= right]
        numbers = tuple(dict.fromkeys(mark.number for mark in here if mark.number))
        starts = tuple(number for number in numbers if number not in seen)
        seen.update(starts)
        name = next((mark.name for mark in here if mark.name and mark.start == left), "")
        runs.append(Run(text[left:right], tuple(dict.fromkeys(mark.kind for mark in here)), numbers, starts, name))
    return runs


def blocks_of(
    text: str, segments: Sequence[tuple[int, int, str, str]], marks: Sequence[Mark], seen: set[int] | None = None
) -> list[Block]:
    """The text by segments (start, end, role, language); a text without segments is one block. `seen` as in `runs_of`,
    where one page calls this for several stretches."""
    seen = set() if seen is None else seen
    ordered = sorted(marks, key=lambda mark: mark.start)
    blocks = []
    first = 0  # marks before it end before the current segment: each mark is looked at a few times, not once a block
    longest = max((mark.end - mark.start for mark in ordered), default=0)
    for start, end, role, language in segments or [(0, len(text), "body", "und")]:
        while first < len(ordered) and ordered[first].start + longest < start:
            first += 1
        near = []
        for mark in ordered[first:]:
            if mark.start >= end:
                break
            near.append(mark)
        block = Block(role, runs_of(text, start, end, near, seen), language, start=start)
        block.is_near = any("focus" in run.kinds for run in block.runs)
        blocks.append(block)
    return blocks
