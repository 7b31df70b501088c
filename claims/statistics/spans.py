"""Agreement on marked spans: alpha-U of 1995/2004, alpha of single characters, and pairwise F1.

Krippendorff's later family (2016, 2019) weighs overlaps differently: name the version beside the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .scales import Scale
from .scoring import score_labels
from .tables import LabelTable

Span = tuple[int, int]  # start, end: whole positions, the end is not part of the span


@dataclass(frozen=True)
class Unitizing:
    """Disagreement seen and expected; `alpha` is None when no reviewer marked anything, as nothing can be expected."""

    observed: float
    expected: float

    @property
    def alpha(self) -> float | None:
        return 1 - self.observed / self.expected if self.expected else None


def unitizing(marked: Sequence[Iterable[Span]], begin: int, length: int) -> Unitizing:
    """Disagreement of reviewers who marked spans of one label in a text of `length` positions from `begin` on.

    Krippendorff (1995), On the reliability of unitizing continuous data, Sociological Methodology 25:47-76, also
    (2004) Content Analysis, 2nd edition, section 11.6. Spans of one reviewer must not overlap. Both figures follow
    squared lengths over the squared length of the text.
    """
    spans = [sorted(own) for own in marked]
    gaps = [_gaps(own, begin, begin + length) for own in spans]
    reviewers = len(spans)
    if reviewers < 2 or not length:
        return Unitizing(0.0, 0.0)
    seen = sum(
        _difference(spans[one], gaps[one], spans[other], gaps[other])
        for one, other in combinations(range(reviewers), 2)
    )
    observed = 2 * seen / (reviewers * (reviewers - 1) * length**2)
    return Unitizing(observed, _expected(spans, gaps, length))


def _gaps(spans: Sequence[Span], begin: int, end: int) -> list[Span]:
    edges = [begin, *(edge for span in spans for edge in span), end]
    return [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]


def _difference(spans: list[Span], gaps: list[Span], other_spans: list[Span], other_gaps: list[Span]) -> int:
    """Squared distances of the ends of overlapping spans; a span inside the other's gap costs its squared length."""
    ends = sum(
        (start - other_start) ** 2 + (end - other_end) ** 2
        for start, end in spans
        for other_start, other_end in other_spans
        if start < other_end and other_start < end
    )
    return ends + _missed(spans, other_gaps) + _missed(other_spans, gaps)


def _missed(spans: list[Span], gaps: list[Span]) -> int:
    return sum(
        (end - start) ** 2
        for start, end in spans
        for gap_start, gap_end in gaps
        if gap_start <= start and end <= gap_end
    )


def _expected(spans: list[list[Span]], gaps: list[list[Span]], length: int) -> float:
    """Mean difference when all spans are shifted along the texts of all reviewers, each place as likely as any."""
    lengths = [end - start for own in spans for start, end in own]
    gap_lengths = [end - start for own in gaps for start, end in own]
    meets_spans = sum((len(lengths) - 1) / 3 * (2 * size**3 - 3 * size**2 + size) for size in lengths)
    meets_gaps = sum(size**2 * sum(gap - size + 1 for gap in gap_lengths if gap >= size) for size in lengths)
    whole = len(spans) * length
    places = whole * (whole - 1) - sum(size * (size - 1) for size in lengths)
    return 2 / length * (meets_spans + meets_gaps) / places if lengths else 0.0


def apart(spans: Iterable[Span]) -> list[Span]:
    """Spans that lie over each other become one: alpha-U takes none that do."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def unitizing_of_labels(by_label: Mapping[str, Unitizing]) -> Unitizing:
    """All labels together: means of both disagreements over the labels."""
    number = max(len(by_label), 1)
    return Unitizing(
        sum(part.observed for part in by_label.values()) / number,
        sum(part.expected for part in by_label.values()) / number,
    )


def character_alpha(marked: Sequence[Iterable[Span]], begin: int, length: int) -> float | None:
    """Nominal alpha over single positions: inside or outside a span. None when undefined."""
    inside = np.zeros((len(marked), length), dtype=np.int64)
    for row, spans in zip(inside, marked, strict=True):
        for start, end in spans:
            row[start - begin : end - begin] = 1
    positive = inside.sum(axis=0)
    pattern, units = np.unique(positive, return_counts=True)
    counts = np.column_stack([len(marked) - pattern, pattern]).astype(np.int64)
    return score_labels(LabelTable(counts, units.astype(np.int64)), "krippendorff_alpha", Scale(2)).value


def token_alpha(marked: Sequence[Iterable[Span]], tokens: Sequence[Span]) -> float | None:
    """Nominal alpha over tokens, each inside when a span touches it: steadier than characters where ends differ by a
    letter. None when undefined."""
    touched = [
        [
            (place, place + 1)
            for place, (start, end) in enumerate(tokens)
            if any(first < end and start < last for first, last in own)
        ]
        for own in map(list, marked)
    ]
    return character_alpha(touched, 0, len(tokens))


def span_f1(marked: Sequence[Iterable[Span]], overlap: float | None = None) -> float | None:
    """Mean F1 over pairs of reviewers; None when nobody marked anything.

    Spans match when they are equal, or, given `overlap`, when shared over joint length reaches it. Each span is
    matched once, best overlap first.
    """
    found = [_pair_f1(list(one), list(other), overlap) for one, other in combinations(list(map(list, marked)), 2)]
    scored = [f1 for f1 in found if f1 is not None]
    return sum(scored) / len(scored) if scored else None


def _pair_f1(one: list[Span], other: list[Span], overlap: float | None) -> float | None:
    if not one and not other:
        return None
    pairs = sorted(((_overlap(a, b), i, j) for i, a in enumerate(one) for j, b in enumerate(other)), reverse=True)
    taken: set[tuple[str, int]] = set()
    matches = 0
    for share, i, j in pairs:
        enough = share == 1 if overlap is None else share >= overlap
        if enough and ("one", i) not in taken and ("other", j) not in taken:
            taken |= {("one", i), ("other", j)}
            matches += 1
    return 2 * matches / (len(one) + len(other))


def _overlap(one: Span, other: Span) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    joint = max(one[1], other[1]) - min(one[0], other[0])
    return max(shared, 0) / joint if joint else 1.0
