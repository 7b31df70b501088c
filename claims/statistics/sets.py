"""Answers that are sets of tags: how far two sets are apart, and sets as the choices of an alpha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from .scales import Scale
from .score import Score
from .scoring import score_labels
from .tables import Floats, LabelTable, Pattern, table_from_articles, table_from_matrix

Tags = frozenset[str]


def jaccard_distance(one: Tags, other: Tags) -> float:
    """1 - shared over all tags; two empty sets are the same answer (Jaccard 1912)."""
    together = one | other
    return 1 - len(one & other) / len(together) if together else 0.0


def masi_distance(one: Tags, other: Tags) -> float:
    """1 - Jaccard x monotonicity: 1 for equal sets, 2/3 subset, 1/3 overlap, 0 nothing shared (Passonneau 2006)."""
    if one == other:
        return 0.0
    shared = one & other
    monotonicity = 2 / 3 if shared in (one, other) else 1 / 3
    return 1 - (1 - jaccard_distance(one, other)) * monotonicity if shared else 1.0


def exact_distance(one: Tags, other: Tags) -> float:
    return float(one != other)


SET_DISTANCES: dict[str, Callable[[Tags, Tags], float]] = {
    "masi": masi_distance,
    "jaccard": jaccard_distance,
    "nominal_exact_set": exact_distance,
}


def set_distance_matrix(sets: Sequence[Tags], distance: str) -> Floats:
    """sets x sets: the distance used as the squared difference of alpha."""
    measure = SET_DISTANCES[distance]
    return np.array([[measure(one, other) for other in sets] for one in sets]).reshape(len(sets), len(sets))


def score_sets(
    rows: Iterable[Sequence[Iterable[str] | None]],
    distance: str,
    *,
    articles: Sequence[int | None] | None = None,
    seed: int = 0,
) -> Score:
    """Krippendorff's alpha of a units x reviewers matrix of tag sets, None where a reviewer gave no label.

    The choices are the sets that occur; one set alone is no variation, not a question with a single choice. With
    `articles`, one for each unit (None: it comes from none), the interval is resampled by article.
    """
    answers = [[None if tags is None else frozenset(tags) for tags in row] for row in rows]
    sets = sorted({tags for row in answers for tags in row if tags is not None}, key=sorted)
    index = {tags: number for number, tags in enumerate(sets)}
    coded = [[None if tags is None else index[tags] for tags in row] for row in answers]
    size = max(len(sets), 2)
    distances = np.zeros((size, size))
    distances[: len(sets), : len(sets)] = set_distance_matrix(sets, distance)
    table = table_from_matrix(coded, size) if articles is None else _table_by_article(coded, size, articles)
    return score_labels(table, "krippendorff_alpha", Scale(size), distances, seed=seed)


def _table_by_article(coded: Sequence[Sequence[int | None]], size: int, articles: Sequence[int | None]) -> LabelTable:
    within: Counter[tuple[int, Pattern]] = Counter()
    alone: Counter[Pattern] = Counter()
    for row, article in zip(coded, articles, strict=True):
        given = Counter(row)
        pattern = tuple(given[choice] for choice in range(size))
        if article is None:
            alone[pattern] += 1
        else:
            within[article, pattern] += 1
    return table_from_articles(within, size, alone=alone)
