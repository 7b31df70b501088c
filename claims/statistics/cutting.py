"""How alike two people cut one text into claims: spans that match, boundaries, alpha-U; pure Python and numpy.

Each figure is a share of two sums over articles, so that an interval leaves out or draws whole articles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .intervals import Interval, Sample, interval
from .spans import Span, apart, unitizing
from .tables import Floats

LOOSE = 0.5  # spans match from this share of joint characters on
REACH = 2  # places that a boundary may be apart to be a near miss: less than this many words
FIGURES = ("f1_exact", "f1_loose", "boundary", "alpha_u")
NOTHING_CUT = "nothing_cut"
UNDEFINED = Interval(None, None, "undefined", None, 0)


@dataclass(frozen=True)
class CutText:
    """One article as several people cut it: `cuts` by person, spans of characters in order of their start.

    `words` are the places of its words, in order; `length` is that of the text in characters.
    """

    cuts: dict[int, Sequence[Span]]
    words: Sequence[Span]
    length: int


@dataclass(frozen=True)
class CutFigure:
    """A figure with its 95 % interval by article, or None with `reason`."""

    name: str  # one of FIGURES
    value: float | None
    reason: str | None
    interval: Interval
    n_articles: int


@dataclass(frozen=True)
class Boundaries:
    """Boundaries of two people: in the same place, a word apart (near), and of one person only."""

    same: int
    near: int
    alone: int

    @property
    def distance(self) -> float:
        """Cost of the edits: a boundary of one person only 1, a near miss of one word in a reach of two 1/2."""
        return self.alone + self.near / REACH

    @property
    def most(self) -> int:
        return self.same + self.near + self.alone


def boundary_similarity(one: Iterable[int], other: Iterable[int]) -> float | None:
    """1 - edits over boundaries (Fournier 2013, Evaluating Text Segmentation using Boundary Edit Distance, ACL, B with
    one type of boundary, n_t = 2 and his default weights). None when neither has a boundary."""
    found = boundaries(one, other)
    return 1 - found.distance / found.most if found.most else None


def boundaries(one: Iterable[int], other: Iterable[int]) -> Boundaries:
    """Places are gaps between words. Near misses are paired from the left, each boundary once."""
    mine, theirs = set(one), set(other)
    same = len(mine & theirs)
    left, right = mine - theirs, theirs - mine
    near = 0
    for place in sorted(left):
        partner = next((place + step for step in (-1, 1) if place + step in right), None)
        if partner is not None:
            right.discard(partner)
            near += 1
    return Boundaries(same, near, len(left) - near + len(right))


def places(spans: Iterable[Span], words: Sequence[Span]) -> set[int]:
    """The gaps between words in which a claim begins or ends; the edges of the text are no choice of anybody's."""
    starts, ends = np.array([s for s, _ in words]), np.array([e for _, e in words])
    found: set[int] = set()
    for start, end in spans:
        found |= {int(np.searchsorted(ends, start, side="right")), int(np.searchsorted(starts, end, side="left"))}
    return found - {0, len(words)}


def cut_figures(texts: Sequence[CutText], *, seed: int = 0) -> list[CutFigure]:
    """All figures over all pairs of people. A text that fewer than two people cut plays no part."""
    several = [text for text in texts if len(text.cuts) > 1]
    if not several:
        return []
    lines = np.array([_sums(text, sorted(text.cuts)) for text in several], dtype=np.float64)
    return [_figure(name, lines[:, 2 * n : 2 * n + 2], seed) for n, name in enumerate(FIGURES)]


def pair_figures(texts: Sequence[CutText], *, seed: int = 0) -> dict[tuple[int, int], list[CutFigure]]:
    """The same figures for each two people, over the texts that both cut."""
    pairs = sorted({pair for text in texts for pair in combinations(sorted(text.cuts), 2)})
    return {
        pair: cut_figures(
            [
                CutText({person: text.cuts[person] for person in pair}, text.words, text.length)
                for text in texts
                if set(pair) <= text.cuts.keys()
            ],
            seed=seed,
        )
        for pair in pairs
    }


def _sums(text: CutText, people: Sequence[int]) -> list[float]:
    """Two columns a figure: what the figure is 1 minus a share of, or a share of."""
    exact = loose = spans = distance = most = 0.0
    at = {person: places(text.cuts[person], text.words) for person in people}
    for one, other in combinations(people, 2):
        exact += 2 * len(set(text.cuts[one]) & set(text.cuts[other]))
        loose += 2 * _loosely_alike(text.cuts[one], text.cuts[other])
        spans += len(text.cuts[one]) + len(text.cuts[other])
        found = boundaries(at[one], at[other])
        distance, most = distance + found.distance, most + found.most
    seen = unitizing([apart(text.cuts[person]) for person in people], 0, text.length)
    # Squared characters: added up over articles, a long one counts as it would in one text of all.
    scale = float(text.length) ** 2
    return [exact, spans, loose, spans, most - distance, most, (seen.expected - seen.observed) * scale,
            seen.expected * scale]  # fmt: skip


def _loosely_alike(one: Sequence[Span], other: Sequence[Span]) -> int:
    """Pairs that share at least LOOSE of what they cover together; each span once, best overlap first."""
    starts = [start for start, _ in other]
    longest = max((end - start for start, end in other), default=0)
    shares = []
    for i, (start, end) in enumerate(one):
        for j in range(bisect_right(starts, start - longest), bisect_left(starts, end)):
            low, high = other[j]
            share = (min(end, high) - max(start, low)) / (max(end, high) - min(start, low))
            if share >= LOOSE:
                shares.append((-share, i, j))
    mine: set[int] = set()
    theirs: set[int] = set()
    for _, i, j in sorted(shares):
        if i not in mine and j not in theirs:
            mine.add(i)
            theirs.add(j)
    return len(mine)


def _figure(name: str, columns: Floats, seed: int) -> CutFigure:
    used = columns[columns[:, 1] > 0]
    if not len(used):
        return CutFigure(name, None, NOTHING_CUT, UNDEFINED, 0)
    sample = Sample(used, np.ones(len(used), dtype=np.int64))
    value = float(_share(sample.total[None, :])[0])
    return CutFigure(name, value, None, interval(sample, value, _share, seed=seed), len(used))


def _share(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Floats = np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)
    return share
