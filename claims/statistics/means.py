"""The mean of a share that each unit has of its own (F1 of two people's marks, sources in common), with an interval.

Units of one article are not independent, so the article is what is left out or drawn (`claims.statistics.intervals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .intervals import Interval, Sample, interval
from .tables import Floats


def mean_with_interval(
    shares: Sequence[float], articles: Sequence[int | None], *, seed: int = 0
) -> tuple[float | None, Interval]:
    """Mean over units of `shares`, each 0 to 1, and its 95 % interval; (None, `undefined`) without a unit.

    articles  one for each unit; None where the unit comes from none, which makes it one of its own
    """
    if not shares:
        return None, Interval(None, None, "undefined", None, 0)
    keys = [("article", of) if of is not None else ("unit", n) for n, of in enumerate(articles)]
    places = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    sums = np.zeros((len(places), 2))
    for key, share in zip(keys, shares, strict=True):
        sums[places[key]] += (share, 1)
    value = float(sums[:, 0].sum() / sums[:, 1].sum())
    alone = Sample(np.column_stack([shares, np.ones(len(shares))]), np.ones(len(shares), dtype=np.int64))
    found = interval(Sample(sums, np.ones(len(places), dtype=np.int64)), value, _mean, seed=seed, units=alone)
    if found.low is not None:
        return value, replace(found, low=max(found.low, 0.0))
    is_one_article = found.reason == "too_few_units" and len(shares) > 1
    return value, replace(found, reason="too_few_articles") if is_one_article else found


def _mean(totals: Floats) -> Floats:
    means: Floats = totals[..., 0] / totals[..., 1]
    return means
