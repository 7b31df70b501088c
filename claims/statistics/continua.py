"""Alpha-U and token alpha over many texts that people marked, each with a 95 % interval by article.

Both are ratios of sums over texts, so an interval leaves out or draws whole articles (`claims.statistics.intervals`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .intervals import Estimate, Interval, Sample, interval
from .spans import Span, apart, unitizing
from .tables import Floats

Marked = Mapping[str, Sequence[Span]]  # label -> spans


@dataclass(frozen=True)
class Continuum:
    """One text as several people marked it. `tokens` are its words in order; `length` counts its characters."""

    marked: Sequence[Marked]
    tokens: Sequence[Span]
    length: int
    article: int | None


def pooled_alpha_u(texts: Sequence[Continuum], *, seed: int = 0) -> tuple[float | None, Interval]:
    """Alpha-U (Krippendorff 1995, 2004), each label by itself, disagreements added up over labels and texts in squared
    characters. None where nobody marked anything."""
    rows = []
    for text in texts:
        seen = expected = 0.0
        for label in sorted({label for own in text.marked for label in own}):
            found = unitizing([apart(own.get(label, ())) for own in text.marked], 0, text.length)
            seen, expected = seen + found.observed, expected + found.expected
        rows.append([seen * float(text.length) ** 2, expected * float(text.length) ** 2])
    return _figure(rows, [text.article for text in texts], _alpha_of_sums, seed)


def pooled_token_alpha(texts: Sequence[Continuum], *, seed: int = 0) -> tuple[float | None, Interval]:
    """Krippendorff's nominal alpha over all tokens of all texts: inside a span (whatever its label) or outside."""
    rows = []
    for text in texts:
        inside = np.zeros((len(text.marked), len(text.tokens)))
        starts, ends = [start for start, _ in text.tokens], [end for _, end in text.tokens]
        for row, own in zip(inside, text.marked, strict=True):
            for start, end in (span for spans in own.values() for span in spans):
                row[bisect_right(ends, start) : bisect_left(starts, end)] = 1  # a span that touches a word holds it
        yes = inside.sum(axis=0)
        no = len(text.marked) - yes
        rows.append([float((yes * no).sum()) / max(len(text.marked) - 1, 1), float(no.sum()), float(yes.sum())])
    return _figure(rows, [text.article for text in texts], _nominal_alpha, seed)


def _alpha_of_sums(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha: Floats = np.where(sums[..., 1] > 0, 1 - sums[..., 0] / sums[..., 1], np.nan)
    return alpha


def _nominal_alpha(sums: Floats) -> Floats:
    """1 - (n - 1) D / (n0 n1), D the pairs inside a token that differ over one less than its labels."""
    differing, no, yes = sums[..., 0], sums[..., 1], sums[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha: Floats = np.where(no * yes > 0, 1 - (no + yes - 1) * differing / (no * yes), np.nan)
    return alpha


def _figure(
    rows: Sequence[Sequence[float]], articles: Sequence[int | None], estimate: Estimate, seed: int
) -> tuple[float | None, Interval]:
    undefined = Interval(None, None, "undefined", None, 0)
    if not rows:
        return None, undefined
    keys = [("article", of) if of is not None else ("text", n) for n, of in enumerate(articles)]
    places = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    sums = np.zeros((len(places), len(rows[0])))
    for key, row in zip(keys, rows, strict=True):
        sums[places[key]] += row
    used = sums[sums.any(axis=1)]
    value = float(estimate(used.sum(axis=0)[None, :])[0]) if len(used) else float("nan")
    if np.isnan(value):
        return None, undefined
    found = interval(Sample(used, np.ones(len(used), dtype=np.int64)), value, estimate, seed=seed)
    is_one_article = found.reason == "too_few_units" and len(rows) > 1
    return value, replace(found, reason="too_few_articles") if is_one_article else found
