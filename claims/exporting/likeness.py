"""Near-duplicates across splits: units whose words are nearly those of a unit elsewhere.

Likeness is Jaccard's, of the sets of words (Unicode letters and digits, casefolded). Candidates share one of BANDS
bands of a MinHash signature (Broder 1997; bands as in Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4):
a pair at the limit is found with a chance of 1 - (1 - 0.8^4)^8 = 0.985. Every candidate is then compared exactly.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

LIKE = 0.8
BANDS, A_BAND = 8, 4
COMPARED = 5  # of each split, with every unit of a band; so what is counted is a lower bound where many are alike
WORD = re.compile(r"\w+")
_draw = np.random.default_rng(20_220_101)
PRIME = (1 << 31) - 1
FACTORS = _draw.integers(1, PRIME, BANDS * A_BAND, dtype=np.int64)
OFFSETS = _draw.integers(0, PRIME, BANDS * A_BAND, dtype=np.int64)

Words = frozenset[int]


def words_of(text: str) -> Words:
    """Hashes of the words, 31 bits each."""
    return frozenset(zlib.crc32(word.encode()) & PRIME for word in WORD.findall(text.casefold()))


def _bands(words: Words) -> list[int]:
    hashed = (np.fromiter(words, np.int64)[:, None] * FACTORS + OFFSETS) % PRIME
    lowest = hashed.min(axis=0).reshape(BANDS, A_BAND)
    return [hash((n, *map(int, band))) for n, band in enumerate(lowest)]


def near_duplicates(texts: Iterable[tuple[str, str]]) -> int:
    """How many of these (split, text) are nearly the words of one in another split."""
    kept: list[tuple[str, Words]] = []
    bands: dict[int, list[int]] = defaultdict(list)
    for split, text in texts:
        if words := words_of(text):
            for band in _bands(words):
                bands[band].append(len(kept))
            kept.append((split, words))
    alike: set[int] = set()
    for members in bands.values():
        alike.update(_alike([(n, *kept[n]) for n in members if n not in alike], [kept[n] for n in members]))
    return len(alike)


def _alike(members: list[tuple[int, str, Words]], among: list[tuple[str, Words]]) -> Iterator[int]:
    if len({split for split, _ in among}) < 2:
        return
    some: dict[str, dict[Words, None]] = defaultdict(dict)
    for split, words in among:
        if len(some[split]) < COMPARED:
            some[split].setdefault(words)
    for n, split, words in members:
        others = (other for elsewhere, found in some.items() if elsewhere != split for other in found)
        if any(len(words & other) >= LIKE * len(words | other) for other in others):
            yield n
